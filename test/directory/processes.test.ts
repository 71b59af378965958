/** Several processes with one Redis: what one is told, the others show, whatever happens to Redis meanwhile. */
import { describe, expect, test } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import type { RedisServer } from "../support/redis.ts";
import type { ChangingPartoo } from "./partoo.ts";
import { asAdmin, chaosProxy, redisForTest } from "../cache/rig.ts";
import { later, stopClock } from "../cache/partoo.ts";
import { until } from "../support/cli.ts";
import { listOf, locatorFor, namesOf, shows, startChangingPartoo, tell } from "./partoo.ts";
import { aStore } from "./support.ts";

const NOW = Math.floor(Date.now() / 1000);
const named = (nth: number, name: string, modified = NOW - 900) => aStore(nth, { name, modified });
const UPDATED = "business_updated";
const DELETED = "business_deleted";

interface Pair {
  readonly partoo: ChangingPartoo;
  readonly redis: RedisServer;
  readonly one: TestGateway;
  readonly other: TestGateway;
}

const hasSnapshot = (redis: RedisServer): Promise<void> =>
  until(async () => (await redis.keys()).some((key) => /:directory:[\w-]{22}$/.test(key)));

async function pair(): Promise<Pair> {
  const redis = await redisForTest();
  const partoo = await startChangingPartoo([named(1, "First"), named(2, "Second")]);
  const one = await locatorFor(partoo, { redisUrl: redis.url });
  await hasSnapshot(redis);
  const other = await locatorFor(partoo, { redisUrl: redis.url });
  expect(partoo.sweeps()).toBe(1);
  return { partoo, redis, one, other };
}

const changesKey = (redis: RedisServer): Promise<string> =>
  asAdmin(redis, async (client) => (await client.keys("*:changes")).find((key) => key.includes("directory")) ?? "");

test("an edit and a deletion that one is told are shown by the other within seconds, for no call", async () => {
  const { partoo, one, other } = await pair();
  const calls = partoo.requests.length;
  expect(await tell(one, UPDATED, named(1, "Edited", NOW))).toBe(200);
  await shows(other, "Edited", "Second");
  expect(await tell(other, DELETED, named(1, "Edited"))).toBe(200);
  await shows(one, "Second");
  // What was sent before the deletion may come after it, to either.
  expect(await tell(one, UPDATED, named(1, "Late", NOW))).toBe(200);
  expect(await tell(other, UPDATED, named(1, "Late", NOW))).toBe(200);
  expect([await namesOf(one), await namesOf(other)]).toEqual([["Second"], ["Second"]]);
  expect(partoo.requests.length).toBe(calls);
});

test("one edit at Partoo is one call of one of them, and both show it", async () => {
  stopClock();
  const { partoo, one, other } = await pair();
  later(50);
  partoo.stores[0] = named(1, "Edited", NOW + 40);
  later(15);
  await Promise.all([shows(one, "Edited", "Second"), shows(other, "Edited", "Second")]);
  expect(partoo.deltas().length).toBeLessThanOrEqual(2);
  const age = (gateway: TestGateway): unknown => gateway.instance.directories()[0]?.ageSeconds;
  expect([age(one), age(other)]).toEqual([0, 0]);
});

describe("when Redis", () => {
  test("was killed and is back empty, what both are told reaches both", async () => {
    const { redis, one, other } = await pair();
    await redis.kill();
    expect(await tell(one, UPDATED, named(1, "Edited meanwhile", NOW))).toBe(200);
    expect(await tell(one, DELETED, named(2, "Second"))).toBe(200);
    expect(await namesOf(one)).toEqual(["Edited meanwhile"]);
    await redis.restart();
    await shows(other, "Edited meanwhile");
  });

  test("is away for one of them, what that one is told reaches the other when it is back", async () => {
    const redis = await redisForTest();
    const chaos = await chaosProxy(redis);
    const partoo = await startChangingPartoo([named(1, "First"), named(2, "Second")]);
    const one = await locatorFor(partoo, { redisUrl: redis.url });
    await hasSnapshot(redis);
    const other = await locatorFor(partoo, { redisUrl: chaos.url });
    chaos.swallows = true;
    expect(await tell(other, DELETED, named(1, "First"))).toBe(200);
    expect(await namesOf(other)).toEqual(["Second"]);
    chaos.swallows = false;
    await shows(one, "Second");
  });

  test("holds no more of what one was not told, that one reads the changes itself", async () => {
    stopClock();
    const { partoo, redis, one, other } = await pair();
    expect(await tell(one, UPDATED, named(1, "Seen by both", NOW))).toBe(200);
    await shows(other, "Seen by both", "Second");
    const key = await changesKey(redis);
    // What the first is told is taken from the stream before the other has looked.
    partoo.stores = [named(1, "Edited", NOW + 1), named(2, "Second")];
    expect(await tell(one, UPDATED, named(1, "Edited", NOW + 1))).toBe(200);
    await asAdmin(redis, (client) => client.xtrim(key, "MAXLEN", 0));
    expect(await tell(one, UPDATED, named(2, "After the gap", NOW + 2))).toBe(200);
    partoo.stores[1] = named(2, "After the gap", NOW + 2);
    await until(async () => (await namesOf(other)).includes("After the gap"));
    later(61);
    await shows(other, "Edited", "After the gap");
    await until(() => other.instance.directories()[0]?.ageSeconds === 0);
    expect(partoo.deltas().length).toBeLessThanOrEqual(2);
  });

  test("is full, each serves what it knows, and no halves are left there", async () => {
    const redis = await redisForTest();
    await asAdmin(redis, (client) => client.config("SET", "maxmemory", "1"));
    const partoo = await startChangingPartoo(Array.from({ length: 300 }, (_, nth) => named(nth, `Acme ${nth}`)));
    const gateway = await locatorFor(partoo, { redisUrl: redis.url });
    expect(await tell(gateway, UPDATED, named(1, "Edited", NOW))).toBe(200);
    expect((await listOf(gateway, "?q=edited")).count).toBe(1);
    expect((await redis.keys()).filter((key) => key.includes("directory"))).toEqual([]);
  });
});

describe("after a restart", () => {
  const stored = async () => {
    const redis = await redisForTest();
    const partoo = await startChangingPartoo(Array.from({ length: 300 }, (_, nth) => named(nth, `Acme ${nth}`)));
    const gateway = await locatorFor(partoo, { redisUrl: redis.url });
    await until(async () => (await redis.keys()).some((key) => key.endsWith(":1")));
    await gateway.close();
    return { redis, partoo };
  };
  test("all is there at once without a call, and so is what was told since the last reading", async () => {
    const { redis, partoo, one, other } = await pair();
    expect(await tell(one, UPDATED, named(1, "Edited", NOW))).toBe(200);
    await shows(other, "Edited", "Second");
    await Promise.all([one.close(), other.close()]);
    const calls = partoo.requests.length;
    const next = await locatorFor(partoo, { redisUrl: redis.url });
    await shows(next, "Edited", "Second");
    expect(partoo.requests.length).toBe(calls);
  });

  test.each([
    ["half of which is missing", /:\d+:1$/, undefined],
    ["whose head is no JSON", /:directory:[\w-]+$/, "no JSON"],
    ["half of which is something else", /:\d+:1$/, "nothing of ours"],
  ] as const)("a snapshot %s is not served for the whole", async (_what, name, content) => {
    const { redis, partoo } = await stored();
    for (const key of (await redis.keys()).filter((each) => each.includes(":directory:") && name.test(each)))
      await asAdmin<unknown>(redis, (client) => (content === undefined ? client.unlink(key) : client.set(key, content)));
    const next = await locatorFor(partoo, { redisUrl: redis.url });
    expect((await listOf(next)).count).toBe(300);
    expect(partoo.sweeps()).toBe(6);
    // And the next one lies there whole.
    await until(async () => (await redis.keys()).some((key) => key.endsWith(":1")));
  });

  test("a snapshot of other fields, or of another Partoo, is not used", async () => {
    const { redis } = await stored();
    const elsewhere = await startChangingPartoo([named(1, "Elsewhere")]);
    await shows(await locatorFor(elsewhere, { redisUrl: redis.url }), "Elsewhere");
    const other = await locatorFor(elsewhere, { redisUrl: redis.url, fields: "id, name" });
    await shows(other, "Elsewhere");
    expect(elsewhere.sweeps()).toBe(2);
  });
});
