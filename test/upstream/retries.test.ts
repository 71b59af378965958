import { describe, expect, test } from "vitest";
import type { Socket } from "node:net";
import type { Script } from "../support/recording-upstream.ts";
import { startGateway } from "../support/gateway.ts";
import { CANARY_KEY } from "../support/proxy.ts";
import { json, startRecordingUpstream } from "../support/recording-upstream.ts";
import { freePort } from "../support/redis.ts";
import { openScene } from "./scene.ts";

const PAGE = { page: 1, max_page: 1, count: 0, businesses: [] };
const NEXT_KEY = "next-5e0a3d9c417f";

const scene = openScene();

/** Answers with each script in turn, and with the last one from then on. @returns [status, requests that arrived] */
async function outcomeOf(...scripts: readonly Script[]): Promise<readonly number[]> {
  let turn = 0;
  scene.upstream.answer((request, socket, nth) => {
    const script = scripts[Math.min(turn, scripts.length - 1)];
    turn += 1;
    return script?.(request, socket, nth);
  });
  const answer = await scene.gateway.get();
  await answer.arrayBuffer();
  return [answer.status, scene.upstream.requests.length];
}

const whole: Script = () => json(PAGE);
const reset: Script = (_request, socket) => void socket.resetAndDestroy();
const closed: Script = (_request, socket) => void socket.end();
const status =
  (code: number): Script =>
  () =>
    json({ error: { json: "x" } }, { status: code });
const resetInBody: Script = (_request, socket) => {
  socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"page":');
  setTimeout(() => socket.resetAndDestroy(), 20);
  return undefined;
};

const bytesThen =
  (bytes: string, end: (socket: Socket) => void): Script =>
  (_request, socket) => {
    socket.write(bytes);
    // A reset must not overtake the bytes.
    setTimeout(() => end(socket), 20);
    return undefined;
  };
const byFin = (socket: Socket): void => void socket.end();
const byRst = (socket: Socket): void => void socket.resetAndDestroy();

/** An answer is read to the end, and its connection waits in the pool. */
async function poolOneConnection(): Promise<void> {
  expect(await outcomeOf(whole)).toEqual([200, 1]);
  scene.upstream.requests.length = 0;
}

describe("one more attempt", () => {
  test.each([
    ["502", status(502)],
    ["503", status(503)],
  ])("after %s: the second answer counts", async (_what, first) => {
    expect(await outcomeOf(first, whole)).toEqual([200, 2]);
  });

  test.each([
    ["reset", reset],
    ["closed", closed],
  ])("after a pooled connection that is %s before any byte: the second answer counts", async (_what, first) => {
    await poolOneConnection();
    expect(await outcomeOf(first, whole)).toEqual([200, 2]);
  });

  test("is the same request again", async () => {
    await outcomeOf(status(503), whole);
    expect(scene.upstream.requests[1]?.head).toBe(scene.upstream.requests[0]?.head);
  });

  test("after a connection that was refused, once Partoo listens again", async () => {
    const port = await freePort();
    const late = await startGateway({ upstream: `http://127.0.0.1:${port}/v2` });
    const answering = late.get();
    const risen = await startRecordingUpstream(whole, port);
    expect((await answering).status).toBe(200);
    expect(risen.requests).toHaveLength(1);
    await late.close();
    await risen.close();
  });
});

describe("at most two requests arrive", () => {
  test.each([
    ["502 for ever", [status(502)], 502],
    ["503 for ever", [status(503)], 502],
    ["503, then a reset", [status(503), reset], 502],
    ["503, then 429", [status(503), status(429)], 503],
    ["503, then 404", [status(503), status(404)], 404],
    ["503, then a reset in the body", [status(503), resetInBody], 502],
  ])("%s", async (_what, scripts, outward) => {
    expect(await outcomeOf(...scripts)).toEqual([outward, 2]);
  });

  test("503, then 401 while there is another value of the key to try", async () => {
    const rotating = await startGateway({ upstream: scene.upstream.url, env: { PARTOO_KEY_LOCATOR_READ_NEXT: NEXT_KEY } });
    scene.upstream.answer(({ headers }, _socket, nth) => {
      if (nth === 1) return json("{}", { status: 503 });
      return headers["x-apikey"] === CANARY_KEY ? json("{}", { status: 401 }) : json(PAGE);
    });
    expect((await rotating.get()).status).toBe(502);
    expect(scene.upstream.requests).toHaveLength(2);
    expect((await rotating.get()).status).toBe(200);
    await rotating.close();
  });
});

describe("no other attempt once a byte has come, on a new connection and on a pooled one", () => {
  const whatCame: readonly (readonly [string, Script])[] = [
    ["half a status line, then the end", bytesThen("HTTP/1.1 20", byFin)],
    ["half a status line, then a reset", bytesThen("HTTP/1.1 20", byRst)],
    ["half a header section, then the end", bytesThen("HTTP/1.1 200 OK\r\ncontent-ty", byFin)],
    ["half a header section, then a reset", bytesThen("HTTP/1.1 200 OK\r\ncontent-ty", byRst)],
    ["an empty line, then the end", bytesThen("\r\n", byFin)],
    ["an empty line, then a reset", bytesThen("\r\n", byRst)],
    ["a 100 that nobody asked for", () => `HTTP/1.1 100 Continue\r\n\r\n${json(PAGE)}`],
    ["a 101 that nobody asked for", () => "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"],
    ["a 103, then a reset", bytesThen("HTTP/1.1 103 Early Hints\r\n\r\n", byRst)],
    ["bytes that are not HTTP", bytesThen("220 mail.example ESMTP\r\n", byFin)],
    ["a reset in the middle of a body", resetInBody],
  ];

  test.each(whatCame)("%s: new", async (_what, first) => {
    expect(await outcomeOf(first, whole)).toEqual([502, 1]);
  });

  test.each(whatCame)("%s: pooled", async (_what, first) => {
    await poolOneConnection();
    expect(await outcomeOf(first, whole)).toEqual([502, 1]);
    expect(scene.upstream.connections).toBe(1);
  });
});

describe("no other attempt", () => {
  test.each([400, 403, 404, 408, 415, 422, 429, 500, 501, 504])("after %d", async (code) => {
    const [, requests] = await outcomeOf(status(code), whole);
    expect(requests).toBe(1);
  });

  test.each([
    ["reset", reset],
    ["closed", closed],
  ])("after a new connection that is %s before any byte", async (_what, first) => {
    expect(await outcomeOf(first, whole)).toEqual([502, 1]);
  });

  test("after the second of two pooled connections that are reset before any byte", async () => {
    const answering = Promise.withResolvers<void>();
    scene.upstream.answer((_request, socket) => {
      void answering.promise.then(() => socket.write(json(PAGE)));
      if (scene.upstream.requests.length === 2) answering.resolve();
      return undefined;
    });
    await Promise.all([scene.gateway.get(), scene.gateway.get()].map(async (asked) => (await asked).text()));
    scene.upstream.requests.length = 0;
    expect(await outcomeOf(reset)).toEqual([502, 2]);
  });

  test("after a body that is not JSON", async () => {
    expect(await outcomeOf(() => json("<html>"), whole)).toEqual([502, 1]);
  });

  test("after 401 without another value of the key", async () => {
    expect(await outcomeOf(status(401), whole)).toEqual([502, 1]);
  });
});
