import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { RunningSandbox, SandboxOptions } from "../../src/sandbox/sandbox.ts";
import { createQuota } from "../../src/sandbox/quota.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { call, EVERYTHING, RESTRICTED } from "./support.ts";

let sandbox: RunningSandbox | undefined;
afterEach(async () => sandbox?.close());

async function start(options: SandboxOptions): Promise<RunningSandbox> {
  sandbox = await startSandbox({ stores: 40, ...options });
  return sandbox;
}

/** Statuses of so many calls, one after the other. */
async function statuses(running: RunningSandbox, times: number, key = EVERYTHING): Promise<readonly number[]> {
  const found: number[] = [];
  for (let at = 0; at < times; at += 1) found.push((await call(running, "/user/me", key)).status);
  return found;
}

describe("the limit of an organization", () => {
  test("is 300 calls a minute unless told otherwise", async () => {
    const running = await start({});
    expect(await statuses(running, 300)).toEqual(Array(300).fill(200));
    const refused = await call(running, "/user/me");
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toMatch(/^([1-9]|[1-5]\d|60)$/);
    expect(running.counters()).toMatchObject({ calls: 301, limited: 1, max_rolling_minute: 301 });
  });

  test("counts all keys of the organization together and no other organization's", async () => {
    const running = await start({ limitPerMinute: 3 });
    expect(await statuses(running, 2)).toEqual([200, 200]);
    expect(await statuses(running, 2, RESTRICTED)).toEqual([200, 429]);
    expect(await statuses(running, 1, "sandbox-other-org")).toEqual([200]);
  });

  test("is not spent by calls without a good key", async () => {
    const running = await start({ limitPerMinute: 2 });
    expect(await statuses(running, 5, "nobody")).toEqual(Array(5).fill(401));
    expect(await statuses(running, 3)).toEqual([200, 200, 429]);
  });

  test("is spent by calls that are refused for other reasons", async () => {
    const running = await start({ limitPerMinute: 2 });
    expect((await call(running, "/nothing")).status).toBe(404);
    expect((await call(running, "/api_keys", RESTRICTED)).status).toBe(403);
    expect((await call(running, "/nothing")).status).toBe(429);
  });

  test("rolling: room comes back as calls grow older than the window", async () => {
    const running = await start({ limitPerMinute: 2, windowMs: 300, window: "rolling" });
    expect(await statuses(running, 3)).toEqual([200, 200, 429]);
    await sleep(350);
    expect(await statuses(running, 1)).toEqual([200]);
  });

  test("aligned: all room comes back when the clock passes into the next window", async () => {
    const running = await start({ limitPerMinute: 2, windowMs: 400, window: "aligned" });
    await sleep(400 - (Date.now() % 400) + 20);
    expect(await statuses(running, 3)).toEqual([200, 200, 429]);
    await sleep(400 - (Date.now() % 400) + 20);
    expect(await statuses(running, 3)).toEqual([200, 200, 429]);
  });
});

const MINUTE = 60_000;

/** Calls that get through five a minute: nine just before a full minute, nine at it. */
function passed(kind: "aligned" | "rolling"): number {
  const now = vi.fn<() => number>().mockReturnValue(10 * MINUTE + 59_900);
  const quota = createQuota({ limit: 5, kind, windowMs: MINUTE, now });
  const before = Array.from({ length: 9 }, () => quota.admit());
  now.mockReturnValue(11 * MINUTE);
  const after = Array.from({ length: 9 }, () => quota.admit());
  return [...before, ...after].filter(({ admitted }) => admitted).length;
}

describe("the window on a clock of its own", () => {
  test("rolling: Retry-After is the time until the oldest call leaves", () => {
    const now = vi.fn<() => number>().mockReturnValue(10 * MINUTE);
    const quota = createQuota({ limit: 2, kind: "rolling", windowMs: MINUTE, now });
    quota.admit();
    now.mockReturnValue(10 * MINUTE + 20_000);
    quota.admit();
    now.mockReturnValue(10 * MINUTE + 30_500);
    expect(quota.admit()).toEqual({ admitted: false, retryAfterSeconds: 30 });
    now.mockReturnValue(11 * MINUTE);
    expect(quota.admit()).toEqual({ admitted: true });
    expect(quota.admit()).toEqual({ admitted: false, retryAfterSeconds: 20 });
  });

  test("aligned: twice the limit passes around a full minute, which rolling never allows", () => {
    expect(passed("aligned")).toBe(10);
    expect(passed("rolling")).toBe(5);
  });

  test("Retry-After is never less than a second", () => {
    const now = vi.fn<() => number>().mockReturnValue(10 * MINUTE + 59_999);
    const quota = createQuota({ limit: 0, kind: "aligned", windowMs: MINUTE, now });
    expect(quota.admit()).toEqual({ admitted: false, retryAfterSeconds: 1 });
  });
});

describe("counters", () => {
  test("count every call by its path as it arrived, without query, and not themselves", async () => {
    const running = await start({ limitPerMinute: 4 });
    await call(running, "/business/search?city=Paris");
    await call(running, "/business/search?city=Lyon");
    await call(running, "/business/..%2Fapi_keys", "nobody");
    await call(running, "/user/me");
    await call(running, "/user/me");
    await call(running, "/user/me");
    const answer = await fetch(`${running.origin}/_sandbox/counters`);
    expect(await answer.json()).toEqual({
      calls: 6,
      limited: 1,
      max_rolling_minute: 5,
      by_path: { "/v2/business/search": 2, "/v2/business/..%2Fapi_keys": 1, "/v2/user/me": 3 },
    });
  });

  test("forget all when they are reset, while the limit stays as it was", async () => {
    const running = await start({ limitPerMinute: 1 });
    await call(running, "/user/me");
    await fetch(`${running.origin}/_sandbox/reset`, { method: "POST" });
    expect(running.counters()).toEqual({ calls: 0, limited: 0, max_rolling_minute: 0, by_path: {} });
    expect(await statuses(running, 1)).toEqual([429]);
  });

  test("max_rolling_minute is the most of one organization in one window", async () => {
    const running = await start({ windowMs: 150 });
    await statuses(running, 2);
    await statuses(running, 1, "sandbox-other-org");
    await sleep(200);
    await statuses(running, 1);
    expect(running.counters().max_rolling_minute).toBe(2);
  });
});
