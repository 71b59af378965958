/** Whatever Partoo, or what stands before it, makes of the key: it reaches neither a caller nor the log. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { setTimeout as sleep } from "node:timers/promises";
import type { Proxy } from "../support/proxy.ts";
import type { RecordingUpstream, Script } from "../support/recording-upstream.ts";
import { CANARY_KEY, startProxy } from "../support/proxy.ts";
import { freshSearch } from "../support/fresh-search.ts";
import { request, sendRaw } from "../support/raw-client.ts";
import { json, startRecordingUpstream } from "../support/recording-upstream.ts";

const NEXT_KEY = 'canary-next-"quoted\\4a6b';
let upstream: RecordingUpstream;
let proxy: Proxy;
beforeAll(async () => {
  upstream = await startRecordingUpstream();
  proxy = await startProxy({ upstream: upstream.url, env: { PARTOO_KEY_LOCATOR_READ_NEXT: NEXT_KEY } });
});
afterAll(async () => {
  await upstream.close();
});

/** The key, and what a careless reader would still recognise of it. */
const FORMS = [
  CANARY_KEY,
  CANARY_KEY.toUpperCase(),
  Buffer.from(CANARY_KEY).toString("base64").slice(0, 20),
  escaped(CANARY_KEY),
  "canary-next",
];

function escaped(text: string): string {
  return Array.from(text)
    .map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}

const page = (name: string): string => `{"page":1,"max_page":1,"count":1,"businesses":[{"id":"5f3c8f1de1b2a30001a1b2c3","name":${name}}]}`;
const quoted = (text: string): string => JSON.stringify(text);

function coded(coding: string, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-encoding: ${coding}\r\ncontent-length: ${bytes.length}\r\n\r\n`), bytes]);
}

/** One byte a chunk, each written by itself. */
const dripped: Script = (_asked, socket) => {
  void (async () => {
    socket.setNoDelay();
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    for (const [nth, byte] of page(quoted(CANARY_KEY)).split("").entries()) {
      socket.write(`1\r\n${byte}\r\n`);
      if (nth % 10 === 0) await sleep(1);
    }
    socket.write("0\r\n\r\n");
  })();
  return undefined;
};

async function answerTo(script: Script): Promise<{ status: number; text: string; code: unknown }> {
  upstream.answer(script);
  const answer = await sendRaw(proxy.port, request(freshSearch()), 2000);
  for (const form of FORMS) expect(answer.text).not.toContain(form);
  return { status: answer.status, text: answer.text, code: (JSON.parse(answer.body) as { code?: unknown }).code };
}

describe("upstream-failed, when the key is", () => {
  test.each<[string, Script]>([
    ["in a listed field", () => json(page(quoted(CANARY_KEY)))],
    ["inside a listed field", () => json(page(quoted(`x${CANARY_KEY}x`)))],
    ["in a field that is not listed", () => json({ businesses: [], request: { headers: { "x-apikey": CANARY_KEY } } })],
    ["the name of a member", () => json({ businesses: [], [CANARY_KEY]: 1 })],
    ["all there is", () => json(quoted(CANARY_KEY))],
    ["in a page of HTML", () => json(`<html>${CANARY_KEY}</html>`)],
    ["in chunks of one byte", dripped],
    ["in gzip", () => coded("gzip", gzipSync(page(quoted(CANARY_KEY))))],
    ["in brotli", () => coded("br", brotliCompressSync(page(quoted(CANARY_KEY))))],
    ["escaped in a listed field", () => json(page(`"${escaped(CANARY_KEY)}"`))],
    ["partly escaped in a listed field", () => json(page(`"\\u0063${CANARY_KEY.slice(1)}"`))],
    ["escaped in gzip", () => coded("gzip", gzipSync(page(`"${escaped(CANARY_KEY)}"`)))],
    ["the next key", () => json(page(quoted(NEXT_KEY)))],
    ["the next key, escaped", () => json(page(`"${escaped(NEXT_KEY)}"`))],
    ["in an answer of status 500", () => json({ error: CANARY_KEY }, { status: 500 })],
    ["in an answer of status 418", () => json(CANARY_KEY, { status: 418 })],
    ["in an answer that is no JSON", () => json(`{"a":"${CANARY_KEY}`)],
    ["in a redirect", () => json({}, { status: 302, headers: { location: `https://evil.example/?k=${CANARY_KEY}` } })],
    ["in a line that is no HTTP", (_asked, socket) => (socket.end(`${CANARY_KEY}\r\n\r\n`), undefined)],
    ["in a broken field", () => `HTTP/1.1 200 OK\r\n${CANARY_KEY}\r\n\r\n`],
    ["in a chunk's size", () => `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${CANARY_KEY}\r\n`],
    ["in a coding's name", () => json({ businesses: [] }, { headers: { "content-encoding": CANARY_KEY } })],
  ])("%s", async (_name, script) => {
    const { status, code } = await answerTo(script);
    expect([status, code]).toEqual([502, "upstream-failed"]);
  });
});

describe("left behind, when the key is", () => {
  const listed = { businesses: [{ name: "Acme" }] };
  test.each<[string, Script, number, string | undefined]>([
    [
      "in a header field",
      () => json(listed, { headers: { "x-echo": CANARY_KEY, "set-cookie": `k=${CANARY_KEY}`, etag: `"${CANARY_KEY}"` } }),
      200,
      undefined,
    ],
    ["the name of a header field", () => json(listed, { headers: { [CANARY_KEY]: "1" } }), 200, undefined],
    ["in the reason phrase", () => json(listed).replace("Whatever", CANARY_KEY), 200, undefined],
    [
      "in a trailer",
      () => `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nx-echo: ${CANARY_KEY}\r\n\r\n`,
      200,
      undefined,
    ],
    ["in an early hint", () => `HTTP/1.1 103 ${CANARY_KEY}\r\nlink: ${CANARY_KEY}\r\n\r\n${json(listed)}`, 200, undefined],
    ["escaped in a field that is not listed", () => json(`{"businesses":[],"echo":"${escaped(CANARY_KEY)}"}`), 200, undefined],
    [
      "in a refusal of the key",
      () => json({ error: `bad key ${CANARY_KEY}` }, { status: 401, headers: { "www-authenticate": CANARY_KEY } }),
      502,
      "upstream-refused",
    ],
    [
      "in a refusal of a parameter",
      () => json({ errors: { query: { [CANARY_KEY]: [CANARY_KEY] } } }, { status: 400 }),
      502,
      "upstream-refused",
    ],
    [
      "escaped in a refusal of a parameter",
      () => json(`{"errors":{"query":{"${escaped(CANARY_KEY)}":["x"]}}}`, { status: 400 }),
      502,
      "upstream-refused",
    ],
    ["in a 404", () => json({ error: CANARY_KEY }, { status: 404 }), 404, "not-found"],
    ["in a 429", () => json({ error: CANARY_KEY }, { status: 429, headers: { "retry-after": CANARY_KEY } }), 503, "quota-exhausted"],
  ])("%s", async (_name, script, status, code) => {
    expect(await answerTo(script)).toMatchObject({ status, code });
  });
});

test("none of it is in the log, nor was it printed", async () => {
  await proxy.stop();
  const log = [...proxy.log(), ...proxy.printed].join("\n");
  expect(FORMS.filter((form) => log.includes(form))).toEqual([]);
});
