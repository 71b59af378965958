import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Script } from "../support/recording-upstream.ts";
import type { TestGateway } from "../support/gateway.ts";
import type { Partoo, Store } from "./partoo.ts";
import { until } from "../support/cli.ts";
import { storableJson } from "../support/recording-upstream.ts";
import {
  business,
  gatewayFor,
  hasFailed,
  idOf,
  isSwept,
  later,
  life,
  nameShown,
  pageOf,
  SEARCH,
  startPartoo,
  stopClock,
  store,
} from "./partoo.ts";

const many = (count: number): readonly Store[] => Array.from({ length: count }, (_, nth) => store(nth));

/** A gateway that has held all stores of this Partoo. */
async function swept(partoo: Partoo, cache = "10m"): Promise<TestGateway> {
  const gateway = await gatewayFor(partoo, { locator: { sweep: true, cache } });
  await until(() => isSwept(gateway));
  return gateway;
}

describe("after a complete sweep", () => {
  test("which cost a call for each hundred stores, every store answers by id and by code without one", async () => {
    const partoo = await startPartoo(many(250));
    const gateway = await swept(partoo);
    expect(partoo.requests.map(({ target }) => target)).toEqual([
      "/v2/business/search?page=1&per_page=100&status=closed%2Copen%2Copening_soon%2Ctemporarily_closed",
      "/v2/business/search?page=2&per_page=100&status=closed%2Copen%2Copening_soon%2Ctemporarily_closed",
      "/v2/business/search?page=3&per_page=100&status=closed%2Copen%2Copening_soon%2Ctemporarily_closed",
    ]);
    for (const nth of [0, 99, 100, 249]) {
      const [byId, byCode] = [await gateway.get(pageOf(nth)), await gateway.get(pageOf(`c-FR-${nth}`))];
      expect(byId.headers.get("cache-status")).toMatch(/^partoo-bff; hit; ttl=5\d\d$/);
      expect(await byId.json()).toEqual({
        id: idOf(nth),
        code: `FR-${nth}`,
        name: `Acme ${nth}`,
        city: "Paris",
        phone: "+33142000000",
      });
      expect([byCode.headers.get("etag"), (await byCode.text()).includes(idOf(nth))]).toEqual([byId.headers.get("etag"), true]);
    }
    expect(partoo.calls()).toEqual([]);
  });

  test("a made-up id says not-found as Partoo would, for a minute", async () => {
    const gateway = await swept(await startPartoo());
    const answer = await gateway.get(pageOf(404));
    expect(life(answer)).toMatchObject({ status: 404, control: "public, max-age=60", cache: "partoo-bff; hit" });
    expect(await answer.json()).toMatchObject({ code: "not-found", layer: "upstream" });
  });

  test("a store that a search shows is known, although the sweep did not see it", async () => {
    const partoo = await startPartoo();
    const gateway = await swept(partoo);
    partoo.stores.push(store(3));
    expect((await gateway.get(pageOf(3))).status).toBe(404);
    await gateway.get(SEARCH);
    expect((await gateway.get(pageOf(3))).headers.get("cache-status")).toMatch(/^partoo-bff; hit; /);
    expect((await gateway.get(pageOf("c-FR-3"))).status).toBe(200);
    expect(partoo.calls()).toHaveLength(1);
  });

  test("the next one comes before its stores stop being fresh: visits need no refresh", async () => {
    const partoo = await startPartoo(many(150));
    const gateway = await swept(partoo, "{ fresh: 2s, stale: 1h, browser: 1s }");
    const began = performance.now();
    while (performance.now() - began < 5000) {
      expect((await gateway.get(pageOf(149))).headers.get("cache-status")).toMatch(/^partoo-bff; hit; ttl=[012]$/);
      await sleep(10);
    }
    expect(partoo.calls()).toEqual([]);
    expect(partoo.sweeps().length).toBeLessThanOrEqual(8);
  });

  test("the next one drops what is gone", async () => {
    const partoo = await startPartoo([store(1), store(2)]);
    const gateway = await swept(partoo, "{ fresh: 1s, stale: 1h, browser: 1s }");
    partoo.stores = [store(1), store(3)];
    await until(async () => (await gateway.get(pageOf(2))).status === 404);
    expect((await gateway.get(pageOf("c-FR-2"))).status).toBe(404);
    expect([await nameShown(gateway, 1), await nameShown(gateway, 3)]).toEqual(["Acme 1", "Acme 3"]);
  });

  test("it is believed for three times as long as a store is fresh; then a made-up id costs a call again", async () => {
    stopClock();
    const partoo = await startPartoo();
    const gateway = await swept(partoo);
    partoo.stores.push(store(3));
    later(1800);
    expect((await gateway.get(pageOf(3))).status).toBe(404);
    expect(partoo.calls()).toEqual([]);
    later(1);
    expect((await gateway.get(pageOf(3))).status).toBe(200);
    expect(partoo.calls()).toHaveLength(1);
  });
});

const pageNumber = (target: string): number => Number(new URL(target, "http://partoo.example").searchParams.get("page"));
const page =
  (answer: (nth: number) => object): Script =>
  ({ target }) =>
    storableJson(answer(pageNumber(target)));
const businesses = (first: number, count: number): readonly unknown[] =>
  Array.from({ length: count }, (_, nth) => business(store(first + nth)));
const first100 = { count: 150, businesses: businesses(0, 100) };

describe("a sweep that is not whole", () => {
  test.each<[string, Script]>([
    ["no stores at all", page(() => ({ page: 1, max_page: 0, count: 0, businesses: [] }))],
    ["a page without items", page((nth) => (nth === 1 ? first100 : { page: nth, count: 150, businesses: [] }))],
    ["a page without the member", page((nth) => (nth === 1 ? first100 : { count: 150 }))],
    ["no count", page(() => ({ page: 1, businesses: businesses(0, 10) }))],
    ["half a page", page((nth) => ({ count: 150, businesses: nth === 1 ? businesses(0, 60) : businesses(100, 50) }))],
    [
      "a store that moved to a page already read, because another one went",
      page((nth) => ({ count: nth === 1 ? 201 : 200, businesses: businesses(nth === 1 ? 0 : 101, 100) })),
    ],
    ["a failure in the middle", ({ target }) => (pageNumber(target) === 1 ? storableJson(first100) : storableJson({}, { status: 500 }))],
  ])("(%s) says nothing about unknown ids", async (_what, script) => {
    const partoo = await startPartoo([]);
    partoo.fails(script);
    const gateway = await gatewayFor(partoo, { locator: { sweep: true } });
    await until(() => hasFailed(gateway) || isSwept(gateway));
    expect(gateway.log).toMatchObject([{ level: "warn", msg: "sweep failed", key: "locator-read", again_s: 5 }]);
    partoo.stores = [store(999)];
    partoo.works();
    expect(await nameShown(gateway, 999)).toBe("Acme 999");
  });

  test("is tried again after 5 s, and goes on where it failed", async () => {
    const partoo = await startPartoo(many(450));
    const [whole, failed] = [new Set<number>(), { at: 3 }];
    partoo.fails(({ target }) => {
      const nth = pageNumber(target);
      if (nth === failed.at) return storableJson({}, { status: 500 });
      whole.add(nth);
      return storableJson({ count: 450, businesses: businesses((nth - 1) * 100, nth === 5 ? 50 : 100) });
    });
    const gateway = await gatewayFor(partoo, { locator: { sweep: true } });
    await until(() => hasFailed(gateway));
    const began = performance.now();
    failed.at = 0;
    await until(() => isSwept(gateway));
    expect(performance.now() - began).toBeGreaterThan(4800);
    expect(partoo.sweeps().map(pageNumber)).toEqual([1, 2, 3, 3, 4, 5]);
    expect((await gateway.get(pageOf(999))).status).toBe(404);
    expect(await nameShown(gateway, 0)).toBe("Acme 0");
    expect(partoo.calls()).toEqual([]);
  });

  test("keeps the stores that it saw", async () => {
    const partoo = await startPartoo([]);
    partoo.fails(({ target }) => (pageNumber(target) === 1 ? storableJson(first100) : storableJson({}, { status: 500 })));
    const gateway = await gatewayFor(partoo, { locator: { sweep: true } });
    await until(() => hasFailed(gateway));
    expect(await nameShown(gateway, 99)).toBe("Acme 99");
    expect(partoo.calls()).toEqual([]);
  });

  test("asks for one page more than the first one promised, at most", async () => {
    const partoo = await startPartoo([]);
    partoo.fails(page((nth) => ({ page: nth, count: 100 * (nth + 5), businesses: businesses(nth * 100, 100) })));
    const gateway = await gatewayFor(partoo, { locator: { sweep: true } });
    await until(() => hasFailed(gateway) || isSwept(gateway));
    expect(partoo.sweeps()).toHaveLength(7);
  });

  test("leaves a made-up id one call, and the second time none for a minute", async () => {
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo);
    for (let nth = 0; nth < 3; nth += 1) expect((await gateway.get(pageOf(404))).status).toBe(404);
    expect(partoo.calls()).toHaveLength(1);
  });

  test("ends when the process is told to stop", async () => {
    const partoo = await startPartoo([]);
    partoo.fails(() => undefined);
    const gateway = await gatewayFor(partoo, { locator: { sweep: true } });
    await until(() => partoo.requests.length === 1);
    await gateway.close();
    expect(hasFailed(gateway)).toBe(false);
  });
});

test("a store that came to be while a sweep was under way stays known when it ends", async () => {
  const partoo = await startPartoo(many(150));
  const gateway = await swept(partoo, "{ fresh: 1s, stale: 1h, browser: 1s }");
  const { promise: allowed, resolve: allow } = Promise.withResolvers<void>();
  const last50 = storableJson({ count: 150, businesses: businesses(100, 50) });
  partoo.requests.length = 0;
  partoo.fails(({ target }, socket) => {
    if (target.includes("city=")) return storableJson({ page: 1, businesses: [business(store(999))] });
    if (pageNumber(target) === 1) return storableJson(first100);
    return (void allowed.then(() => socket.write(last50)), undefined);
  });
  await until(() => partoo.sweeps().length === 2);
  await gateway.get(SEARCH);
  expect(await nameShown(gateway, 999)).toBe("Acme 999");
  allow();
  await until(() => gateway.log.filter(({ msg }) => msg === "all stores are held").length === 2);
  expect([await nameShown(gateway, 999), await nameShown(gateway, "c-FR-999")]).toEqual(["Acme 999", "Acme 999"]);
});

test("with sweep: false nothing is asked for that no caller asked for", async () => {
  const partoo = await startPartoo();
  await gatewayFor(partoo);
  await sleep(200);
  expect(partoo.requests).toEqual([]);
});
