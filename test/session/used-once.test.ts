/** What may be used once is used once, with Redis and without. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { UseOutcome, UsedOnce } from "../../src/session/used-once.ts";
import { createUsedOnce } from "../../src/session/used-once.ts";
import { isReady, openInstance, redisForTest } from "../cache/rig.ts";

function count(outcomes: readonly UseOutcome[]): Partial<Record<UseOutcome, number>> {
  const counts: Partial<Record<UseOutcome, number>> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

const claims = (who: readonly UsedOnce[], times: number): Promise<UseOutcome[]> =>
  Promise.all(Array.from({ length: times }, (_, n) => (who[n % who.length] as UsedOnce).claim("id")));

describe("without Redis", () => {
  test("of a hundred at once one is first", async () => {
    expect(count(await claims([createUsedOnce({ keepMs: 1000 })], 100))).toEqual({ first: 1, again: 99 });
  });

  test("it is remembered as long as it could be used, and forgotten then", async () => {
    const clock = { ms: 0 };
    const used = createUsedOnce({ keepMs: 1000, now: () => clock.ms });
    expect([used.has("id"), await used.claim("id"), used.has("id")]).toEqual([false, "first", true]);
    clock.ms = 999;
    expect(await used.claim("id")).toBe("again");
    clock.ms = 1000;
    expect(await used.claim("id")).toBe("first");
  });

  test("a full memory refuses what is new and forgets nothing before its time", async () => {
    const clock = { ms: 0 };
    const used = createUsedOnce({ keepMs: 1000, max: 3, now: () => clock.ms });
    for (const id of ["a", "b", "c"]) {
      expect(await used.claim(id)).toBe("first");
      clock.ms += 100;
    }
    expect([await used.claim("d"), await used.claim("a"), await used.claim("d")]).toEqual(["full", "again", "full"]);
    clock.ms = 1000;
    expect([await used.claim("d"), await used.claim("e"), await used.claim("b")]).toEqual(["first", "full", "again"]);
  });
});

describe("with Redis", () => {
  async function twoProcesses(options: { readonly keepMs?: number; readonly max?: number } = {}) {
    const redis = await redisForTest();
    const instances = [openInstance(redis.url), openInstance(redis.url)];
    await Promise.all(instances.map(isReady));
    const used = instances.map(({ breaker }) => createUsedOnce({ keepMs: 60_000, ...options, redis: { breaker, prefix: "test:used:" } }));
    return { redis, used: used as [UsedOnce, UsedOnce] };
  }

  test("of a hundred at once at two processes one is first", async () => {
    const { used, redis } = await twoProcesses();
    expect(count(await claims(used, 100))).toEqual({ first: 1, again: 99 });
    expect(await redis.keys()).toContain("test:used:id");
    expect(await redis.secondsLeft("test:used:id")).toBeGreaterThan(50);
  });

  test("Redis forgets it when it can't be used any more", async () => {
    const { used, redis } = await twoProcesses({ keepMs: 100 });
    await used[0].claim("id");
    await sleep(150);
    expect(await redis.keys()).not.toContain("test:used:id");
  });

  test("a process without room goes on: Redis remembers", async () => {
    const { used } = await twoProcesses({ max: 0 });
    expect(count(await claims(used, 100))).toEqual({ first: 1, again: 99 });
  });

  test("what was used is still known to the process that took it when Redis is killed and comes back empty", async () => {
    const { used, redis } = await twoProcesses();
    expect(await used[0].claim("id")).toBe("first");
    await redis.kill();
    expect(await used[0].claim("id")).toBe("again");
    await redis.restart();
    expect(await used[0].claim("id")).toBe("again");
  });

  test("while it is away each process takes a thing once at most, and none without room to remember it", async () => {
    const { used, redis } = await twoProcesses();
    const small = await twoProcesses({ max: 0 });
    await Promise.all([redis.kill(), small.redis.kill()]);
    expect(count(await claims(used, 100))).toEqual({ first: 2, again: 98 });
    expect(count(await claims(small.used, 100))).toEqual({ full: 100 });
  });

  test("one that answers nothing keeps nobody waiting, and opens nothing", async () => {
    const { used, redis } = await twoProcesses();
    await redis.pause(3000);
    expect(count(await claims([used[0]], 100))).toEqual({ first: 1, again: 99 });
  });

  test("one that refuses to write is as good as none", async () => {
    const { used, redis } = await twoProcesses();
    const operator = openInstance(redis.url);
    await isReady(operator);
    await operator.connection.client.config("SET", "maxmemory", "1");
    expect(count(await claims([used[0]], 100))).toEqual({ first: 1, again: 99 });
    expect(await redis.keys()).not.toContain("test:used:id");
  });
});
