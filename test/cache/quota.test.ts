/** The governor behind real misses: a sandbox that counts as Partoo does never has to refuse. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { RunningSandbox, SandboxOptions } from "../../src/sandbox/sandbox.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { until } from "../support/cli.ts";
import { freshSearch } from "../support/fresh-search.ts";
import { gatewayFor, isSwept, pageOf, SEARCH } from "./partoo.ts";
import { redisForTest } from "./rig.ts";

const KEY = { PARTOO_KEY_LOCATOR_READ: "sandbox-locator-read" };
const FRONTEND = "key: locator-read\norigins: [https://stores.acme.example]\nlimits: { requests: 100000/min, misses: 100000/min }\n";

async function sandboxForTest(options: SandboxOptions): Promise<RunningSandbox> {
  const sandbox = await startSandbox(options);
  onTestFinished(() => sandbox.close());
  return sandbox;
}

describe("a hundred different misses at once, of which the quota allows few", () => {
  test("are answered up to quota less reserve; the others are told when to come back, and Partoo never refuses", async () => {
    const sandbox = await sandboxForTest({ limitPerMinute: 20 });
    const organization = "quota: 20/min, reserve: 10%";
    const gateway = await gatewayFor(sandbox, { env: KEY, locator: { organization } });
    expect((await gateway.get(SEARCH)).status).toBe(200);
    const answers = await Promise.all(Array.from({ length: 100 }, () => gateway.get(freshSearch())));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(17);
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused).toHaveLength(83);
    for (const { headers } of refused) {
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("retry-after")).toMatch(/^(5\d|6[0-3])$/);
    }
    expect(await refused[0]?.json()).toMatchObject({ code: "quota-exhausted" });
    expect((await gateway.get(SEARCH)).status).toBe(200);
    expect(sandbox.counters()).toMatchObject({ calls: 18, limited: 0, max_rolling_minute: 18 });
  });

  test("at two processes that start with an empty Redis are not one call more", async () => {
    const [sandbox, redis] = [await sandboxForTest({ limitPerMinute: 100 }), await redisForTest()];
    const organization = "quota: 100/min, reserve: 20%, instances: 2";
    const pair = await Promise.all([0, 1].map(() => gatewayFor(sandbox, { env: KEY, redisUrl: redis.url, locator: { organization } })));
    const statuses = await Promise.all(
      pair.flatMap((gateway) => Array.from({ length: 50 }, async () => (await gateway.get(freshSearch())).status)),
    );
    expect(new Set(statuses)).toEqual(new Set([503]));
    expect(sandbox.counters()).toMatchObject({ limited: 0 });
  });

  test("of one frontend leave the others what its share does not take", async () => {
    const sandbox = await sandboxForTest({ limitPerMinute: 20 });
    const frontends = { "store-locator": `${FRONTEND}share: 50%\n`, other: FRONTEND };
    const gateway = await gatewayFor(sandbox, { env: KEY, frontends, locator: { organization: "quota: 20/min, reserve: 0%" } });
    const greedy = await Promise.all(Array.from({ length: 30 }, () => gateway.get(freshSearch())));
    expect(greedy.filter(({ status }) => status === 200)).toHaveLength(10);
    const others = await Promise.all(Array.from({ length: 30 }, () => gateway.get(freshSearch().replace("store-locator", "other"))));
    expect(others.filter(({ status }) => status === 200)).toHaveLength(10);
    expect(sandbox.counters()).toMatchObject({ calls: 20, limited: 0 });
  });
});

test("a first sweep has three fifths of the budget, however many visitors come before it", async () => {
  const sandbox = await sandboxForTest({ stores: 1200, limitPerMinute: 20, latencyMs: 50 });
  const locator = { sweep: true, organization: "quota: 20/min, reserve: 0%" };
  const gateway = await gatewayFor(sandbox, { env: KEY, locator, frontends: { "store-locator": FRONTEND } });
  const answers = await Promise.all(Array.from({ length: 100 }, () => gateway.get(freshSearch())));
  expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(8);
  await until(() => isSwept(gateway));
  expect(sandbox.counters()).toMatchObject({ limited: 0 });
});

test("later sweeps leave two fifths of the budget to visitors", async () => {
  const sandbox = await sandboxForTest({ stores: 300, limitPerMinute: 20 });
  const locator = { sweep: true, organization: "quota: 20/min, reserve: 0%", cache: "{ fresh: 1s, stale: 1h, browser: 1s }" };
  const gateway = await gatewayFor(sandbox, { env: KEY, locator });
  await until(() => sandbox.counters().calls === 12);
  const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.get(freshSearch())));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(8);
  expect(sandbox.counters()).toMatchObject({ calls: 20, limited: 0 });
});

test("a sweep of 300 stores costs three calls, after which a thousand visits cost none", async () => {
  const sandbox = await sandboxForTest({ stores: 300, limitPerMinute: 20 });
  const gateway = await gatewayFor(sandbox, { env: KEY, locator: { sweep: true, organization: "quota: 20/min, reserve: 20%" } });
  await until(() => isSwept(gateway));
  const stores = sandbox.stores as readonly { readonly id: string; readonly code: string }[];
  for (let nth = 0; nth < 1000; nth += 1) {
    const { id, code } = stores[nth % 300] ?? { id: "", code: "" };
    const answer = await gateway.get(pageOf(nth < 500 ? id : `c-${encodeURIComponent(code)}`));
    expect([id, answer.status]).toEqual([id, 200]);
    await answer.arrayBuffer();
  }
  expect(sandbox.counters()).toMatchObject({ calls: 3, limited: 0 });
});
