import type { Birth, StoredResponse } from "../../src/cache/entry.ts";
import { crc32 } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createStoredResponse } from "../../src/cache/entry.ts";
import { decodeFrame, encodeFrame } from "../../src/cache/frame.ts";
import { isTag } from "../../src/cache/tags.ts";
import { KEY, sample } from "./sample.ts";

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const coding = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((array) => Buffer.from(array));
const key = fc.string({ unit: "grapheme", maxLength: 200 });
const tag = fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }).filter((text) => isTag(text));
const metadata = fc.record(
  {
    id: fc.string({ maxLength: 40 }),
    code: fc.string({ unit: "grapheme", maxLength: 40 }),
    modified: fc.double({ min: 0, max: 4e9, noNaN: true }),
  },
  { requiredKeys: ["id"] },
);
const birth: fc.Arbitrary<Birth> = fc.record(
  {
    found: fc.boolean(),
    body: bytes,
    hash: fc.stringMatching(/^[A-Za-z0-9_-]{0,22}$/),
    codings: fc.record({ gzip: coding, br: coding }, { requiredKeys: [] }),
    storedAt: fc.integer({ min: 0, max: 4e12 }),
    freshSeconds: fc.integer({ min: 0, max: 366 * 86_400 }),
    staleSeconds: fc.integer({ min: 0, max: 366 * 86_400 }),
    tags: fc.array(tag, { maxLength: 8 }),
    startedAt: fc.record({
      generation: fc.string({ maxLength: 36 }),
      id: fc.stringMatching(/^[0-9]{15}-[0-9]{20}$/),
      tick: fc.constant(0),
    }),
    metadata,
    alias: key,
  },
  { requiredKeys: ["found", "body", "hash", "storedAt", "freshSeconds", "staleSeconds", "tags", "startedAt"] },
);

/** The same with its header changed and the checksum made right again: what a program that writes nonsense would leave. */
function withHeader(frame: Buffer, change: (header: Record<string, unknown>) => unknown): Buffer {
  const end = 12 + frame.readUInt32BE(8);
  const header = Buffer.from(JSON.stringify(change(JSON.parse(frame.subarray(12, end).toString()) as Record<string, unknown>)));
  const changed = Buffer.concat([frame.subarray(0, 12), header, frame.subarray(end)]);
  changed.writeUInt32BE(header.length, 8);
  changed.writeUInt32BE(crc32(changed.subarray(8)), 4);
  return changed;
}

describe("what was written comes back", () => {
  test("any entry under any key", () => {
    fc.assert(
      fc.property(key, birth, (name, born) => {
        const entry = createStoredResponse(born);
        expect(decodeFrame(name, encodeFrame(name, entry))).toEqual(entry);
      }),
    );
  });

  test("without what means nothing elsewhere: the back-off and the local tick", () => {
    const entry: StoredResponse = { ...sample(), backoff: { retryAt: 1, failures: 2, failedAt: sample().startedAt } };
    const read = decodeFrame(KEY, encodeFrame(KEY, { ...entry, startedAt: { ...entry.startedAt, tick: 7 } }));
    expect(read).toEqual(sample({ storedAt: entry.storedAt }));
  });

  test("begins with PBF and the version of the format", () => {
    expect(encodeFrame(KEY, sample()).subarray(0, 4).toString("latin1")).toBe("PBF\u0002");
  });
});

describe("nothing else is believed", () => {
  test("one byte that differs, anywhere", () => {
    const frame = encodeFrame(KEY, sample({ codings: { gzip: Buffer.from("gz"), br: Buffer.from("br") } }));
    for (let at = 0; at < frame.length; at += 1) {
      for (const mask of [1, 0x80, 0xff]) {
        const broken = Buffer.from(frame);
        broken[at] = (broken[at] ?? 0) ^ mask;
        expect(decodeFrame(KEY, broken), `byte ${at} ^ ${mask}`).toBeUndefined();
      }
    }
  });

  test("a frame that was cut or lengthened", () => {
    const frame = encodeFrame(KEY, sample());
    for (let length = 0; length < frame.length; length += 1) expect(decodeFrame(KEY, frame.subarray(0, length))).toBeUndefined();
    expect(decodeFrame(KEY, Buffer.concat([frame, Buffer.from("\0")]))).toBeUndefined();
  });

  test("any other bytes, with our magic before them or not", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.boolean(), (noise, ours) => {
        expect(decodeFrame(KEY, Buffer.concat([Buffer.from(ours ? "PBF\u0002" : ""), noise]))).toBeUndefined();
      }),
    );
  });

  test("another key's frame", () => {
    expect(decodeFrame(KEY.replace("5f1", "5f2"), encodeFrame(KEY, sample()))).toBeUndefined();
  });

  test("another version of the format", () => {
    const frame = encodeFrame(KEY, sample());
    frame[3] = 1;
    expect(decodeFrame(KEY, frame)).toBeUndefined();
  });

  test("a body and codings beyond 4 MiB", () => {
    expect(decodeFrame(KEY, encodeFrame(KEY, sample({ body: Buffer.alloc(4 * 1024 * 1024) })))).toBeUndefined();
  });

  test("the header as it was, with its checksum made again, is believed", () => {
    const entry = sample();
    expect(
      decodeFrame(
        KEY,
        withHeader(encodeFrame(KEY, entry), (header) => header),
      ),
    ).toEqual(entry);
  });

  test.each([
    ["found", "yes"],
    ["hash", 'a"\r\nset-cookie: x'],
    ["hash", null],
    ["storedAt", "1795320140648"],
    ["storedAt", -1],
    ["storedAt", null],
    ["freshSeconds", 1e12],
    ["freshSeconds", -1],
    ["staleSeconds", 366 * 86_400 + 1],
    ["staleSeconds", undefined],
    ["tags", "all"],
    ["tags", [1]],
    ["tags", [""]],
    ["tags", Array.from({ length: 65 }, () => "business:1")],
    ["generation", 1],
    ["sequence", "1795320140648-0"],
    ["lengths", [36, 0]],
    ["lengths", [35, 0, 0]],
    ["lengths", [37, -1, 0]],
    ["lengths", [36.5, 0, -0.5]],
    ["metadata", { id: 5 }],
    ["metadata", { id: "5f1", modified: "today" }],
    ["metadata", null],
    ["alias", 1],
    ["of", undefined],
  ])("a header whose %s is %j", (member, value) => {
    const frame = withHeader(encodeFrame(KEY, sample({ body: Buffer.alloc(36) })), (header) => ({ ...header, [member]: value }));
    expect(decodeFrame(KEY, frame)).toBeUndefined();
  });

  test.each([[[]], ["text"], [null], [7]])("a header that is %j", (value) => {
    expect(
      decodeFrame(
        KEY,
        withHeader(encodeFrame(KEY, sample()), () => value),
      ),
    ).toBeUndefined();
  });
});
