/** Advisory class I: memory and CPU at the mercy of whoever answers. */
import { constants, brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Socket } from "node:net";
import { request, sendRaw } from "../support/raw-client.ts";
import { json } from "../support/recording-upstream.ts";
import { EMPTY_PAGE, SEARCH, openScene } from "./scene.ts";

const scene = openScene();
const MIB = 1024 * 1024;
const CAP = 8 * MIB;
const PAGE = JSON.stringify(EMPTY_PAGE);

function coded(coding: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-encoding: ${coding}\r\ncontent-length: ${body.length}\r\n\r\n`), body]);
}

const FAILED = { http: 502, code: "upstream-failed", layer: "upstream" };

/** Asks once, and says what came of it. */
async function outcome(): Promise<object> {
  const answer = await sendRaw(scene.proxy.port, request(SEARCH), 3000);
  const { code, layer } = JSON.parse(answer.body) as Record<string, unknown>;
  return { http: answer.status, code, layer };
}

/** 16 MiB of white space as one gzip member; 64 of them are one gigabyte in 1 MiB. */
const MEMBER = gzipSync(Buffer.alloc(16 * MIB, 32));

const deep = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

describe("a bomb in", () => {
  test.each([
    ["gzip, a gigabyte in 64 members", "gzip", () => Buffer.concat(Array.from({ length: 64 }, () => MEMBER))],
    ["gzip, just above the cap", "gzip", () => gzipSync(Buffer.concat([Buffer.alloc(CAP - PAGE.length + 1, 32), Buffer.from(PAGE)]))],
    [
      "brotli, 64 MiB in some hundred bytes",
      "br",
      () => brotliCompressSync(Buffer.alloc(64 * MIB, 32), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
    ],
  ])("%s is a failure", async (_name, coding, make) => {
    const bytes = coded(coding, make());
    scene.upstream.answer(() => bytes);
    expect(await outcome()).toEqual(FAILED);
  });
});

describe("a coding nobody asked for", () => {
  test.each([
    ["gzip, gzip", () => gzipSync(gzipSync(PAGE))],
    ["gzip, br", () => brotliCompressSync(gzipSync(PAGE))],
    ["br, br, br, br, br, br", () => Buffer.from(PAGE)],
    [Array.from({ length: 1000 }, () => "gzip").join(","), () => gzipSync(PAGE)],
    ["gzip;q=1", () => gzipSync(PAGE)],
    ["deflate", () => deflateSync(PAGE)],
    ["zstd", () => zstdCompressSync(PAGE)],
    ["x-gzip", () => gzipSync(PAGE)],
    ["compress", () => Buffer.from(PAGE)],
    ["__proto__", () => Buffer.from(PAGE)],
    ["constructor", () => Buffer.from(PAGE)],
    ["toString", () => Buffer.from(PAGE)],
    ["", () => Buffer.from(PAGE)],
  ])("(%s) is a failure", async (coding, make) => {
    scene.upstream.answer(() => coded(coding, make()));
    expect(await outcome()).toEqual(FAILED);
  });

  test.each(["gzip", "br"])("%s that is not what it says is a failure", async (coding) => {
    scene.upstream.answer(() => coded(coding, Buffer.from(PAGE)));
    expect(await outcome()).toEqual(FAILED);
    scene.upstream.answer(() => coded(coding, (coding === "gzip" ? gzipSync : brotliCompressSync)(PAGE.repeat(50)).subarray(0, -6)));
    expect(await outcome()).toEqual(FAILED);
  });

  test("two fields of one coding each are a failure", async () => {
    const body = gzipSync(gzipSync(PAGE));
    const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`;
    scene.upstream.answer(() => Buffer.concat([Buffer.from(head), body]));
    expect(await outcome()).toEqual(FAILED);
  });
});

describe("an answer without end", () => {
  test.each([
    ["with a Content-Length of 50 MB", "content-length: 52428800\r\n\r\n", Buffer.alloc(65_536, 32)],
    [
      "in chunks",
      "transfer-encoding: chunked\r\n\r\n",
      Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(65_536, 32), Buffer.from("\r\n")]),
    ],
    ["until the connection ends", "connection: close\r\n\r\n", Buffer.alloc(65_536, 32)],
  ])("%s is cut soon after 8 MiB", async (_name, head, chunk) => {
    const taken = new Promise<number>((resolve) => {
      scene.upstream.answer((_asked, socket) => {
        socket.write(`HTTP/1.1 200 OK\r\n${head}`);
        void pour(socket, chunk).then(resolve);
        return undefined;
      });
    });
    expect(await outcome()).toEqual(FAILED);
    expect(await taken).toBeLessThan(24 * MIB);
    expect(scene.upstream.requests).toHaveLength(1);
  });

  test("in its fields is cut, too", async () => {
    const taken = new Promise<number>((resolve) => {
      scene.upstream.answer((_asked, socket) => {
        socket.write("HTTP/1.1 200 OK\r\n");
        void pour(socket, Buffer.from("x-filler: 0123456789\r\n".repeat(500))).then(resolve);
        return undefined;
      });
    });
    expect(await outcome()).toEqual(FAILED);
    expect(await taken).toBeLessThan(24 * MIB);
  });
});

describe("JSON that is hard to read", () => {
  test.each([
    ["2 million brackets", deep(1_000_000)],
    ["brackets that never close", "[".repeat(2_000_000)],
    ["a number of a million digits, alone", "9".repeat(1_000_000)],
    ["a list instead of an object", "[]"],
    ["a string", '"x"'],
    ["null", "null"],
    ["nothing", ""],
    ["two objects", `${PAGE}${PAGE}`],
    ["a byte order mark twice", `\ufeff\ufeff${PAGE}`],
    ["a comment", `/* */${PAGE}`],
    ["NaN", '{"businesses":NaN}'],
    ["a page of HTML", "<html><body>maintenance</body></html>"],
  ])("%s is a failure", async (_name, body) => {
    scene.upstream.answer(() => json(body));
    expect(await outcome()).toEqual(FAILED);
  });

  test.each([
    [
      "an object 100,000 deep in a field that is not listed",
      `{"page":1,"businesses":[],"x":${nested(100_000)}}`,
      { page: 1, businesses: [] },
    ],
    [
      "lists 100,000 deep in a field that is listed",
      `{"page":1,"businesses":[{"id":${deep(100_000)},"code":"c"}]}`,
      { page: 1, businesses: [{ code: "c" }] },
    ],
    ["lists for items", `{"page":1,"businesses":${deep(100_000)}}`, { page: 1, businesses: [] }],
    [
      "a prototype",
      '{"page":1,"__proto__":{"count":7},"businesses":[{"__proto__":{"id":"x"},"constructor":{"prototype":{}}}]}',
      { page: 1, businesses: [{}] },
    ],
    ["an object for a page number", '{"page":{"toJSON":1},"businesses":[]}', { businesses: [] }],
    ["a member twice", '{"page":1,"page":2,"businesses":[]}', { page: 2, businesses: [] }],
  ])("%s is read no further than the list of fields goes", async (_name, body, shaped) => {
    scene.upstream.answer(() => json(body));
    const answer = await sendRaw(scene.proxy.port, request(SEARCH));
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, shaped]);
  });

  test("nobody's prototype has changed", () => {
    expect(({} as Record<string, unknown>)["count"]).toBeUndefined();
  });
});

/** Writes for as long as somebody reads. @returns how many bytes were taken */
function pour(socket: Socket, chunk: Buffer): Promise<number> {
  return new Promise((resolve) => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on("drain", more);
    socket.on("close", () => resolve(socket.bytesWritten));
    more();
  });
}
