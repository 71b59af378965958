import { expect, test } from "vitest";
import { createMemoryTier } from "../../src/cache/memory-tier.ts";
import { holdAll } from "../../src/cache/hold-all.ts";
import { createTiers } from "../../src/cache/tiers.ts";
import { chaosProxy, redisForTest, startInstance } from "./rig.ts";
import { sample } from "./sample.ts";

test("all that another process stored is in memory, also where Redis was silent for a moment", async () => {
  const redis = await redisForTest();
  const chaos = await chaosProxy(redis);
  const [one, other] = [await startInstance(redis.url), await startInstance(chaos.url)];
  const keys = Array.from({ length: 300 }, (_, nth) => `store ${nth}`);
  const startedAt = one.purges.currentPoint();
  for (const key of keys) expect(await one.tier.set(key, sample({ startedAt }))).toBe(true);
  const tiers = createTiers({ memory: createMemoryTier(), redis: other.tier, purges: other.purges });
  chaos.swallows = true;
  setTimeout(() => void (chaos.swallows = false), 1000);
  await holdAll(tiers, keys, new AbortController().signal);
  expect(other.faults.length).toBeGreaterThan(0);
  expect(keys.filter((key) => tiers.peek(key)?.fresh !== true)).toEqual([]);
});

test("what is not there is given up, and the end of the process ends it at once", async () => {
  const instance = await startInstance((await redisForTest()).url);
  const tiers = createTiers({ memory: createMemoryTier(), redis: instance.tier, purges: instance.purges });
  const stopped = new AbortController();
  const holding = holdAll(tiers, ["nothing"], stopped.signal);
  stopped.abort();
  await holding;
  expect(tiers.peek("nothing")).toBeUndefined();
});
