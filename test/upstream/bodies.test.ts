import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Script } from "../support/recording-upstream.ts";
import { CANARY_KEY } from "../support/proxy.ts";
import { json } from "../support/recording-upstream.ts";
import { openScene } from "./scene.ts";

const PAGE = { page: 1, max_page: 1, count: 0, businesses: [] };
const FAILED = [502, "upstream-failed"];
/** The cap on an answer (design §12). */
const MEBIBYTE = 1024 * 1024;

const scene = openScene();

async function outcomeOf(script: Script, target?: string): Promise<readonly unknown[]> {
  scene.upstream.answer(script);
  const answer = await scene.gateway.get(target);
  const text = await answer.text();
  expect(text + JSON.stringify(scene.gateway.log)).not.toContain(CANARY_KEY);
  return answer.status === 200 ? [200, JSON.parse(text)] : [answer.status, (JSON.parse(text) as { code: string }).code];
}

function coded(coding: string, bytes: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: ${coding}\r\ncontent-length: ${bytes.length}\r\n\r\n`,
    ),
    bytes,
  ]);
}

describe("a 200 whose body is not the JSON object that the endpoint gives is upstream-failed", () => {
  test.each([
    ["an HTML page", "<!doctype html><title>Maintenance</title>"],
    ["nothing", ""],
    ["half a JSON text", '{"page": 1, "businesses": ['],
    ["two JSON texts", "{}{}"],
    ["an array", "[]"],
    ["a string", '"ok"'],
    ["a number", "42"],
    ["null", "null"],
    ["true", "true"],
    ["bytes that are not UTF-8", Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString("latin1")],
    ["a byte order mark and nothing else", "\uFEFF"],
  ])("%s", async (_what, body) => {
    expect(await outcomeOf(() => json(body))).toEqual(FAILED);
    expect(scene.gateway.log).toMatchObject([{ status: 502, code: "upstream-failed" }]);
  });

  test("of the text nothing reaches the caller or the log", async () => {
    scene.upstream.answer(() => json("<p>internal.partoo.example</p>"));
    expect((await (await scene.gateway.get()).text()) + JSON.stringify(scene.gateway.log)).not.toContain("internal.partoo.example");
  });
});

describe("a JSON object is readable, whatever is missing or added", () => {
  test.each([
    ["an empty object", {}, {}],
    ["items that are no list", { ...PAGE, businesses: "none" }, { page: 1, max_page: 1, count: 0 }],
    ["items that are no objects", { ...PAGE, businesses: [null, 1, "x", []] }, PAGE],
    ["paging members that are objects", { ...PAGE, page: { a: 1 } }, { max_page: 1, count: 0, businesses: [] }],
  ])("%s", async (_what, body, shown) => {
    expect(await outcomeOf(() => json(body))).toEqual([200, shown]);
  });

  test("a text with __proto__ and constructor changes nothing here", async () => {
    const body =
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"page":1,"businesses":[{"__proto__":{"name":"x"},"id":"a"}]}';
    const [status, shown] = await outcomeOf(() => json(body));
    expect([status, JSON.stringify(shown)]).toEqual([200, '{"page":1,"businesses":[{"id":"a"}]}']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe("content codings", () => {
  const bytes = Buffer.from(JSON.stringify(PAGE));

  test("truncated gzip: upstream-failed", async () => {
    expect(await outcomeOf(() => coded("gzip", gzipSync(bytes).subarray(0, 20)))).toEqual(FAILED);
  });

  test("gzip that is none: upstream-failed", async () => {
    expect(await outcomeOf(() => coded("gzip", bytes))).toEqual(FAILED);
  });

  test("gzip with a wrong checksum: upstream-failed", async () => {
    const wrong = gzipSync(bytes);
    wrong.writeUInt32LE(0, wrong.length - 8);
    expect(await outcomeOf(() => coded("gzip", wrong))).toEqual(FAILED);
  });

  test.each([
    ["a coding nobody asked for", "deflate", deflateSync(bytes)],
    ["a chain of codings", "gzip, br", brotliCompressSync(gzipSync(bytes))],
    ["a made-up coding", "rot13", bytes],
  ])("%s: upstream-failed", async (_what, coding, body) => {
    expect(await outcomeOf(() => coded(coding, body))).toEqual(FAILED);
  });

  test.each([
    ["GZIP", gzipSync(bytes)],
    ["identity", bytes],
    ["br", brotliCompressSync(bytes)],
  ])("%s is read", async (coding, body) => {
    expect(await outcomeOf(() => coded(coding, body))).toEqual([200, PAGE]);
  });

  test("a kilobyte that unpacks to 200 MiB: upstream-failed", async () => {
    const bomb = brotliCompressSync(Buffer.alloc(200 * MEBIBYTE, 0x20), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
    expect(bomb.length).toBeLessThan(MEBIBYTE);
    expect(await outcomeOf(() => coded("br", bomb))).toEqual(FAILED);
  });
});

describe("an answer larger than 8 MiB", () => {
  test("is not read to the end: upstream-failed, and the connection is closed", async () => {
    const closed = Promise.withResolvers<void>();
    let bytesTaken = 0;
    expect(
      await outcomeOf((_request, socket) => {
        socket.once("close", () => {
          bytesTaken = socket.bytesWritten;
          closed.resolve();
        });
        socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n`);
        const chunk = Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(65_536, 0x20), Buffer.from("\r\n")]);
        const fill = (): void => {
          while (!socket.destroyed && socket.write(chunk));
        };
        socket.on("drain", fill);
        fill();
        return undefined;
      }),
    ).toEqual(FAILED);
    await closed.promise;
    expect(bytesTaken).toBeLessThan(50 * MEBIBYTE);
    expect(scene.upstream.requests).toHaveLength(1);
  });

  test("announced as 50 MB: upstream-failed", async () => {
    expect(
      await outcomeOf((_request, socket) => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 50000000\r\n\r\n");
        socket.write(Buffer.alloc(50_000_000, 0x20));
        return undefined;
      }),
    ).toEqual(FAILED);
  });

  test("just below it is read", async () => {
    const filling = " ".repeat(8 * MEBIBYTE - JSON.stringify(PAGE).length);
    expect(await outcomeOf(() => json(JSON.stringify(PAGE) + filling))).toEqual([200, PAGE]);
  });
});

describe("a key in an answer", () => {
  test("split over two chunks: upstream-failed", async () => {
    expect(
      await outcomeOf((_request, socket) => {
        const text = JSON.stringify({ ...PAGE, businesses: [{ id: "a", name: CANARY_KEY }] });
        const middle = text.indexOf(CANARY_KEY) + 5;
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text.slice(0, middle)}`);
        setTimeout(() => socket.write(text.slice(middle)), 30);
        return undefined;
      }),
    ).toEqual(FAILED);
  });

  test("spelled with JSON escapes: upstream-failed", async () => {
    const escaped = CANARY_KEY.replaceAll(/./g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
    expect(await outcomeOf(() => json(`{"page":1,"businesses":[{"id":"a","name":"${escaped}"}]}`))).toEqual(FAILED);
  });

  test("compressed: upstream-failed", async () => {
    expect(await outcomeOf(() => coded("gzip", gzipSync(JSON.stringify({ businesses: [{ name: CANARY_KEY }] }))))).toEqual(FAILED);
  });
});
