/** What the cache is made of over a real Redis, and the ways in which a network goes wrong. */
import type { Socket } from "node:net";
import type { Breaker } from "../../src/cache/breaker.ts";
import type { PurgeLog } from "../../src/cache/purge-log.ts";
import type { RedisTier, RedisTierFault } from "../../src/cache/redis-tier.ts";
import type { RedisConnection } from "../../src/redis.ts";
import type { RedisServer } from "../support/redis.ts";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import { createBreaker } from "../../src/cache/breaker.ts";
import { createPurgeLog } from "../../src/cache/purge-log.ts";
import { createRedisTier } from "../../src/cache/redis-tier.ts";
import { parseRedisUrl } from "../../src/redis-url.ts";
import { openRedis } from "../../src/redis.ts";
import { startRedis } from "../support/redis.ts";

export const RETENTION_SECONDS = 86_400;

export interface Instance {
  readonly connection: RedisConnection;
  readonly breaker: Breaker;
  readonly tier: RedisTier;
  /** In the order in which they came. */
  readonly faults: RedisTierFault[];
  readonly purges: PurgeLog;
}

/** A redis-server that ends with the test. */
export async function redisForTest(options: Parameters<typeof startRedis>[0] = {}): Promise<RedisServer> {
  const server = await startRedis(options);
  onTestFinished(() => server.close());
  return server;
}

/** One process's side of it; ends with the test. Does not wait for Redis. */
export function openInstance(url: string): Instance {
  const connection = openRedis(parseRedisUrl(url), pino({ level: "silent" }));
  const breaker = createBreaker(connection.client);
  const faults: RedisTierFault[] = [];
  const tier = createRedisTier({ breaker, prefix: connection.prefix, onFault: (fault) => faults.push(fault) });
  const purges = createPurgeLog({ redis: { connection, breaker }, retentionSeconds: () => RETENTION_SECONDS });
  onTestFinished(async () => {
    await purges.close();
    connection.close();
  });
  return { connection, breaker, tier, faults, purges };
}

/** openInstance(), and Redis is there and all its purges are known. */
export async function startInstance(url: string): Promise<Instance> {
  const instance = openInstance(url);
  await Promise.all([isReady(instance), instance.purges.caughtUp]);
  return instance;
}

export async function isReady({ connection }: Instance): Promise<void> {
  while (connection.client.status !== "ready") await sleep(10);
}

/** Asks Redis itself, past everything of ours. */
export async function asAdmin<T>({ port }: RedisServer, question: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis({ port, host: "127.0.0.1" });
  try {
    return await question(client);
  } finally {
    client.disconnect();
  }
}

/** Everything in Redis, as bytes: keys and values of every type. */
export async function everythingIn(redis: RedisServer): Promise<string> {
  return asAdmin(redis, async (client) => {
    const parts: string[] = [];
    for (const key of await client.keys("*")) {
      parts.push(key);
      const type = await client.type(key);
      if (type === "string") parts.push((await client.getBuffer(key))?.toString("latin1") ?? "");
      else if (type === "stream") parts.push(JSON.stringify(await client.xrange(key, "-", "+")));
      else if (type === "list") parts.push(JSON.stringify(await client.lrange(key, 0, -1)));
      else if (type === "zset") parts.push(JSON.stringify(await client.call("ZRANGE", key, "0", "-1")));
      else if (type === "hash") parts.push(JSON.stringify(await client.hgetall(key)));
      else throw new Error(`a key of type ${type} that nobody looks into`);
    }
    return parts.join("\n");
  });
}

export interface ChaosProxy {
  readonly url: string;
  /** Replies are held back for so long. */
  delayMs: number;
  /** Replies are lost while connections live. */
  swallows: boolean;
  /** The port that new connections lead to. */
  leadsTo: number;
}

/** A TCP proxy in front of a Redis; ends with the test. */
export async function chaosProxy({ port }: RedisServer): Promise<ChaosProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const redis = connect(chaos.leadsTo, "127.0.0.1");
    for (const socket of [client, redis]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
    }
    client.on("close", () => redis.destroy());
    redis.on("close", () => client.destroy());
    client.on("data", (bytes) => redis.write(bytes));
    let before = Promise.resolve();
    redis.on("data", (bytes) => {
      if (chaos.swallows) return;
      // Never out of order: what a connection does not do, nobody can be expected to bear.
      before = Promise.all([before, sleep(chaos.delayMs)]).then(() => void (client.writable && client.write(bytes)));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const chaos: ChaosProxy = {
    url: `redis://127.0.0.1:${(server.address() as { port: number }).port}`,
    delayMs: 0,
    swallows: false,
    leadsTo: port,
  };
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return chaos;
}

/** How long it took, ms. */
export async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}
