/** What Prometheus reads is what happened: each metric after real traffic. */
import { describe, expect, test } from "vitest";
import { until } from "../support/cli.ts";
import { freshSearch } from "../support/fresh-search.ts";
import { storableJson } from "../support/recording-upstream.ts";
import { answersOf, hitRatio } from "../../src/operator/page/traffic.ts";
import { SEARCH, gatewayFor, isSwept, later, pageOf, startPartoo, stopClock } from "../cache/partoo.ts";
import { redisForTest } from "../cache/rig.ts";
import { listenerOf, slowly } from "./operator.ts";

const FRONTEND = "key: locator-read\norigins: [https://stores.acme.example]\nlimits: { requests: 100000/min, misses: 4/h }\n";

/** A gateway whose visitors have met everything there is. */
async function afterTraffic() {
  const partoo = await startPartoo();
  const organization = "quota: 20/min, reserve: 40%";
  const gateway = await gatewayFor(partoo, { frontends: { "store-locator": FRONTEND }, locator: { sweep: true, organization } });
  await until(() => isSwept(gateway));
  const targets = [pageOf(1), pageOf("c-FR-2"), pageOf(404), SEARCH, SEARCH];
  for (const target of targets) await gateway.get(target);
  partoo.fails(slowly);
  await Promise.all([0, 1, 2].map(() => gateway.get("/store-locator/v2/business/search?city=Lyon")));
  partoo.fails(() => storableJson({}, { status: 401 }));
  for (const target of [freshSearch(), freshSearch(), freshSearch()]) await gateway.get(target);
  return { partoo, gateway, listener: await listenerOf(gateway) };
}

test("answers by where they came from, calls by how they ended, and calls saved by reason", async () => {
  const { listener } = await afterTraffic();
  expect(await listener.metric("cache_answers_total")).toEqual([
    '{frontend="store-locator",route="/business/search",outcome="hit"} 1',
    '{frontend="store-locator",route="/business/search",outcome="miss"} 4',
    '{frontend="store-locator",route="/business/{business_id}",outcome="hit"} 2',
    '{frontend="store-locator",route="/business/{business_id}",outcome="unknown"} 1',
  ]);
  expect(await listener.metric("upstream_calls_total")).toEqual([
    '{organization="acme",outcome="ok"} 3',
    '{organization="acme",outcome="refused"} 2',
  ]);
  expect(await listener.metric("upstream_calls_saved_total")).toEqual([
    '{reason="collapsed"} 2',
    '{reason="directory"} 0',
    '{reason="held"} 2',
    '{reason="hit"} 1',
    '{reason="stale"} 0',
    '{reason="unknown-id"} 1',
  ]);
});

test("the quota: budget, what is used, admitted and refused; limits by address", async () => {
  const { listener } = await afterTraffic();
  const acme = '{organization="acme"}';
  expect(await listener.metric("quota_budget_calls")).toEqual([`${acme} 12`]);
  expect(await listener.metric("quota_available_calls")).toEqual([`${acme} 12`]);
  expect(await listener.metric("quota_used_calls")).toEqual([`${acme} 5`]);
  expect(await listener.metric("quota_frontend_used_calls")).toEqual(['{organization="acme",frontend="store-locator"} 4']);
  expect(await listener.metric("quota_waiting_calls")).toEqual([`${acme} 0`]);
  expect(await listener.metric("quota_paused_seconds")).toEqual([`${acme} 0`]);
  expect(await listener.metric("quota_admitted_total")).toEqual([`${acme} 5`]);
  expect(await listener.metric("quota_waited_total")).toEqual([`${acme} 0`]);
  expect(await listener.metric("quota_refused_total")).toEqual([`${acme} 0`]);
  expect(await listener.metric("limited_total")).toEqual(['{limit="misses"} 1', '{limit="requests"} 0']);
});

test("the quota refuses: counted, and no call", async () => {
  const partoo = await startPartoo();
  const gateway = await gatewayFor(partoo, { locator: { organization: "quota: 1/min, reserve: 0%" } });
  const listener = await listenerOf(gateway);
  for (const target of [freshSearch(), freshSearch()]) await gateway.get(target);
  expect(await listener.metric("quota_refused_total")).toEqual(['{organization="acme"} 1']);
  expect(await listener.metric("upstream_calls_total")).toEqual(['{organization="acme",outcome="ok"} 1']);
});

test("histograms: one observation for each exchange, each call and each call's wait, in rising buckets of seconds", async () => {
  const { listener } = await afterTraffic();
  const counted = async (name: string): Promise<readonly string[]> => (await listener.metric(`${name}_count`)).map((line) => line);
  expect(await counted("exchange_duration_seconds")).toEqual([
    '{frontend="store-locator",cache=""} 3',
    '{frontend="store-locator",cache="hit"} 3',
    '{frontend="store-locator",cache="miss"} 4',
    '{frontend="store-locator",cache="unknown"} 1',
  ]);
  expect(await counted("upstream_call_duration_seconds")).toEqual(['{organization="acme"} 5']);
  expect(await counted("quota_wait_seconds")).toEqual([
    '{organization="acme",priority="census"} 1',
    '{organization="acme",priority="miss"} 4',
  ]);
  const buckets = (await (await fetch(`${listener.url}/metrics`)).text())
    .split("\n")
    .filter((line) => line.startsWith('partoo_bff_upstream_call_duration_seconds_bucket{organization="acme"'))
    .map((line) => /le="([^"]+)"} (\d+)$/.exec(line)?.slice(1).map(Number) ?? []);
  expect(buckets.map(([bound]) => bound)).toEqual([0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, Number.NaN]);
  const values = buckets.map(([, value = -1]) => value);
  expect(values).toEqual(values.toSorted((one, other) => one - other));
  expect(values.at(-1)).toBe(5);
});

test("a key that Partoo refuses is 1 until it is accepted again; refusals are counted", async () => {
  const { partoo, gateway, listener } = await afterTraffic();
  expect(await listener.metric("key_refused")).toEqual(['{key="locator-read"} 1']);
  expect(await listener.metric("key_refusals_total")).toEqual(['{key="locator-read",status="401"} 2']);
  partoo.works();
  await listener.purge({ tag: "list:locator-read" });
  expect((await gateway.get(SEARCH)).status).toBe(200);
  expect(await listener.metric("key_refused")).toEqual(['{key="locator-read"} 0']);
});

test("cache, policy and the counters", async () => {
  const { gateway, listener } = await afterTraffic();
  expect(await listener.metric("cache_entries")).toEqual([" 6"]);
  expect(await listener.metric("cache_bytes")).toEqual([` ${gateway.instance.memory.size().bytes}`]);
  expect(await listener.metric("policy_info")).toEqual([`{version="${gateway.instance.policy().version}"} 1`]);
  expect(await listener.metric("swept_pages_total")).toEqual([" 1"]);
  expect(await listener.metric("webhooks_total")).toEqual(['{accepted="false"} 0', '{accepted="true"} 0']);
  await listener.purge({ all: true });
  expect(await listener.metric("purges_total")).toEqual([" 1"]);
});

test("the directory of a key: stores held, age, whether it is late; its answers are calls saved", async () => {
  stopClock();
  const partoo = await startPartoo();
  const gateway = await gatewayFor(partoo, { frontends: { "store-locator": `${FRONTEND}stores: true\n` }, locator: { sweep: true } });
  const listener = await listenerOf(gateway);
  await until(async () => (await gateway.get("/store-locator/stores")).status === 200);
  await gateway.get("/store-locator/stores/all");
  partoo.fails(() => storableJson({}, { status: 500 }));
  later(120);
  await until(() => gateway.counts().delta_pages === 1);
  const key = '{key="locator-read"}';
  expect(await listener.metric("directory_stores")).toEqual([`${key} 2`]);
  expect(await listener.metric("directory_age_seconds")).toEqual([`${key} 120`]);
  expect(await listener.metric("directory_late")).toEqual([`${key} 0`]);
  expect(await listener.metric("cache_answers_total")).toEqual([
    '{frontend="store-locator",route="/stores",outcome="directory"} 1',
    '{frontend="store-locator",route="/stores/all",outcome="directory"} 1',
  ]);
  expect(await listener.metric("upstream_calls_saved_total")).toContain('{reason="directory"} 2');
  expect(await listener.metric("delta_pages_total")).toEqual([" 1"]);
  expect(await listener.counters()).toMatchObject({
    directories: [{ key: "locator-read", stores: 2, age_seconds: 120, late_after_seconds: 600, late: false }],
  });
  expect(hitRatio(answersOf(gateway.instance.exchanges.entries()))).toBe(1);
});

test("a directory that nobody could read is late, and has no age", async () => {
  const partoo = await startPartoo();
  partoo.fails(() => storableJson({}, { status: 500 }));
  const gateway = await gatewayFor(partoo, { frontends: { "store-locator": `${FRONTEND}stores: true\n` }, locator: { sweep: true } });
  const listener = await listenerOf(gateway);
  expect((await gateway.get("/store-locator/stores")).status).toBe(503);
  expect(await listener.metric("directory_age_seconds")).toEqual([]);
  expect(await listener.metric("directory_late")).toEqual(['{key="locator-read"} 1']);
  expect(await listener.counters()).toMatchObject({ directories: [{ stores: 0, age_seconds: null, late: true }] });
});

describe("Redis", () => {
  test("off, ready or away, and what failed", async () => {
    const [partoo, redis] = [await startPartoo(), await redisForTest()];
    const modes = (mode: string): readonly string[] => ["away", "off", "ready"].map((one) => `{mode="${one}"} ${one === mode ? 1 : 0}`);
    const alone = await listenerOf(await gatewayFor(partoo));
    expect(await alone.metric("redis_mode")).toEqual(modes("off"));
    const gateway = await gatewayFor(partoo, { redisUrl: redis.url });
    const listener = await listenerOf(gateway);
    expect(await listener.metric("redis_mode")).toEqual(modes("ready"));
    expect(await listener.metric("redis_failures_total")).toEqual([" 0"]);
    await redis.kill();
    await until(() => gateway.instance.redis().mode === "away");
    await gateway.get(freshSearch());
    expect(await listener.metric("redis_mode")).toEqual(modes("away"));
    expect(await listener.metric("redis_failures_total")).not.toEqual([" 0"]);
  });
});

test("names follow Prometheus' conventions: a unit, _total for counters and for nothing else, a help for each", async () => {
  const { listener } = await afterTraffic();
  const text = await (await fetch(`${listener.url}/metrics`)).text();
  const types = [...text.matchAll(/^# TYPE (partoo_bff_\S+) (\w+)$/gm)].map(([, name = "", type]) => ({ name, type }));
  expect(types.length).toBeGreaterThan(25);
  for (const { name, type } of types) {
    expect([name, name.endsWith("_total")]).toEqual([name, type === "counter"]);
    if (type === "histogram") expect(name).toMatch(/_seconds$/);
    expect(text).toMatch(new RegExp(`^# HELP ${name} \\S.*\\.$`, "m"));
  }
});
