/** What the start waits for, and what it does not wait for. */
import { once } from "node:events";
import { createServer } from "node:net";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import type { RedisConnection } from "../src/redis.ts";
import { parseRedisUrl } from "../src/redis-url.ts";
import { openRedis } from "../src/redis.ts";
import { redisForTest } from "./cache/rig.ts";
import { freePort } from "./support/redis.ts";

function open(url: string): RedisConnection {
  const connection = openRedis(parseRedisUrl(url), pino({ level: "silent" }));
  onTestFinished(() => connection.close());
  return connection;
}

test("the first outcome of a Redis that is there is that it is ready", async () => {
  const connection = open((await redisForTest()).url);
  await connection.settled;
  expect(connection.client.status).toBe("ready");
});

test("the first outcome of one that is not there is known as soon as the connection is refused", async () => {
  const connection = open(`redis://127.0.0.1:${await freePort()}`);
  await connection.settled;
  expect(connection.client.status).not.toBe("ready");
});

test("nor does a wrong password keep anybody waiting", async () => {
  const redis = await redisForTest({ password: "the-right-one" });
  const connection = open(`redis://:not-the-right-one@127.0.0.1:${redis.port}`);
  await connection.settled;
  expect(connection.client.status).not.toBe("ready");
});

test("one that takes the connection and says nothing has no outcome before a deadline", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  onTestFinished(() => void silent.close());
  const connection = open(`redis://127.0.0.1:${(silent.address() as { port: number }).port}`);
  const taken = once(silent, "connection").then(([socket]: { destroy(): void }[]) => onTestFinished(() => socket?.destroy()));
  expect(await Promise.race([connection.settled.then(() => "settled"), taken.then(() => "taken")])).toBe("taken");
});
