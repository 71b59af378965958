import type { Purge } from "../../src/cache/purge-backlog.ts";
import type { PurgeLog } from "../../src/cache/purge-log.ts";
import type { Instance } from "./rig.ts";
import { describe, expect, test } from "vitest";
import { createPurgeLog } from "../../src/cache/purge-log.ts";
import { until } from "../support/cli.ts";
import { asAdmin, isReady, openInstance, RETENTION_SECONDS, redisForTest, startInstance } from "./rig.ts";
import { KEY, sample } from "./sample.ts";

const STORE = { tags: ["business:5f1"], hard: false };
const GONE_STORE = { tags: ["business:5f1"], hard: true };

/** An entry of this store whose fetch begins now. */
const fetchedNow = (purges: PurgeLog) => sample({ startedAt: purges.currentPoint() });

function listenTo(purges: PurgeLog): Purge[] {
  const heard: Purge[] = [];
  purges.onPurge((purge) => heard.push(purge));
  return heard;
}

async function pair(): Promise<readonly [Instance, Instance]> {
  const { url } = await redisForTest();
  return [await startInstance(url), await startInstance(url)];
}

const alone = (): PurgeLog => createPurgeLog({ retentionSeconds: () => RETENTION_SECONDS });

describe("in one process, without Redis", () => {
  test("a purge counts at once for what began before it, and says that nobody else knows", async () => {
    const purges = alone();
    await purges.caughtUp;
    const before = fetchedNow(purges);
    const answer = purges.purge(STORE);
    expect(purges.verdict(before)).toBe("stale");
    expect(await answer).toEqual({ replicated: false });
    expect(purges.verdict(fetchedNow(purges))).toBe("valid");
    await purges.purge(GONE_STORE);
    expect(purges.verdict(before)).toBe("gone");
    await purges.close();
  });

  test.each([
    ["business:other", "valid"],
    ["key:another", "valid"],
    ["key:locator-read", "stale"],
    ["route:/business/{business_id}", "stale"],
    ["all", "stale"],
  ])("after a purge of %s an entry of this store is %s", async (tag, verdict) => {
    const purges = alone();
    const entry = fetchedNow(purges);
    await purges.purge({ tags: [tag], hard: false });
    expect(purges.verdict(entry)).toBe(verdict);
  });

  test("a request after a purge does not join a fetch from before it, and joins one of anything else", async () => {
    const purges = alone();
    const began = purges.currentPoint();
    expect(purges.changedSince(began, STORE.tags)).toBe(false);
    await purges.purge(STORE);
    expect(purges.changedSince(began, STORE.tags)).toBe(true);
    expect(purges.changedSince(began, ["business:other"])).toBe(false);
    expect(purges.changedSince(purges.currentPoint(), STORE.tags)).toBe(false);
  });

  test("listeners hear of each purge until they are taken off", async () => {
    const purges = alone();
    const heard: Purge[] = [];
    const stop = purges.onPurge((purge) => heard.push(purge));
    await purges.purge(STORE);
    stop();
    await purges.purge(GONE_STORE);
    expect(heard).toEqual([STORE]);
  });
});

describe("two processes over one Redis", () => {
  test("a purge reaches the other, once, within a moment, and the answer says so", async () => {
    const [one, other] = await pair();
    const [heardHere, heardThere] = [listenTo(one.purges), listenTo(other.purges)];
    const entries = [fetchedNow(one.purges), fetchedNow(other.purges)] as const;
    expect(await one.purges.purge(GONE_STORE)).toEqual({ replicated: true });
    expect(one.purges.verdict(entries[0])).toBe("gone");
    await until(() => other.purges.verdict(entries[1]) === "gone");
    const more = { tags: ["list:locator-read"], hard: false };
    await other.purges.purge(more);
    await until(() => heardHere.length === 2);
    expect(heardHere).toEqual([GONE_STORE, more]);
    expect(heardThere).toEqual([GONE_STORE, more]);
  });

  test("what is fetched after the answer to a purge is valid on both", async () => {
    const [one, other] = await pair();
    const before = fetchedNow(one.purges);
    await one.purges.purge(STORE);
    const after = fetchedNow(one.purges);
    await until(() => other.purges.verdict(before) === "stale");
    expect([one.purges.verdict(after), other.purges.verdict(after)]).toEqual(["valid", "valid"]);
    await one.tier.set(KEY, after);
    const read = await other.tier.get(KEY);
    expect(read && other.purges.verdict(read)).toBe("valid");
  });

  test("a fetch that was under way during the other's purge is stored and found to be too old", async () => {
    const [one, other] = await pair();
    const slow = fetchedNow(one.purges);
    await other.purges.purge(STORE);
    await one.tier.set(KEY, slow);
    for (const { tier, purges } of [other, one]) {
      const read = await tier.get(KEY);
      await until(() => read !== undefined && purges.verdict(read) === "stale");
    }
    expect(one.purges.changedSince(slow.startedAt, STORE.tags)).toBe(true);
  });

  test("a process that starts later knows what was purged before, without its listeners being told of old times", async () => {
    const { url } = await redisForTest();
    const one = await startInstance(url);
    await one.tier.set(KEY, fetchedNow(one.purges));
    await one.purges.purge(GONE_STORE);
    const late = openInstance(url);
    const heard = listenTo(late.purges);
    await Promise.all([isReady(late), late.purges.caughtUp]);
    const read = await late.tier.get(KEY);
    expect(read && late.purges.verdict(read)).toBe("gone");
    expect(late.purges.verdict(fetchedNow(late.purges))).toBe("valid");
    await one.purges.purge(STORE);
    await until(() => heard.length > 0);
    expect(heard).toEqual([STORE]);
  });

  test("ten thousand purges are read by a process that starts later", async () => {
    const { url } = await redisForTest();
    const one = await startInstance(url);
    const entries = [0, 9999].map((nth) => sample({ startedAt: one.purges.currentPoint(), tags: [`business:${nth}`] }));
    for (let from = 0; from < 10_000; from += 500) {
      const some = Array.from({ length: 500 }, (_, nth) => one.purges.purge({ tags: [`business:${from + nth}`], hard: false }));
      expect((await Promise.all(some)).every(({ replicated }) => replicated)).toBe(true);
    }
    const late = await startInstance(url);
    expect(entries.map((entry) => late.purges.verdict(entry))).toEqual(["stale", "stale"]);
    expect(late.purges.verdict(sample({ startedAt: one.purges.currentPoint(), tags: ["business:5"] }))).toBe("valid");
  });

  test("purges older than any entry are trimmed, newer ones never", async () => {
    const redis = await redisForTest();
    const newest = 1_795_320_140_648;
    const old = newest - RETENTION_SECONDS * 1000 - 1;
    await asAdmin(redis, async (client) => {
      for (let nth = 0; nth < 1000; nth += 1) await client.xadd("partoo-bff:purge:log", `${old}-${nth}`, "tags", '["a"]', "hard", "0");
      await client.xadd("partoo-bff:purge:log", `${newest}-0`, "tags", '["b"]', "hard", "0");
    });
    const one = await startInstance(redis.url);
    await one.purges.purge(STORE);
    const left = await asAdmin(redis, (client) => client.xrange("partoo-bff:purge:log", "-", "+"));
    // Redis trims in whole nodes of 100.
    expect(left.length).toBeLessThanOrEqual(102);
    expect(left.at(-2)?.[0]).toBe(`${newest}-0`);
  });

  test("what else stands in the stream is passed over", async () => {
    const redis = await redisForTest();
    const one = await startInstance(redis.url);
    const entry = fetchedNow(one.purges);
    await asAdmin(redis, async (client) => {
      const log = "partoo-bff:purge:log";
      await client.xadd(log, "*", "hello", "world");
      await client.xadd(log, "*", "tags", "not json", "hard", "1");
      await client.xadd(log, "*", "tags", '{"0":"business:5f1"}', "hard", "1");
      await client.xadd(log, "*", "tags", '[5, "", "business:other"]', "hard", "1");
    });
    const more = { tags: ["business:5f1"], hard: false };
    const two = await startInstance(redis.url);
    await two.purges.purge(more);
    await until(() => one.purges.verdict(entry) !== "valid");
    expect(one.purges.verdict(entry)).toBe("stale");
    expect(one.purges.verdict(sample({ startedAt: entry.startedAt, tags: ["business:other"] }))).toBe("gone");
  });
});
