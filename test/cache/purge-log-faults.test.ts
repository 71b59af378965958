/** Each way in which Redis can go wrong: a purge counts here at once, says truly whether the others have it, and gets to them in the end. */
import type { Purge } from "../../src/cache/purge-backlog.ts";
import type { PurgeLog } from "../../src/cache/purge-log.ts";
import type { Instance } from "./rig.ts";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { until } from "../support/cli.ts";
import { freePort } from "../support/redis.ts";
import { asAdmin, chaosProxy, isReady, openInstance, redisForTest, startInstance, timed } from "./rig.ts";
import { KEY, sample } from "./sample.ts";

const SOFT = { tags: ["business:5f1"], hard: false };
const HARD = { tags: ["business:5f1"], hard: true };
const ONE_DEADLINE_MS = 400;

const fetchedNow = (purges: PurgeLog, tags: readonly string[] = ["business:5f1"]) => sample({ startedAt: purges.currentPoint(), tags });

/** Purges made-up tags here until one of them arrives there. */
async function untilReplicating(from: Instance, to: Instance): Promise<void> {
  let nth = 0;
  await until(async () => {
    const tag = `probe:${(nth += 1)}`;
    const entry = fetchedNow(to.purges, [tag]);
    await from.purges.purge({ tags: [tag], hard: true });
    await new Promise((resolve) => setTimeout(resolve, 50));
    return to.purges.verdict(entry) === "gone";
  });
}

function listenTo(purges: PurgeLog): Purge[] {
  const heard: Purge[] = [];
  purges.onPurge((purge) => heard.push(purge));
  return heard;
}

test("down at start: it counts here; up: the others get it, once however often it was asked for", async () => {
  const port = await freePort();
  const one = openInstance(`redis://127.0.0.1:${port}`);
  const before = fetchedNow(one.purges);
  for (let nth = 0; nth < 50; nth += 1) expect(await one.purges.purge(HARD)).toEqual({ replicated: false });
  expect(one.purges.verdict(before)).toBe("gone");
  const redis = await redisForTest({ port });
  await one.purges.caughtUp;
  const count = (): Promise<number> => asAdmin(redis, (client) => client.xlen("partoo-bff:purge:log"));
  await until(async () => (await count()) > 0);
  const late = await startInstance(redis.url);
  await untilReplicating(one, late);
  const entries = await asAdmin(redis, (client) => client.xrange("partoo-bff:purge:log", "-", "+"));
  expect(entries.filter(([, fields]) => fields.includes('["business:5f1"]'))).toHaveLength(1);
  expect(one.purges.verdict(before)).toBe("gone");
});

test("killed and restarted empty: what was gone stays gone, the rest is stale once, and purges go round again", async () => {
  const redis = await redisForTest();
  const [one, other] = [await startInstance(redis.url), await startInstance(redis.url)];
  const [kept, purged, queued] = [fetchedNow(one.purges, ["a"]), fetchedNow(one.purges), fetchedNow(other.purges, ["b"])];
  await one.purges.purge(HARD);
  const heard = listenTo(one.purges);
  await redis.kill();
  await until(async () => !(await one.purges.purge({ tags: ["b"], hard: true })).replicated);
  await redis.restart();
  await until(() => one.purges.verdict(kept) === "stale" && other.purges.verdict(queued) === "gone");
  expect(one.purges.verdict(purged)).toBe("gone");
  expect(heard).toContainEqual({ tags: ["all"], hard: false });
  const fresh = fetchedNow(one.purges, ["a"]);
  expect([one.purges.verdict(fresh), other.purges.verdict(fresh)]).toEqual(["valid", "valid"]);
  expect([one.purges.changedSince(kept.startedAt, ["a"]), one.purges.changedSince(fresh.startedAt, ["a"])]).toEqual([true, false]);
  await untilReplicating(one, other);
  await untilReplicating(other, one);
});

test("emptied while connections live: noticed by itself", async () => {
  const redis = await redisForTest();
  const one = await startInstance(redis.url);
  const kept = fetchedNow(one.purges);
  await asAdmin(redis, (client) => client.flushall());
  await until(() => one.purges.verdict(kept) === "stale");
  expect(one.purges.verdict(fetchedNow(one.purges))).toBe("valid");
  expect(await redis.keys()).toContain("partoo-bff:purge:generation");
});

test("hung: the answer comes within one deadline, and the purge arrives when Redis is back", async () => {
  const redis = await redisForTest();
  const [one, other] = [await startInstance(redis.url), await startInstance(redis.url)];
  const [here, there] = [fetchedNow(one.purges), fetchedNow(other.purges)];
  await redis.pause(2000);
  expect(await timed(() => one.purges.purge(HARD))).toBeLessThan(ONE_DEADLINE_MS);
  expect(one.purges.verdict(here)).toBe("gone");
  expect(await one.purges.purge({ tags: ["x"], hard: false })).toEqual({ replicated: false });
  await until(() => other.purges.verdict(there) === "gone");
  await untilReplicating(one, other);
});

test("full: the purge waits until there is room", async () => {
  const redis = await redisForTest();
  const [one, other] = [await startInstance(redis.url), await startInstance(redis.url)];
  const there = fetchedNow(other.purges);
  await asAdmin(redis, (client) => client.config("SET", "maxmemory-policy", "noeviction", "maxmemory", "1"));
  expect(await one.purges.purge(HARD)).toEqual({ replicated: false });
  await asAdmin(redis, (client) => client.config("SET", "maxmemory", "0"));
  await until(() => other.purges.verdict(there) === "gone");
  expect(await one.purges.purge(SOFT)).toEqual({ replicated: true });
});

test("full from the first moment, so that nothing can be named: purges stay here until there is room", async () => {
  const redis = await redisForTest();
  await asAdmin(redis, (client) => client.config("SET", "maxmemory-policy", "noeviction", "maxmemory", "1"));
  const one = openInstance(redis.url);
  await isReady(one);
  const entry = fetchedNow(one.purges);
  expect(await one.purges.purge(HARD)).toEqual({ replicated: false });
  expect(one.purges.verdict(entry)).toBe("gone");
  await asAdmin(redis, (client) => client.config("SET", "maxmemory", "0"));
  await one.purges.caughtUp;
  await untilReplicating(one, await startInstance(redis.url));
});

test("purged here while cut off, and Redis takes no writes when it is back: what the others stored before does not count as valid", async () => {
  const redis = await redisForTest();
  const chaos = await chaosProxy(redis);
  chaos.swallows = true;
  const [one, other] = [openInstance(chaos.url), await startInstance(redis.url)];
  await other.purges.purge({ tags: ["x"], hard: false });
  await other.tier.set(KEY, fetchedNow(other.purges));
  expect(await one.purges.purge(HARD)).toEqual({ replicated: false });
  await asAdmin(redis, (client) => client.config("SET", "maxmemory-policy", "noeviction", "maxmemory", "1"));
  chaos.swallows = false;
  await Promise.all([isReady(one), one.purges.caughtUp]);
  await until(async () => (await one.tier.get(KEY)) !== undefined);
  const read = await one.tier.get(KEY);
  expect(read && one.purges.verdict(read)).toBe("gone");
  await asAdmin(redis, (client) => client.config("SET", "maxmemory", "0"));
  await until(() => read !== undefined && other.purges.verdict(read) === "gone");
});

test("a read-only replica: the master's purges are read, our own wait until it is a master", async () => {
  const [master, replica] = [await redisForTest(), await redisForTest()];
  const one = await startInstance(master.url);
  await asAdmin(replica, async (client) => {
    await client.replicaof("127.0.0.1", master.port);
    await until(async () => (await client.info("replication")).includes("master_link_status:up"));
  });
  const other = await startInstance(replica.url);
  await untilReplicating(one, other);
  expect(await other.purges.purge(HARD)).toEqual({ replicated: false });
  await asAdmin(replica, (client) => client.replicaof("NO", "ONE"));
  const third = await startInstance(replica.url);
  const there = fetchedNow(third.purges);
  await until(() => third.purges.verdict(there) === "gone");
});

test("a wrong password: purges stay here; Redis takes it from now on: they get round", async () => {
  const redis = await redisForTest({ password: "the-right-one" });
  const one = openInstance(`redis://:not-the-right-one@127.0.0.1:${redis.port}`);
  const entry = fetchedNow(one.purges);
  expect(await one.purges.purge(SOFT)).toEqual({ replicated: false });
  expect(one.purges.verdict(entry)).toBe("stale");
  const admin = new Redis({ port: redis.port, host: "127.0.0.1", password: "the-right-one" });
  await admin.config("SET", "requirepass", "");
  admin.disconnect();
  await one.purges.caughtUp;
  await untilReplicating(one, await startInstance(redis.url));
});

test("slow by 200 ms: purges get round both ways", async () => {
  const redis = await redisForTest();
  const chaos = await chaosProxy(redis);
  const [one, other] = [await startInstance(chaos.url), await startInstance(redis.url)];
  chaos.delayMs = 200;
  const there = fetchedNow(other.purges);
  // Near the deadline of a command: whether Redis has it may not be known in time, but it has it.
  await one.purges.purge(HARD);
  await until(() => other.purges.verdict(there) === "gone");
  await until(async () => {
    const here = fetchedNow(one.purges);
    await other.purges.purge(HARD);
    await new Promise((resolve) => setTimeout(resolve, 500));
    return one.purges.verdict(here) === "gone";
  });
  expect(other.purges.verdict(there)).toBe("gone");
});

test("replies that get lost: what was purged meanwhile is caught up with", async () => {
  const redis = await redisForTest();
  const chaos = await chaosProxy(redis);
  const [one, other] = [await startInstance(chaos.url), await startInstance(redis.url)];
  const here = fetchedNow(one.purges);
  chaos.swallows = true;
  await other.purges.purge(HARD);
  await new Promise((resolve) => setTimeout(resolve, 300));
  chaos.swallows = false;
  await until(() => one.purges.verdict(here) !== "valid");
  expect(one.purges.verdict(here)).toBe("gone");
  await untilReplicating(one, other);
});

test.each(["partoo-bff:purge:generation", "partoo-bff:purge:log"])(
  "a foreign list under %s: purges stay here until it is removed",
  async (name) => {
    const redis = await redisForTest();
    await asAdmin(redis, (client) => client.lpush(name, "not ours"));
    const one = openInstance(redis.url);
    await isReady(one);
    const entry = fetchedNow(one.purges);
    await one.purges.purge(HARD);
    expect(one.purges.verdict(entry)).toBe("gone");
    await asAdmin(redis, (client) => client.del(name));
    await one.purges.caughtUp;
    await untilReplicating(one, await startInstance(redis.url));
  },
);

test("closing while Redis hangs does not wait for it", async () => {
  const redis = await redisForTest();
  const one = await startInstance(redis.url);
  await redis.pause(2000);
  void one.purges.purge(SOFT);
  expect(await timed(() => one.purges.close())).toBeLessThan(ONE_DEADLINE_MS);
});
