import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { RecordingUpstream } from "./support/recording-upstream.ts";
import type { ServerProcess } from "./support/cli.ts";
import { SERVED, startServerProcess, until } from "./support/cli.ts";
import { startGateway } from "./support/gateway.ts";
import { ORIGIN } from "./support/proxy.ts";
import { request, sendRaw } from "./support/raw-client.ts";
import { json, startRecordingUpstream } from "./support/recording-upstream.ts";

const SEARCH = "/store-locator/v2/business/search?city=Paris";

let upstream: RecordingUpstream;
/** Lets Partoo answer what it has been asked. */
let letAnswer: () => void;
beforeAll(async () => {
  upstream = await startRecordingUpstream();
});
afterAll(() => upstream.close());
beforeEach(() => {
  const allowed = Promise.withResolvers<void>();
  letAnswer = allowed.resolve;
  upstream.requests.length = 0;
  upstream.answer((_request, socket) => {
    void allowed.promise.then(() => socket.write(json({ page: 1 }, { headers: { "cache-control": "max-age=60" } })));
    return undefined;
  });
});

async function start(): Promise<ServerProcess> {
  const server = await startServerProcess({ upstream: upstream.url });
  onTestFinished(async () => void (await server.stop()));
  return server;
}

function ask(server: { readonly url: string }): Promise<Response> {
  return fetch(server.url + SEARCH, { headers: { origin: ORIGIN } });
}

/** A connection on which a request has begun, so that it is kept. */
async function beginRequest(port: number, firstBytes: string): Promise<(rest: string) => Promise<string>> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(firstBytes);
  let received = "";
  socket.on("data", (chunk) => (received += chunk.toString()));
  return async (rest) => {
    socket.write(rest);
    await once(socket, "close");
    return received;
  };
}

async function isRefused(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}

describe.each(["SIGTERM", "SIGINT"] as const)("%s", (signal) => {
  test("what is in flight is answered, /readyz says 503, nothing new is taken, and the exit code is 0", async () => {
    const server = await start();
    const inFlight = ask(server);
    await until(() => upstream.requests.length === 1);
    const finishRequest = await beginRequest(server.port, "GET /readyz HTTP/1.1\r\nHost: x\r\n");
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    server.signal(signal);
    await until(() => isRefused(server.port));
    expect(await finishRequest("\r\n")).toMatch(/^HTTP\/1\.1 503 /);
    letAnswer();
    const answer = await inFlight;
    expect([answer.status, answer.headers.get("connection"), await answer.json()]).toEqual([200, "close", { page: 1 }]);
    expect(await server.ended).toMatchObject({ code: 0, stdout: "", stderr: expect.stringMatching(SERVED) });
    expect(server.log().map(({ msg, status }) => msg ?? status)).toEqual(["operator listener", "serving", "draining", 200]);
  });

  test("with nothing in flight it ends at once, kept connections or not", async () => {
    const server = await start();
    letAnswer();
    expect((await ask(server)).status).toBe(200);
    server.signal(signal);
    expect(await server.ended).toMatchObject({ code: 0, stdout: "", stderr: expect.stringMatching(SERVED) });
  });
});

test("a terminal and npm both pass Ctrl-C on: two signals at once are one", async () => {
  const server = await start();
  const inFlight = ask(server);
  await until(() => upstream.requests.length === 1);
  server.signal("SIGINT");
  server.signal("SIGINT");
  await until(() => isRefused(server.port));
  letAnswer();
  expect((await inFlight).status).toBe(200);
  expect(await server.ended).toMatchObject({ code: 0 });
});

test("a caller whose answer does not come in time for the end of the drain is told to come back, and the call is taken back", async () => {
  const gateway = await startGateway({ upstream: upstream.url, drainMs: 300 });
  onTestFinished(() => gateway.close());
  const taken = Promise.withResolvers<void>();
  upstream.answer((_request, socket) => void socket.once("close", () => taken.resolve()));
  const asking = gateway.get();
  await until(() => upstream.requests.length === 1);
  await gateway.drain();
  const answer = await asking;
  expect([answer.status, answer.headers.get("retry-after"), answer.headers.get("cache-control")]).toEqual([503, "1", "no-store"]);
  expect(answer.headers.get("access-control-allow-origin")).toBe(ORIGIN);
  expect(await answer.json()).toMatchObject({ code: "draining", layer: "proxy" });
  await taken.promise;
  expect(gateway.log).toMatchObject([{ status: 503, code: "draining" }]);
});

test("a caller who never takes the answer does not hold up the end", async () => {
  const gateway = await startGateway({ upstream: upstream.url, drainMs: 200 });
  onTestFinished(() => gateway.close());
  const big = Array.from({ length: 60_000 }, (_unused, nth) => ({ id: `store-${nth}`, name: "x".repeat(60) }));
  upstream.answer(() => json({ page: 1, businesses: big }));
  const socket = connect(gateway.port, "127.0.0.1").pause();
  socket.on("error", () => undefined);
  socket.write(request(SEARCH, { fields: ["Accept-Encoding: identity"] }));
  await until(() => upstream.requests.length === 1);
  await gateway.drain();
  socket.destroy();
  expect(await isRefused(gateway.port)).toBe(true);
});

describe("health", () => {
  test.each(["/healthz", "/readyz"])("%s answers 200 without content and without a frontend's fields, to GET and HEAD", async (path) => {
    const gateway = await startGateway({ upstream: upstream.url });
    onTestFinished(() => gateway.close());
    for (const method of ["GET", "HEAD"]) {
      const { status, headers, body } = await sendRaw(gateway.port, request(path, { method }));
      const { date, "x-request-id": id, ...rest } = headers;
      expect([status, body]).toEqual([200, ""]);
      expect(id).toMatch(/^[0-9a-f-]{36}$/);
      expect(Date.parse(date ?? "")).not.toBeNaN();
      expect(rest).toEqual({
        "cache-control": "no-store",
        connection: "keep-alive",
        "content-length": "0",
        "content-security-policy": "default-src 'none'",
        "keep-alive": "timeout=75",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
      });
    }
    expect(upstream.requests).toEqual([]);
  });
});
