/** Each way in which Redis can go wrong: the second tier misses, nobody waits long, nothing is thrown, and it mends itself. */
import type { Instance } from "./rig.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { createBreaker } from "../../src/cache/breaker.ts";
import { encodeFrame } from "../../src/cache/frame.ts";
import { createRedisTier } from "../../src/cache/redis-tier.ts";
import { until } from "../support/cli.ts";
import { freePort } from "../support/redis.ts";
import { asAdmin, chaosProxy, isReady, openInstance, redisForTest, timed } from "./rig.ts";
import { KEY, sample } from "./sample.ts";

/** A connection's deadline for a command, and some for a busy machine. */
const ONE_DEADLINE_MS = 400;
const AT_ONCE_MS = 50;

/** Stores and reads again and again until that works. */
async function recovers({ tier }: Instance): Promise<void> {
  const entry = sample({ hash: "after" });
  await until(async () => (await tier.set(KEY, entry)) && (await tier.get(KEY))?.hash === "after");
}

async function openReady(url: string): Promise<Instance> {
  const instance = openInstance(url);
  await isReady(instance);
  return instance;
}

test("down at start: a miss at once; up: it works", async () => {
  const port = await freePort();
  const instance = openInstance(`redis://127.0.0.1:${port}`);
  expect(await timed(() => instance.tier.get(KEY))).toBeLessThan(AT_ONCE_MS);
  expect(await instance.tier.set(KEY, sample())).toBe(false);
  expect(instance.faults).toEqual(["read-away", "write-away"]);
  await redisForTest({ port });
  await recovers(instance);
});

test("killed under load: every read is a miss or the entry, none takes long; restarted empty: it works", async () => {
  const redis = await redisForTest();
  const instance = await openReady(redis.url);
  await recovers(instance);
  const slowest = { ms: 0 };
  const load = { runs: true };
  const reading = Array.from({ length: 20 }, async () => {
    while (load.runs) {
      slowest.ms = Math.max(slowest.ms, await timed(() => instance.tier.get(KEY)));
      await sleep(1);
    }
  });
  await sleep(100);
  await redis.kill();
  await sleep(500);
  await redis.restart();
  await recovers(instance);
  load.runs = false;
  await Promise.all(reading);
  expect(slowest.ms).toBeLessThan(ONE_DEADLINE_MS);
});

test("hung: the first wait is one deadline, the next are none, and one command a second asks again", async () => {
  const redis = await redisForTest();
  const instance = await openReady(redis.url);
  await recovers(instance);
  await redis.pause(2500);
  const first = await Promise.all([1, 2, 3].map(() => timed(() => instance.tier.get(KEY))));
  expect(Math.max(...first)).toBeLessThan(ONE_DEADLINE_MS);
  for (let nth = 0; nth < 20; nth += 1) expect(await timed(() => instance.tier.get(KEY))).toBeLessThan(AT_ONCE_MS);
  await recovers(instance);
});

test("replies that get lost do not shift later replies for ever, although traffic never stops", async () => {
  const redis = await redisForTest();
  const chaos = await chaosProxy(redis);
  const instance = await openReady(chaos.url);
  await recovers(instance);
  const load = { runs: true };
  const { client } = instance.connection;
  // Somebody else's commands on the same connection, without a breaker: they keep the socket from falling silent.
  const others = (async () => {
    while (load.runs) {
      void client.echo("x").catch(() => undefined);
      await sleep(20);
    }
  })();
  chaos.swallows = true;
  expect(await instance.tier.get(KEY)).toBeUndefined();
  await sleep(200);
  chaos.swallows = false;
  await recovers(instance);
  expect(await client.echo("mine")).toBe("mine");
  load.runs = false;
  await others;
});

test("slow by 200 ms: entries come, each within one deadline", async () => {
  const redis = await redisForTest();
  const chaos = await chaosProxy(redis);
  const instance = await openReady(chaos.url);
  await instance.tier.set(KEY, sample());
  chaos.delayMs = 200;
  const found: unknown[] = [];
  expect(await timed(async () => found.push(await instance.tier.get(KEY)))).toBeLessThan(ONE_DEADLINE_MS);
  expect(found).toMatchObject([{ hash: "Vb0Fq3" }]);
  expect(instance.faults).toEqual([]);
});

test("slower than the deadline: misses at once but for one a second; fast again: it works", async () => {
  const redis = await redisForTest();
  const chaos = await chaosProxy(redis);
  const instance = await openReady(chaos.url);
  await recovers(instance);
  chaos.delayMs = 600;
  const waits: number[] = [];
  const end = performance.now() + 2500;
  while (performance.now() < end) {
    waits.push(await timed(() => instance.tier.get(KEY)));
    await sleep(5);
  }
  expect(Math.max(...waits)).toBeLessThan(ONE_DEADLINE_MS);
  expect(waits.filter((ms) => ms > AT_ONCE_MS).length).toBeLessThanOrEqual(4);
  chaos.delayMs = 0;
  await recovers(instance);
});

test("full: writes are refused, reads go on; room again: it works", async () => {
  const redis = await redisForTest();
  const instance = await openReady(redis.url);
  await instance.tier.set(KEY, sample());
  await asAdmin(redis, (client) => client.config("SET", "maxmemory-policy", "noeviction", "maxmemory", "1"));
  expect(await instance.tier.set("other", sample())).toBe(false);
  expect(await instance.tier.get(KEY)).toMatchObject({ hash: "Vb0Fq3" });
  expect(instance.faults).toEqual(["write-refused"]);
  await asAdmin(redis, (client) => client.config("SET", "maxmemory", "0"));
  expect(await instance.tier.set("other", sample())).toBe(true);
});

test("evicting: what went is a miss", async () => {
  const redis = await redisForTest();
  const instance = await openReady(redis.url);
  await asAdmin(redis, (client) => client.config("SET", "maxmemory-policy", "volatile-lru", "maxmemory", "4mb"));
  const keys = Array.from({ length: 60 }, (_, nth) => `entry ${nth}`);
  for (const key of keys) await instance.tier.set(key, sample({ body: Buffer.alloc(100_000) }));
  const found = await Promise.all(keys.map((key) => instance.tier.get(key)));
  expect(found.filter((entry) => entry === undefined).length).toBeGreaterThan(20);
  expect(found.filter((entry) => entry !== undefined).length).toBeGreaterThan(0);
  expect(instance.faults.filter((fault) => fault !== "write-refused")).toEqual([]);
  await recovers(instance);
});

test("a read-only replica: writes are refused, reads go on; a master again: it works", async () => {
  const [master, replica] = [await redisForTest(), await redisForTest()];
  await (await openReady(master.url)).tier.set(KEY, sample());
  const instance = await openReady(replica.url);
  await asAdmin(replica, async (client) => {
    await client.replicaof("127.0.0.1", master.port);
    await until(async () => (await client.info("replication")).includes("master_link_status:up"));
  });
  await until(async () => (await instance.tier.get(KEY)) !== undefined);
  instance.faults.length = 0;
  expect(await instance.tier.set("other", sample())).toBe(false);
  expect(instance.faults).toEqual(["write-refused"]);
  await until(async () => (await instance.tier.get(KEY)) !== undefined);
  expect(await instance.tier.set("other", sample())).toBe(false);
  expect(await instance.tier.get(KEY)).toMatchObject({ hash: "Vb0Fq3" });
  await asAdmin(replica, (client) => client.replicaof("NO", "ONE"));
  await recovers(instance);
});

test("a failover that leaves connections open: who still talks to what is a replica now finds the new master", async () => {
  const [old, master] = [await redisForTest(), await redisForTest()];
  const address = await chaosProxy(old);
  const instance = await openReady(address.url);
  await recovers(instance);
  await asAdmin(old, (client) => client.replicaof("127.0.0.1", master.port));
  address.leadsTo = master.port;
  await recovers(instance);
  expect((await master.keys()).filter((key) => key.includes(":response:"))).toHaveLength(1);
});

test("a wrong password: a miss at once; Redis takes it from now on: it works", async () => {
  const redis = await redisForTest({ password: "the-right-one" });
  const instance = openInstance(`redis://:not-the-right-one@127.0.0.1:${redis.port}`);
  await sleep(300);
  expect(await timed(() => instance.tier.get(KEY))).toBeLessThan(AT_ONCE_MS);
  expect(await instance.tier.set(KEY, sample())).toBe(false);
  const admin = new Redis({ port: redis.port, host: "127.0.0.1", password: "the-right-one" });
  await admin.config("SET", "requirepass", "not-the-right-one");
  admin.disconnect();
  await recovers(instance);
});

test("corrupted and foreign values under our keys are misses, are removed, and can be stored over", async () => {
  const redis = await redisForTest();
  const instance = await openReady(redis.url);
  await instance.tier.set(KEY, sample());
  const name = (await redis.keys()).find((key) => key.startsWith("partoo-bff:response:")) ?? "";
  const frame = encodeFrame(KEY, sample());
  const flipped = Buffer.from(frame);
  flipped[frame.length - 1] = 0;
  const foreign = [flipped, frame.subarray(0, 100), Buffer.from("hello"), Buffer.alloc(6_000_000), encodeFrame("other", sample())];
  for (const value of foreign) {
    await asAdmin(redis, (client) => client.set(name, value));
    expect(await instance.tier.get(KEY)).toBeUndefined();
    expect(await redis.keys()).not.toContain(name);
  }
  await asAdmin(redis, (client) => client.del(name));
  await asAdmin(redis, (client) => client.lpush(name, "a list"));
  expect(await instance.tier.get(KEY)).toBeUndefined();
  expect(instance.faults).toEqual(Array.from({ length: 6 }, () => "mismatch"));
  expect(await instance.tier.set(KEY, sample())).toBe(true);
  expect(await instance.tier.get(KEY)).toBeDefined();
});

test("an entry goes away by itself when it may not be used any longer", async () => {
  const redis = await redisForTest();
  const instance = await openReady(redis.url);
  await instance.tier.set(KEY, sample({ storedAt: Date.now() - 100_000, freshSeconds: 60, staleSeconds: 100 }));
  const name = (await redis.keys()).find((key) => key.startsWith("partoo-bff:response:")) ?? "";
  expect(await redis.secondsLeft(name)).toBeGreaterThanOrEqual(58);
  expect(await redis.secondsLeft(name)).toBeLessThanOrEqual(60);
  expect(await instance.tier.set(KEY, sample({ storedAt: Date.now() - 200_000, freshSeconds: 60, staleSeconds: 100 }))).toBe(false);
});

test("an entry from a clock far ahead is not used, and not taken from those whose clock agrees", async () => {
  const redis = await redisForTest();
  const instance = await openReady(redis.url);
  await instance.tier.set(KEY, sample({ storedAt: Date.now() + 3_600_000 }));
  expect(await instance.tier.get(KEY)).toBeUndefined();
  expect((await redis.keys()).filter((key) => key.includes(":response:"))).toHaveLength(1);
  expect(instance.faults).toEqual([]);
});

test("a frame names nobody's search", () => {
  expect(encodeFrame("Jane Doe, 5 rue des Lilas", sample()).toString("latin1")).not.toContain("Lilas");
});

test("writes that Redis has not confirmed are bounded: what exceeds 16 MiB is dropped, and later writes go on", async () => {
  const redis = await redisForTest();
  const instance = await openReady(redis.url);
  const large = sample({ body: Buffer.alloc(3 * 1024 * 1024) });
  const kept = await Promise.all(Array.from({ length: 8 }, (_, nth) => instance.tier.set(`entry ${nth}`, large)));
  expect(kept).toEqual([true, true, true, true, true, false, false, false]);
  expect(instance.faults).toEqual(["write-dropped", "write-dropped", "write-dropped"]);
  expect(await instance.tier.set("later", large)).toBe(true);
});

test("every key begins with the deployment's prefix, and names nobody's search", async () => {
  const redis = await redisForTest();
  const instance = await openReady(redis.url);
  const tier = createRedisTier({ breaker: createBreaker(instance.connection.client), prefix: "shop-a:" });
  await tier.set('["search","Jane Doe, 5 rue des Lilas"]', sample());
  const keys = (await redis.keys()).filter((key) => key.includes("response"));
  expect(keys).toEqual([expect.stringMatching(/^shop-a:response:[A-Za-z0-9_-]{43}$/)]);
});
