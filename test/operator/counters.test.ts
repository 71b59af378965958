/** Every counter counts what its name says: shown with real traffic, one by one. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import { until } from "../support/cli.ts";
import { freshSearch } from "../support/fresh-search.ts";
import { from } from "../support/gateway.ts";
import { storableJson } from "../support/recording-upstream.ts";
import { SEARCH, gatewayFor, isSwept, later, pageOf, startPartoo, stopClock, store } from "../cache/partoo.ts";
import { redisForTest } from "../cache/rig.ts";
import { TOKEN, listenerOf, slowly } from "./operator.ts";

const FRONTEND = "key: locator-read\norigins: [https://stores.acme.example]\n";

async function start(limits = "{ requests: 100000/min, misses: 100000/min }", organization = "quota: 999999/min, reserve: 0%") {
  const partoo = await startPartoo();
  const frontends = { "store-locator": `${FRONTEND}limits: ${limits}\n` };
  const gateway = await gatewayFor(partoo, { locator: { organization }, frontends });
  return { partoo, gateway };
}

/** What a few counters say. */
function counts(gateway: TestGateway, ...names: readonly (keyof ReturnType<TestGateway["counts"]>)[]): readonly number[] {
  const all = gateway.counts();
  return names.map((name) => all[name]);
}

async function statuses(gateway: TestGateway, targets: readonly string[], init?: RequestInit): Promise<readonly number[]> {
  const found: number[] = [];
  for (const target of targets) found.push((await gateway.get(target, init)).status);
  return found;
}

describe("refusals by address", () => {
  test("limited_requests: each request beyond the limit, of whichever address", async () => {
    const { gateway } = await start("{ requests: 2/h }");
    expect(await statuses(gateway, [SEARCH, SEARCH, SEARCH, SEARCH], from("203.0.113.7"))).toEqual([200, 200, 429, 429]);
    expect(await statuses(gateway, [SEARCH], from("203.0.113.8"))).toEqual([200]);
    expect(counts(gateway, "limited_requests", "limited_misses")).toEqual([2, 0]);
  });

  test("limited_misses: each request beyond the limit that needed a call", async () => {
    const { gateway } = await start("{ misses: 1/h }");
    expect(await statuses(gateway, [SEARCH, SEARCH, freshSearch(), freshSearch()])).toEqual([200, 200, 429, 429]);
    expect(counts(gateway, "limited_requests", "limited_misses")).toEqual([0, 2]);
  });
});

describe("calls and failed calls", () => {
  test("a request that the quota refuses is neither", async () => {
    const { gateway } = await start(undefined, "quota: 1/min, reserve: 0%");
    expect(await statuses(gateway, [freshSearch(), freshSearch(), freshSearch()])).toEqual([200, 503, 503]);
    expect(counts(gateway, "calls", "calls_failed")).toEqual([1, 0]);
    expect(gateway.instance.quota()).toMatchObject([{ admitted: 1, refused: 2, waited: 0 }]);
  });

  test("a 404 is an answer; a 500, a 401 and what is no JSON are failures", async () => {
    const { partoo, gateway } = await start();
    expect(await statuses(gateway, [pageOf(7)])).toEqual([404]);
    expect(counts(gateway, "calls", "calls_failed")).toEqual([1, 0]);
    partoo.fails((_request, _socket, nth) => storableJson({}, { status: nth % 2 === 0 ? 500 : 401 }));
    expect(await statuses(gateway, [freshSearch(), freshSearch()])).toEqual([502, 502]);
    expect(counts(gateway, "calls", "calls_failed")).toEqual([3, 2]);
  });

  test("a call that is tried once more is two, of which one failed", async () => {
    const { partoo, gateway } = await start();
    partoo.fails((_request, _socket, nth) => storableJson({ businesses: [] }, { status: nth === 1 ? 502 : 200 }));
    expect(await statuses(gateway, [SEARCH])).toEqual([200]);
    expect(counts(gateway, "calls", "calls_failed")).toEqual([2, 1]);
  });

  test("pauses: a 429 of Partoo", async () => {
    const { partoo, gateway } = await start();
    partoo.fails(() => storableJson({}, { status: 429 }));
    expect(await statuses(gateway, [freshSearch(), freshSearch()])).toEqual([503, 503]);
    expect(counts(gateway, "calls", "calls_failed", "pauses")).toEqual([1, 1, 1]);
  });

  test("nobody waits for the answer any more: a call that did not fail", async () => {
    const { partoo, gateway } = await start();
    partoo.fails(() => undefined);
    const leaving = new AbortController();
    const asked = gateway.get(SEARCH, { signal: leaving.signal, headers: { origin: "https://stores.acme.example" } });
    await until(() => partoo.requests.length === 1);
    leaving.abort();
    await expect(asked).rejects.toThrow("aborted");
    await until(() => gateway.instance.calls.calls().length === 1);
    expect(gateway.instance.calls.calls()).toEqual([{ organization: "acme", outcome: "abandoned", count: 1 }]);
    expect(counts(gateway, "calls", "calls_failed")).toEqual([1, 0]);
  });
});

describe("answers", () => {
  test("hits, and those of them that a held store gave", async () => {
    const { gateway } = await start();
    await statuses(gateway, [SEARCH, SEARCH, pageOf(1), pageOf("c-FR-2"), pageOf(1)]);
    expect(counts(gateway, "misses", "hits", "held_hits", "calls", "remembered_stores")).toEqual([1, 4, 3, 1, 2]);
  });

  test("collapsed: those who waited for a call of somebody else", async () => {
    const { partoo, gateway } = await start();
    partoo.fails(slowly);
    await Promise.all(Array.from({ length: 5 }, () => gateway.get(SEARCH)));
    expect(counts(gateway, "misses", "collapsed", "calls")).toEqual([1, 4, 1]);
  });

  test("stale answers, and those of them that began no refresh", async () => {
    stopClock();
    const { partoo, gateway } = await start();
    await gateway.get(SEARCH);
    partoo.fails(() => storableJson({}, { status: 500 }));
    later(600);
    await Promise.all(Array.from({ length: 20 }, () => gateway.get(SEARCH)));
    await until(() => gateway.counts().refreshes_failed > 0);
    await gateway.get(SEARCH);
    expect(counts(gateway, "stale_answers", "refreshes", "stale_without_refresh", "misses")).toEqual([21, 1, 20, 1]);
    later(600);
    partoo.works();
    await gateway.get(SEARCH);
    expect(counts(gateway, "stale_answers", "refreshes", "stale_without_refresh", "misses")).toEqual([21, 2, 20, 2]);
  });

  test("unknown ids, swept pages and remembered stores", async () => {
    const gateway = await gatewayFor(await startPartoo([store(1), store(2), store(3)]), { locator: { sweep: true } });
    await until(() => isSwept(gateway));
    await statuses(gateway, [pageOf(404), pageOf(1), pageOf(404)]);
    expect(counts(gateway, "unknown_ids", "swept_pages", "remembered_stores", "calls", "held_hits")).toEqual([2, 1, 3, 1, 1]);
  });

  test("second-tier hits: what another process stored; and faults of Redis", async () => {
    const [partoo, redis] = [await startPartoo(), await redisForTest()];
    const [first, second] = [await gatewayFor(partoo, { redisUrl: redis.url }), await gatewayFor(partoo, { redisUrl: redis.url })];
    await first.get(SEARCH);
    await until(async () => (await redis.keys()).filter((key) => key.startsWith("partoo-bff:response:")).length === 5);
    await second.get(SEARCH);
    expect(counts(second, "second_tier_hits", "hits", "misses", "redis_faults")).toEqual([1, 1, 0, 0]);
    await redis.kill();
    await second.get(freshSearch());
    expect(second.counts().redis_faults).toBeGreaterThan(0);
  });
});

test("GET /api/counters has all of them, the quota, the cache, Redis and the policy", async () => {
  const { gateway } = await start();
  const listener = await listenerOf(gateway, { token: TOKEN });
  onTestFinished(() => expect(JSON.stringify(gateway.log)).not.toContain(TOKEN));
  expect(await statuses(gateway, [SEARCH, SEARCH, "/store-locator/v2/nowhere"])).toEqual([200, 200, 404]);
  expect(await listener.counters()).toEqual({
    uptime_seconds: expect.any(Number),
    policy: expect.stringMatching(/^\w+$/),
    counters: { exchanges: 3, ...gateway.counts() },
    quota: [
      {
        organization: "acme",
        mode: "local",
        budget: 999_999,
        available: 999_999,
        used: 1,
        waiting: 0,
        admitted: 1,
        waited: 0,
        refused: 0,
        paused_seconds: 0,
        young_seconds: 0,
        frontends: { "store-locator": { used: 1, admitted: 1, refused: 0 } },
      },
    ],
    cache: { entries: 5, bytes: expect.any(Number) },
    directories: [],
    redis: { mode: "off", failures: 0 },
    keys_refused: [],
  });
  expect(gateway.counts()).toMatchObject({ hits: 1, misses: 1, calls: 1 });
});
