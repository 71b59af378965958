/** Answers that nobody takes, and connections without end, must not pile up in memory. */
import type { Socket } from "node:net";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import type { RecordingUpstream } from "../support/recording-upstream.ts";
import { until } from "../support/cli.ts";
import { startGateway } from "../support/gateway.ts";
import { request, sendRaw } from "../support/raw-client.ts";
import { startRecordingUpstream, storableJson } from "../support/recording-upstream.ts";
import { SEARCH } from "./scene.ts";

/** More than the buffers of both ends of a connection take. */
const BIG = Array.from({ length: 60_000 }, (_unused, nth) => ({ id: `store-${nth}`, name: "x".repeat(60) }));
const BIG_BYTES = 4_800_000;
const WHOLE = request(SEARCH, { fields: ["Accept-Encoding: identity", "Connection: close"] });

let upstream: RecordingUpstream;
beforeAll(async () => {
  upstream = await startRecordingUpstream(() => storableJson({ page: 1, businesses: BIG }));
});
afterAll(() => upstream.close());

async function start(options: { readonly stallMs?: number; readonly maxConnections?: number }): Promise<TestGateway> {
  const gateway = await startGateway({ upstream: upstream.url, ...options });
  onTestFinished(() => gateway.close());
  return gateway;
}

async function open(gateway: TestGateway): Promise<Socket> {
  const socket = connect(gateway.port, "127.0.0.1");
  socket.on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Reads in sips. @returns how many bytes came until the end */
async function readSlowly(socket: Socket, pauseMs: number): Promise<number> {
  let bytes = 0;
  socket.on("data", (chunk) => {
    bytes += chunk.length;
    socket.pause();
  });
  const timer = setInterval(() => void socket.resume(), pauseMs);
  await once(socket, "close");
  clearInterval(timer);
  return bytes;
}

test("a client that asks and never reads loses its place to the next one", async () => {
  const gateway = await start({ stallMs: 300, maxConnections: 1 });
  const socket = await open(gateway);
  socket.pause().write(WHOLE);
  await until(() => gateway.log.some(({ status }) => status === 200));
  await until(async () => (await sendRaw(gateway.port, request("/nobody"))).status === 404);
  expect(await readSlowly(socket, 1)).toBeLessThan(BIG_BYTES);
});

test("a client that reads a little now and then gets all of it", async () => {
  const gateway = await start({ stallMs: 1000 });
  const socket = await open(gateway);
  socket.write(WHOLE);
  expect(await readSlowly(socket, 20)).toBeGreaterThan(BIG_BYTES);
});

test("a kept connection outlives the time that a silent one has", async () => {
  const gateway = await start({ stallMs: 200 });
  const socket = await open(gateway);
  let text = "";
  socket.on("data", (chunk) => (text += chunk.toString("latin1")));
  for (const nth of [1, 2]) {
    socket.write(request("/nobody"));
    await until(() => text.match(/HTTP\/1\.1 404/g)?.length === nth && text.endsWith("}"));
    await sleep(500);
  }
  expect(socket.destroyed).toBe(false);
});

test("beyond the most connections there may be further ones are closed, and the log says how many", async () => {
  const gateway = await start({ maxConnections: 3 });
  const [first] = await Promise.all([1, 2, 3].map(() => open(gateway)));
  const more = await open(gateway);
  if (!more.destroyed) await once(more, "close");
  first?.destroy();
  await until(async () => (await sendRaw(gateway.port, request("/nobody"))).status === 404);
  await until(() => gateway.log.some(({ omitted }) => omitted !== undefined));
  const omitted = gateway.log.find((line) => line["omitted"] !== undefined)?.["omitted"];
  expect(omitted).toEqual({ "connection-dropped": expect.any(Number) });
});
