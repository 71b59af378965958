/** Purges by hand: what the next answer shows, here and at other processes, while Partoo works and while it does not. */
import { describe, expect, onTestFinished, test } from "vitest";
import type { Partoo } from "../cache/partoo.ts";
import type { TestGateway } from "../support/gateway.ts";
import type { Script } from "../support/recording-upstream.ts";
import type { Listener } from "./operator.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { until } from "../support/cli.ts";
import { storableJson } from "../support/recording-upstream.ts";
import { SEARCH, gatewayFor, idOf, isSwept, life, nameShown, pageOf, startPartoo, store, textOf } from "../cache/partoo.ts";
import { redisForTest } from "../cache/rig.ts";
import { listenerOf } from "./operator.ts";

/** A store and a search are stored; then Partoo renames the store. */
async function renamed(
  options: Parameters<typeof gatewayFor>[1] = {},
): Promise<{ partoo: Partoo; gateway: TestGateway; listener: Listener }> {
  const partoo = await startPartoo();
  const gateway = await gatewayFor(partoo, options);
  const listener = await listenerOf(gateway);
  expect([await nameShown(gateway, 1), await nameShown(gateway, "c-FR-2"), (await gateway.get(SEARCH)).status]).toEqual([
    "Acme 1",
    "Acme 2",
    200,
  ]);
  rename(partoo, "Renamed");
  partoo.requests.length = 0;
  return { partoo, gateway, listener };
}

function rename(partoo: Partoo, name: string): void {
  partoo.stores = [store(1, { name, modified: 1_790_000_999 }), store(2, { name, modified: 1_790_000_999 })];
}

/** Names shown by id, by code and in the search. */
async function shown(gateway: TestGateway): Promise<Readonly<Record<string, unknown>>> {
  const [one, two] = [await nameShown(gateway, 1), await nameShown(gateway, "c-FR-2")];
  return { one, two, search: (await textOf(gateway.get(SEARCH))).includes("Renamed") };
}

describe("what is purged shows Partoo's present state with the next answer, and nothing else is touched", () => {
  test.each([
    [{ tag: `business:${idOf(1)}` }, 1, { one: "Renamed", two: "Acme 2", search: false }],
    [{ tag: "business:c-FR-1" }, 1, { one: "Renamed", two: "Acme 2", search: false }],
    [{ tag: `business:${idOf(2)}` }, 1, { one: "Acme 1", two: "Renamed", search: false }],
    [{ tag: "route:/business/search" }, 1, { one: "Acme 1", two: "Acme 2", search: true }],
    [{ tag: "list:locator-read" }, 1, { one: "Acme 1", two: "Acme 2", search: true }],
    [{ tag: "route:/business/{business_id}" }, 2, { one: "Renamed", two: "Renamed", search: false }],
    [{ tag: "key:locator-read" }, 3, { one: "Renamed", two: "Renamed", search: true }],
    [{ tag: "organization:acme" }, 3, { one: "Renamed", two: "Renamed", search: true }],
    [{ all: true }, 3, { one: "Renamed", two: "Renamed", search: true }],
  ])("%j", async (target, entries, expected) => {
    const { gateway, listener } = await renamed();
    expect(await listener.purge(target)).toMatchObject({ status: 200, body: { purged: target, entries, instances: "this" } });
    expect(await shown(gateway)).toEqual(expected);
  });

  test.each([
    ["all", "must begin with"],
    ["", "must begin with"],
    ["store:1", "must begin with"],
    ["business:", "24 hexadecimal digits"],
    ["business:42", "24 hexadecimal digits"],
    ["key:other", "there is locator-read"],
    ["list:other", "there is locator-read"],
    ["organization:other", "there is acme"],
    ["route:/reviews", "there is /business/search, /business/{business_id}"],
    ["key:__proto__", "there is locator-read"],
  ])("the tag %j is refused with what there is", async (tag, words) => {
    const { gateway, listener } = await renamed();
    const { status, body } = await listener.purge({ tag });
    expect([status, body["code"]]).toEqual([400, "parameter-invalid"]);
    expect(body["detail"]).toContain(words);
    expect(gateway.counts().purges).toBe(0);
  });

  test("one call, however many ask", async () => {
    const { partoo, gateway, listener } = await renamed();
    await listener.purge({ tag: `business:${idOf(1)}` });
    const names = await Promise.all(Array.from({ length: 50 }, () => nameShown(gateway, 1)));
    expect(new Set(names)).toEqual(new Set(["Renamed"]));
    expect(partoo.calls()).toHaveLength(1);
    expect(life(await gateway.get(pageOf(1)))).toMatchObject({ cache: expect.stringMatching(/^partoo-bff; hit; ttl=(600|5\d\d)$/) });
  });

  test("a store that Partoo has no more is gone, and one that it did not have is there", async () => {
    const { partoo, gateway, listener } = await renamed();
    expect((await gateway.get(pageOf(7))).status).toBe(404);
    partoo.stores = [store(7)];
    await listener.purge({ tag: `business:${idOf(1)}` });
    await listener.purge({ tag: `business:${idOf(7)}` });
    expect([(await gateway.get(pageOf(1))).status, (await gateway.get(pageOf(7))).status]).toEqual([404, 200]);
  });
});

describe("while Partoo fails, what is stored stays in use", () => {
  test.each([
    ["500", () => storableJson({}, { status: 500 }), "partoo-bff; fwd=stale; fwd-status=500"],
    ["401", () => storableJson({}, { status: 401 }), "partoo-bff; fwd=stale; fwd-status=401"],
    ["no word", () => undefined, "partoo-bff; fwd=stale; fwd-status=503"],
  ] as const satisfies readonly (readonly [string, Script, string])[])("%s", async (_name, script, cache) => {
    const { partoo, gateway, listener } = await renamed();
    partoo.fails(script);
    await listener.purge({ all: true });
    const answer = await gateway.get(pageOf(1));
    expect(life(answer)).toMatchObject({ status: 200, cache });
    expect(await answer.json()).toMatchObject({ name: "Acme 1" });
    expect((await gateway.get(SEARCH)).status).toBe(200);
  });

  test("a failure pauses refreshes, and the next purge ends that pause", async () => {
    const { partoo, gateway, listener } = await renamed();
    partoo.fails(() => storableJson({}, { status: 500 }));
    await listener.purge({ tag: `business:${idOf(1)}` });
    expect(await nameShown(gateway, 1)).toBe("Acme 1");
    partoo.works();
    expect(await nameShown(gateway, 1)).toBe("Acme 1");
    await listener.purge({ tag: `business:${idOf(1)}` });
    expect(await nameShown(gateway, 1)).toBe("Renamed");
  });

  test("no budget is left: the stored answer, and Partoo hears nothing", async () => {
    const { partoo, gateway, listener } = await renamed({ locator: { organization: "quota: 3/min, reserve: 0%" } });
    await listener.purge({ all: true });
    expect(await shown(gateway)).toEqual({ one: "Acme 1", two: "Acme 2", search: false });
    expect(partoo.calls()).toEqual([]);
  });
});

describe("where all stores are held", () => {
  test("a purge of everything reads them anew, and visitors of each store do not take the budget for that", async () => {
    const sandbox = await startSandbox({ stores: 400, limitPerMinute: 20 });
    onTestFinished(() => sandbox.close());
    const gateway = await gatewayFor(sandbox, {
      env: { PARTOO_KEY_LOCATOR_READ: "sandbox-locator-read" },
      locator: { sweep: true, organization: "quota: 20/min, reserve: 0%" },
      frontends: {
        "store-locator":
          "key: locator-read\norigins: [https://stores.acme.example]\nlimits: { requests: 100000/min, misses: 100000/min }\n",
      },
    });
    await until(() => isSwept(gateway));
    const stores = sandbox.stores as readonly { readonly id: string }[];
    gateway.log.length = 0;
    const listener = await listenerOf(gateway);
    expect(await listener.purge({ all: true })).toMatchObject({ body: { entries: 400 } });
    const statuses = await Promise.all(stores.map(async ({ id }) => (await gateway.get(pageOf(id))).status));
    expect(new Set(statuses)).toEqual(new Set([200]));
    await until(() => isSwept(gateway));
    for (const { id } of stores) expect((await gateway.get(pageOf(id))).headers.get("cache-status")).toMatch(/; ttl=(600|5\d\d)$/);
    expect(sandbox.counters()).toMatchObject({ limited: 0 });
    expect(sandbox.counters().calls).toBeLessThanOrEqual(12);
  });

  test("a made-up id still costs no call after it, and a new store that is purged by its name is found", async () => {
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo, { locator: { sweep: true } });
    const listener = await listenerOf(gateway);
    await until(() => isSwept(gateway));
    partoo.stores = [...partoo.stores, store(3)];
    expect((await gateway.get(pageOf(3))).status).toBe(404);
    expect(partoo.calls()).toEqual([]);
    await listener.purge({ tag: `business:${idOf(3)}` });
    expect([await nameShown(gateway, 3), (await gateway.get(pageOf(4))).status]).toEqual(["Acme 3", 404]);
    expect(partoo.calls()).toHaveLength(1);
  });
});

describe("two processes over one Redis", () => {
  async function startPair() {
    const [partoo, redis] = [await startPartoo(), await redisForTest()];
    const pair = await Promise.all([0, 1].map(() => gatewayFor(partoo, { redisUrl: redis.url })));
    const [here, there] = pair;
    if (here === undefined || there === undefined) throw new Error("no pair");
    expect([await nameShown(here, 1), await nameShown(here, "c-FR-2"), (await here.get(SEARCH)).status]).toEqual(["Acme 1", "Acme 2", 200]);
    await until(async () => (await redis.keys()).filter((key) => key.startsWith("partoo-bff:response:")).length === 5);
    await shown(there);
    rename(partoo, "Renamed");
    partoo.requests.length = 0;
    return { partoo, redis, here, there, listener: await listenerOf(here) };
  }

  test.each([
    [{ tag: `business:${idOf(1)}` }, "Acme 2"],
    [{ all: true }, "Renamed"],
  ] as const)("%j reaches both", async (target, two) => {
    const { here, there, listener } = await startPair();
    expect(await listener.purge(target)).toMatchObject({ body: { instances: "all" } });
    await until(() => there.counts().purges === 1);
    for (const gateway of [there, here]) {
      expect([await nameShown(gateway, 1), await nameShown(gateway, "c-FR-2")]).toEqual(["Renamed", two]);
    }
  });

  test("the other one waits for Partoo as well, falls back on what it holds, and one that starts later does too", async () => {
    const { partoo, redis, there, listener } = await startPair();
    partoo.fails(() => storableJson({}, { status: 500 }));
    await listener.purge({ all: true });
    await until(() => there.counts().purges === 1);
    const late = await gatewayFor(partoo, { redisUrl: redis.url });
    for (const gateway of [there, late]) {
      expect(life(await gateway.get(pageOf(1)))).toMatchObject({ status: 200, cache: "partoo-bff; fwd=stale; fwd-status=500" });
    }
    partoo.works();
    await listener.purge({ tag: `business:${idOf(1)}` });
    await until(() => there.counts().purges === 2);
    expect(await nameShown(there, 1)).toBe("Renamed");
  });

  test("while Redis is away it counts here, and there as soon as Redis is back", async () => {
    const { redis, here, there, listener } = await startPair();
    await redis.kill();
    expect(await listener.purge({ tag: `business:${idOf(1)}` })).toMatchObject({ status: 200, body: { instances: "this-for-now" } });
    expect(await nameShown(here, 1)).toBe("Renamed");
    await redis.restart();
    await until(async () => (await nameShown(there, 1)) === "Renamed");
  });
});
