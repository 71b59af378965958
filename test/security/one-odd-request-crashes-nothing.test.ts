import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { connect } from "node:net";
import type { ServerProcess } from "../support/cli.ts";
import type { RecordingUpstream } from "../support/recording-upstream.ts";
import { startServerProcess } from "../support/cli.ts";
import { freshSearch } from "../support/fresh-search.ts";
import { request, sendRaw } from "../support/raw-client.ts";
import { json, startRecordingUpstream } from "../support/recording-upstream.ts";
import { EMPTY_PAGE, SEARCH } from "./scene.ts";

let upstream: RecordingUpstream;
let server: ServerProcess;

beforeAll(async () => {
  upstream = await startRecordingUpstream();
  server = await startServerProcess({ upstream: upstream.url });
});
afterAll(async () => {
  await server.stop();
  await upstream.close();
});

/** Sends and resets the connection at once, so that the server's answer meets an error. */
function sendAndReset(bytes: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(server.port, "127.0.0.1", () => {
      socket.write(bytes, () => socket.resetAndDestroy());
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
  });
}

/** It answers, and has printed its first line only. */
const ALIVE = [200, expect.stringMatching(/^partoo-bff serves [^\n]*\n$/)];

async function vitalSigns(): Promise<readonly unknown[]> {
  upstream.answer(() => json(EMPTY_PAGE));
  const answer = await sendRaw(server.port, request(SEARCH));
  return [answer.status, server.printed()];
}

describe("a caller who resets the connection", () => {
  test.each([
    ["after CONNECT", "CONNECT evil.example:443 HTTP/1.1\r\nHost: proxy.example\r\n\r\n"],
    ["after an upgrade", request(SEARCH, { fields: ["Connection: Upgrade", "Upgrade: websocket"] })],
    ["after what is no HTTP", "\x16\x03\x01\r\n\r\n"],
    ["after an ordinary request", request(SEARCH)],
    ["after half a body", request(SEARCH, { method: "POST", fields: ["Content-Length: 1000000"] })],
    ["after Expect", request(SEARCH, { method: "POST", fields: ["Expect: 100-continue", "Content-Length: 5"] })],
  ])("%s", async (_name, bytes) => {
    for (let round = 0; round < 30; round += 1) await sendAndReset(bytes);
    expect(await vitalSigns()).toEqual(ALIVE);
  });
});

describe("a field with a name that objects have", () => {
  const names = ["__proto__", "constructor", "prototype", "hasOwnProperty", "toString", "valueOf", "then", "toJSON", "__defineGetter__"];
  const lines = names.flatMap((name) => [`${name}: a`, `${name}: b`, `${name.toUpperCase()}: c`]);

  test("in a request changes nothing", async () => {
    upstream.answer(() => json(EMPTY_PAGE));
    for (const line of lines) expect((await sendRaw(server.port, request(SEARCH, { fields: [line] }))).status).toBe(200);
    expect((await sendRaw(server.port, request(SEARCH, { fields: lines }))).status).toBe(200);
    expect(await vitalSigns()).toEqual(ALIVE);
  });

  test("in Partoo's answer changes nothing", async () => {
    const body = JSON.stringify(EMPTY_PAGE);
    for (const added of [
      ...lines,
      lines.join("\r\n"),
      "__proto__: a\r\n__proto__: b",
      "constructor: a\r\nconstructor: b\r\nconstructor: c",
    ]) {
      upstream.answer(() => `HTTP/1.1 200 OK\r\n${added}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
      expect((await sendRaw(server.port, request(freshSearch()))).status).toBe(200);
    }
    expect(await vitalSigns()).toEqual(ALIVE);
  });
});

describe("an odd answer of Partoo", () => {
  const body = JSON.stringify(EMPTY_PAGE);
  const whole = (head: string): string => `${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

  test.each([
    ["status 600", whole("HTTP/1.1 600 Odd"), 502],
    ["status 999", whole("HTTP/1.1 999 Odd"), 502],
    ["status 099", whole("HTTP/1.1 099 Odd"), 502],
    ["status 000", whole("HTTP/1.1 000 Odd"), 502],
    ["status 20", whole("HTTP/1.1 20 Odd"), 502],
    ["status 2000", whole("HTTP/1.1 2000 Odd"), 502],
    ["status -200", whole("HTTP/1.1 -200 Odd"), 502],
    ["status 299", whole("HTTP/1.1 299 Odd"), 200],
    ["status 206 with a range", whole("HTTP/1.1 206 Partial\r\ncontent-range: bytes 0-1/2"), 200],
    ["no reason phrase", whole("HTTP/1.1 200"), 200],
    ["a reason phrase of bytes", whole("HTTP/1.1 200 \xff\xfe\x80"), 200],
    ["a field without a colon", whole("HTTP/1.1 200 OK\r\nno colon"), 502],
    ["a field without a name", whole("HTTP/1.1 200 OK\r\n: x"), 502],
    ["a NUL in a value", whole("HTTP/1.1 200 OK\r\nx: a\0b"), 502],
    ["bytes in a value", whole("HTTP/1.1 200 OK\r\nx: \xff\xfe"), 200],
    ["a Date of nonsense", whole("HTTP/1.1 200 OK\r\ndate: yesterday\r\nexpires: -1\r\nage: -5\r\nretry-after: \xff"), 200],
    ["a folded Content-Type", whole("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\tcharset=x"), 502],
    ["a Keep-Alive of nonsense", whole("HTTP/1.1 200 OK\r\nkeep-alive: timeout=99999999999999999999, max=-1"), 200],
    ["401 with a challenge of nonsense", whole('HTTP/1.1 401 No\r\nwww-authenticate: "\\'), 502],
    ["407", whole("HTTP/1.1 407 Proxy"), 502],
    ["418", whole("HTTP/1.1 418 Teapot"), 502],
    ["204", "HTTP/1.1 204 No Content\r\n\r\n", 502],
  ])("(%s) is answered once and ends nothing", async (_name, bytes, status) => {
    upstream.answer(() => Buffer.from(bytes, "latin1"));
    const answer = await sendRaw(server.port, request(freshSearch()), 1500);
    expect([answer.status, answer.text.match(/HTTP\/1\.1 \d{3}/g)?.length]).toEqual([status, 1]);
    expect(await vitalSigns()).toEqual(ALIVE);
  });

  test("(429 with a Retry-After of nonsense) is answered once and pauses for a minute, no longer", async () => {
    upstream.answer(() => whole("HTTP/1.1 429 Slow\r\nretry-after: NaN"));
    const paused = await startServerProcess({ upstream: upstream.url });
    onTestFinished(async () => void (await paused.stop()));
    const answer = await sendRaw(paused.port, request(freshSearch()), 1500);
    expect([answer.status, answer.headers["retry-after"], answer.text.match(/HTTP\/1\.1 \d{3}/g)?.length]).toEqual([503, "60", 1]);
    expect(paused.printed()).toMatch(/^partoo-bff serves [^\n]*\n$/);
  });
});
