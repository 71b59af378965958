/** The script in Redis and the pure model, asked the same questions at the same made-up times, give the same answers. */
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RedisServer } from "../support/redis.ts";
import type { Question, WindowLog, WindowRules } from "../../src/quota/window.ts";
import { bookScript } from "../../src/quota/book-script.ts";
import { book, cancel, MAX_PAUSE_MS, soundLog } from "../../src/quota/window.ts";
import { startRedis } from "../support/redis.ts";
import { createRandom } from "./reference.ts";

const RULES: WindowRules = { windowMs: 1000, youthMs: 1100, horizonMs: 100, clockStepMs: 100 };
const SCRIPT = bookScript("tonumber(ARGV[11])");
const VERDICTS = ["looked", "booked", "budget", "share", "pause", "young"];
const START = 1_700_000_000_000;

let server: RedisServer;
let redis: Redis;
let runId: string;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
  runId = /run_id:(\w+)/.exec(await redis.info("server"))?.[1] ?? "";
});
afterAll(async () => {
  redis.disconnect();
  await server.close();
});

async function askScript(organization: string, question: Question, now: number, rules = RULES) {
  const log = `t:quota:{${organization}}`;
  const keys = question.cap === undefined ? [log] : [log, `${log}:${question.cap.frontend}`];
  const { take, line, maxWaitMs, pauseMs, cap } = question;
  const { windowMs, youthMs, horizonMs, clockStepMs } = rules;
  const values = [take ? 1 : 0, windowMs, youthMs, horizonMs, clockStepMs, line, maxWaitMs, pauseMs, cap?.count ?? -1, MAX_PAUSE_MS, now];
  const reply = (await redis.eval(SCRIPT, keys.length, ...keys, ...values)) as number[];
  const [code = -1, atMs, nowMs, used, pausedMs, youngMs] = reply;
  return { verdict: VERDICTS[code], atMs, nowMs, used, pausedMs, youngMs };
}

/** One random step of both; returns nothing, compares everything. */
async function compareHistory(seed: number, steps: number): Promise<Record<string, number>> {
  const random = createRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const organization = `o${seed}`;
  const key = `t:quota:{${organization}}`;
  const most = pick([1, 3, 10, 60]);
  const seen: Record<string, number> = {};
  const booked: { readonly at: number; readonly frontend: string | undefined }[] = [];
  let log: WindowLog | undefined;
  let now = START;
  for (let step = 0; step < steps; step += 1) {
    now += Math.floor(random() ** 3 * pick([5, 60, 3000]));
    if (random() < 0.01) now -= Math.floor(random() ** 2 * 3000);
    if (random() < 0.004) {
      await redis.set(key, "not ours");
      log = undefined;
    }
    if (random() < 0.05 && booked.length > 0) {
      const { at, frontend } = pick(booked);
      if (log !== undefined) cancel(log, at, frontend);
      await redis.lrem(key, -1, String(at)).catch(() => 0);
      if (frontend !== undefined) await redis.lrem(`${key}:${frontend}`, -1, String(at));
    }
    const frontend = pick([undefined, "a", "b"]);
    const question: Question = {
      take: random() < 0.9,
      line: pick([most, most, most, Math.floor(most * 0.6), 0]),
      maxWaitMs: pick([0, 50, 100]),
      pauseMs: random() < 0.01 ? Math.ceil(random() * 400) : 0,
      ...(frontend === undefined ? {} : { cap: { frontend, count: pick([0, 1, 2, 5]) } }),
    };
    log = soundLog(log, runId, now, RULES);
    const expected = book(log, question, now, RULES);
    expect({ seed, step, ...(await askScript(organization, question, now)) }).toEqual({ seed, step, ...expected });
    seen[expected.verdict] = (seen[expected.verdict] ?? 0) + 1;
    if (expected.verdict === "booked") booked.push({ at: expected.atMs, frontend });
    expect(await redis.lrange(key, 1, -1)).toEqual(log.times.map(String));
  }
  return seen;
}

test("the script and the model agree in every answer and every entry of 60 random sequences", { timeout: 60_000 }, async () => {
  const seen: Record<string, number> = {};
  for (let seed = 1; seed <= 60; seed += 1) {
    for (const [verdict, count] of Object.entries(await compareHistory(seed, 150))) seen[verdict] = (seen[verdict] ?? 0) + count;
  }
  // All of them were met, and more than once or twice.
  expect(VERDICTS.filter((verdict) => (seen[verdict] ?? 0) < 20)).toEqual([]);
});

const MISS: Question = { take: true, line: 3, maxWaitMs: 100, pauseMs: 0 };
const GROWN: WindowRules = { ...RULES, youthMs: 0 };

describe("the log in Redis", () => {
  test("is one list under one hash tag, with its birth and its server in front", async () => {
    await askScript("form", MISS, START, GROWN);
    await askScript("form", { ...MISS, cap: { frontend: "shop", count: 2 } }, START + 1, GROWN);
    expect(await redis.lrange("t:quota:{form}", 0, -1)).toEqual([`b ${START} 0 ${runId}`, String(START), String(START + 1)]);
    expect(await redis.lrange("t:quota:{form}:shop", 0, -1)).toEqual([String(START + 1)]);
    expect(await redis.pttl("t:quota:{form}")).toBe(-1);
    expect(await redis.pttl("t:quota:{form}:shop")).toBeGreaterThan(1000);
  });

  test("that holds foreign or broken content begins anew", async () => {
    const contents: readonly (() => Promise<unknown>)[] = [
      () => redis.set("t:quota:{bad}", "text"),
      () => redis.hset("t:quota:{bad}", "field", "value"),
      () => redis.rpush("t:quota:{bad}", "1700000000000"),
      () => redis.rpush("t:quota:{bad}", `b ${START} 0 ${runId}`, "not a time"),
    ];
    for (const write of contents) {
      await redis.del("t:quota:{bad}");
      await write();
      expect(await askScript("bad", MISS, START + 5000)).toMatchObject({ verdict: "young", youngMs: 1100, used: 0 });
      expect(await askScript("bad", MISS, START + 6100)).toMatchObject({ verdict: "booked", atMs: START + 6100 });
    }
  });

  test("a frontend's times that are not a list begin anew", async () => {
    await redis.set("t:quota:{bad-cap}:shop", "text");
    const capped = { ...MISS, cap: { frontend: "shop", count: 1 } };
    expect(await askScript("bad-cap", capped, START, GROWN)).toMatchObject({ verdict: "booked" });
    expect(await askScript("bad-cap", capped, START, GROWN)).toMatchObject({ verdict: "share" });
  });

  test("that was restored from an older file is young", async () => {
    const own = await startRedis();
    const client = new Redis(own.url, { retryStrategy: () => 20 });
    try {
      const ask = async (now: number): Promise<number> =>
        ((await client.eval(SCRIPT, 1, "log", 1, 1000, 1100, 100, 100, 3, 100, 0, -1, MAX_PAUSE_MS, now)) as number[])[0]!;
      expect(await ask(START)).toBe(5);
      expect(await ask(START + 2000)).toBe(1);
      await client.save();
      expect([await ask(START + 2001), await ask(START + 2001), await ask(START + 2001)]).toEqual([1, 1, 2]);
      await own.restart();
      // Without the server's identity it would hold one call, and book two more than it may.
      expect(await ask(START + 2002)).toBe(5);
      expect((await client.lrange("log", 0, -1)).length).toBe(1);
    } finally {
      client.disconnect();
      await own.close();
    }
  });
});
