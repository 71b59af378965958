/** Several governors over one real Redis, in windows of 1.26 s: a minute of Partoo's is 1.2 s here. */
import { Redis } from "ioredis";
import { describe, expect, onTestFinished, test } from "vitest";
import type { RedisServer } from "../support/redis.ts";
import type { Relay } from "./relay.ts";
import type { Started } from "./support.ts";
import { until } from "../support/cli.ts";
import { startRedis } from "../support/redis.ts";
import { startRelay } from "./relay.ts";
import { organizations, outcome, outcomes, startGovernor } from "./support.ts";

const WINDOW_MS = 1260;
const TIMES = { windowMs: WINDOW_MS, maxWaitMs: 100, lateMs: 50, lookMs: 20 };

async function startRedisForTest(): Promise<RedisServer> {
  const redis = await startRedis();
  onTestFinished(() => redis.close());
  return redis;
}

async function relayTo(redis: RedisServer): Promise<Relay> {
  const relay = await startRelay(redis.port);
  onTestFinished(() => relay.close());
  return relay;
}

function start(url: string, calls: number, instances = 1): Started {
  return startGovernor(url, { organizations: () => organizations(calls, instances), ...TIMES });
}

const modeOf = ({ governor }: Started): string => governor.state()[0]?.mode ?? "";

/** Until the log is old enough to book, for all of them. */
async function untilShared(...started: readonly Started[]): Promise<void> {
  await until(async () => started.every((one) => modeOf(one) === "redis"));
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

describe("processes with one Redis", () => {
  test("spend nine tenths of L together, and no more", async () => {
    const redis = await startRedisForTest();
    const all = [start(redis.url, 40, 2), start(redis.url, 40, 2)] as const;
    await untilShared(...all);
    const found = await Promise.all(all.map(({ governor }) => outcomes(governor, 40)));
    expect((found[0]?.["admitted"] ?? 0) + (found[1]?.["admitted"] ?? 0)).toBe(36);
    await sleep(60);
    expect(all[1].governor.state()).toMatchObject([{ mode: "redis", budget: 40, available: 36, used: 36, youngSeconds: 0 }]);
  });

  test("a share is a cap over all of them", async () => {
    const redis = await startRedisForTest();
    const all = [start(redis.url, 40, 2), start(redis.url, 40, 2)] as const;
    await untilShared(...all);
    const request = { frontend: "app", share: 0.25 };
    const found = await Promise.all(all.map(({ governor }) => outcomes(governor, 10, request)));
    expect((found[0]?.["admitted"] ?? 0) + (found[1]?.["admitted"] ?? 0)).toBe(10);
    expect(await outcome(all[0].governor, { frontend: "site", share: 1 })).toBe("admitted");
  });

  test("a sweep in one leaves room for visitors of the other", async () => {
    const redis = await startRedisForTest();
    const all = [start(redis.url, 40, 2), start(redis.url, 40, 2)] as const;
    await untilShared(...all);
    const leaving = new AbortController();
    const sweeps = Array.from({ length: 40 }, () =>
      outcome(all[0].governor, { priority: "sweep", signal: leaving.signal }).catch(() => "left"),
    );
    await sleep(100);
    expect(await outcomes(all[1].governor, 40)).toEqual({ admitted: 15, budget: 25 });
    leaving.abort();
    expect((await Promise.all(sweeps)).filter((sweep) => sweep === "admitted")).toHaveLength(21);
  });

  test("who leaves while waiting takes the booking along", async () => {
    const redis = await startRedisForTest();
    const { governor } = start(redis.url, 1);
    await until(async () => governor.state()[0]?.mode === "redis");
    expect(await outcome(governor)).toBe("admitted");
    await sleep(WINDOW_MS - 90);
    const leaving = new AbortController();
    const left = governor.admit({ organization: "acme", priority: "miss", signal: leaving.signal });
    await sleep(20);
    expect(governor.state()[0]?.waiting).toBe(1);
    leaving.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    expect(await outcome(governor)).toBe("admitted");
  });

  test("a pause of one holds all of them, also one that was told while Redis was away", async () => {
    const redis = await startRedisForTest();
    const relay = await relayTo(redis);
    const [first, second] = [start(relay.url, 40, 2), start(redis.url, 40, 2)];
    await untilShared(first, second);
    await first.governor.pause("acme", 1);
    expect(await outcome(second.governor)).toBe("pause");
    await sleep(1000);
    expect(await outcome(second.governor)).toBe("admitted");
    relay.cut();
    await first.governor.pause("acme", 3);
    expect(await outcome(first.governor)).toBe("pause");
    relay.mend();
    await until(async () => (second.governor.state()[0]?.pausedSeconds ?? 0) > 0);
    expect(await outcome(second.governor)).toBe("pause");
  });

  test("the keys begin with the prefix and share one hash tag", async () => {
    const redis = await startRedisForTest();
    const started = start(redis.url, 40);
    await untilShared(started);
    await outcome(started.governor, { frontend: "app", share: 0.5 });
    expect([...(await redis.keys())].toSorted()).toEqual(["partoo-bff:quota:{acme}", "partoo-bff:quota:{acme}:app"]);
  });
});

describe("when Redis fails", () => {
  /** L = 40 and one process: 4 calls a window set aside, one each 315 ms, a refresh after 350 ms. */
  const GAP_MS = 360;

  async function expectPaced({ governor }: Started): Promise<void> {
    await sleep(GAP_MS);
    expect(await outcomes(governor, 20, { priority: "refresh" })).toEqual({ admitted: 1, "budget, set aside": 19 });
    expect(governor.state()).toMatchObject([{ mode: "set-aside", available: 4 }]);
  }

  test("away at the start: its own part, one gap after the start; then shared, by itself", async () => {
    const redis = await startRedisForTest();
    await redis.kill();
    const started = start(redis.url, 40);
    expect(await outcomes(started.governor, 5)).toEqual({ "budget, set aside": 5 });
    await expectPaced(started);
    await redis.restart();
    await untilShared(started);
    expect(await outcomes(started.governor, 40)).toEqual({ admitted: 36, budget: 4 });
  });

  test("killed and back, empty: its own part until the new log is old enough", async () => {
    const redis = await startRedisForTest();
    const started = start(redis.url, 40);
    await untilShared(started);
    await outcomes(started.governor, 40);
    await redis.kill();
    await expectPaced(started);
    await redis.restart();
    await until(async () => (started.governor.state()[0]?.youngSeconds ?? 0) > 0);
    await expectPaced(started);
    expect(started.lines.filter(({ quota }) => quota === "young")).toHaveLength(2);
    await untilShared(started);
    expect(await outcomes(started.governor, 40)).toEqual({ admitted: 36, budget: 4 });
  });

  test("hung: a call is held up once for the deadline of a command, with one line; then it is shared again", async () => {
    const redis = await startRedisForTest();
    const started = start(redis.url, 40);
    await untilShared(started);
    const pausing = redis.pause(1500);
    await sleep(50);
    const before = performance.now();
    await outcomes(started.governor, 10);
    expect(performance.now() - before).toBeLessThan(600);
    const quick = performance.now();
    await outcomes(started.governor, 10, { priority: "refresh" });
    expect(performance.now() - quick).toBeLessThan(50);
    await pausing;
    await untilShared(started);
    expect(started.lines.filter(({ quota }) => quota === "away")).toMatchObject([{ cause: "timeout" }]);
    expect(started.governor.redisFailures).toBeGreaterThan(0);
  });

  test("full, read-only, or with a foreign value under the key: its own part, and shared again afterwards", async () => {
    const redis = await startRedisForTest();
    const started = start(redis.url, 40);
    await untilShared(started);
    const client = new Redis(redis.url);
    onTestFinished(() => client.disconnect());
    await client.config("SET", "maxmemory", "1");
    await outcome(started.governor);
    await expectPaced(started);
    await client.config("SET", "maxmemory", "0");
    await untilShared(started);
    await client.replicaof("127.0.0.1", 1);
    await outcome(started.governor);
    await expectPaced(started);
    await client.replicaof("NO", "ONE");
    await untilShared(started);
    await client.set("partoo-bff:quota:{acme}", "foreign");
    await until(async () => modeOf(started) === "set-aside");
    await untilShared(started);
    expect(await outcome(started.governor)).toBe("admitted");
    expect(started.lines.filter(({ quota }) => quota === "away")).toMatchObject([{ cause: "OOM" }]);
  });

  test("without its scripts (SCRIPT FLUSH) it is taught again", async () => {
    const redis = await startRedisForTest();
    const started = start(redis.url, 40);
    await untilShared(started);
    const client = new Redis(redis.url);
    onTestFinished(() => client.disconnect());
    await client.script("FLUSH");
    expect(await outcomes(started.governor, 40)).toEqual({ admitted: 36, budget: 4 });
    expect(started.governor.redisFailures).toBe(0);
  });

  test("one process is cut off: the others go on, and all together stay within L", async () => {
    const redis = await startRedisForTest();
    const relay = await relayTo(redis);
    const [cut, other] = [start(relay.url, 40, 2), start(redis.url, 40, 2)];
    await untilShared(cut, other);
    relay.cut();
    await until(async () => modeOf(cut) === "set-aside");
    expect(await outcomes(other.governor, 40)).toEqual({ admitted: 36, budget: 4 });
    expect(await outcomes(cut.governor, 40)).toEqual({ admitted: 1, "budget, set aside": 39 });
    relay.mend();
    await untilShared(cut);
  });
});
