import { expect, test } from "vitest";
import type { Socket } from "node:net";
import type { Script } from "../support/recording-upstream.ts";
import { until } from "../support/cli.ts";
import { json } from "../support/recording-upstream.ts";
import { openScene } from "./scene.ts";

const scene = openScene();

/** Asks, and goes away as soon as Partoo has the request. @returns when the connection to Partoo is closed */
async function leaveDuring(script: Script): Promise<void> {
  const leaving = new AbortController();
  const arrived = Promise.withResolvers<Socket>();
  scene.upstream.answer((request, socket, nth) => {
    const bytes = script(request, socket, nth);
    arrived.resolve(socket);
    return bytes;
  });
  const asking = scene.gateway.get(undefined, { signal: leaving.signal }).catch((error: unknown) => error);
  const socket = await arrived.promise;
  const closed = new Promise<void>((resolve) => void socket.once("close", () => resolve()));
  leaving.abort();
  await asking;
  await closed;
}

test("a caller who leaves while Partoo thinks takes the call along, and the log says 499", async () => {
  await leaveDuring(() => undefined);
  await until(() => scene.gateway.log.length > 0);
  expect(scene.gateway.log).toMatchObject([{ level: "info", status: 499, decision: "allowed", route: "/business/search" }]);
  expect(scene.gateway.log[0]).not.toHaveProperty("code");
  expect(scene.upstream.requests).toHaveLength(1);
});

test("a caller who leaves while the answer arrives takes the call along", async () => {
  await leaveDuring(() => 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"page":');
  await until(() => scene.gateway.log.length > 0);
  expect(scene.gateway.log).toMatchObject([{ status: 499 }]);
});

test("a caller who leaves before the second attempt: there is none", async () => {
  const leaving = new AbortController();
  scene.upstream.answer(() => json("{}", { status: 503 }));
  const asking = scene.gateway.get(undefined, { signal: leaving.signal }).catch((error: unknown) => error);
  await until(() => scene.upstream.requests.length === 1);
  leaving.abort();
  await asking;
  await until(() => scene.gateway.log.length > 0);
  expect(scene.gateway.log).toMatchObject([{ status: 499 }]);
  expect(scene.upstream.requests).toHaveLength(1);
});

test("one who leaves takes nothing from the others, and the next one is served", async () => {
  const answering = Promise.withResolvers<void>();
  scene.upstream.answer((_request, socket) => {
    void answering.promise.then(() => socket.write(json({ page: 7 })));
    return undefined;
  });
  const leaving = new AbortController();
  const [gone, stays] = [scene.gateway.get(undefined, { signal: leaving.signal }).catch(() => undefined), scene.gateway.get()];
  await until(() => scene.upstream.requests.length === 2);
  leaving.abort();
  await gone;
  answering.resolve();
  expect(await (await stays).json()).toEqual({ page: 7 });
  expect(await (await scene.gateway.get()).json()).toEqual({ page: 7 });
});
