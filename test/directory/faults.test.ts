/** What goes wrong at Partoo: while stores are read, between readings, and for a day. */
import { describe, expect, test } from "vitest";
import type { Business } from "../../src/directory/store-record.ts";
import { later, stopClock } from "../cache/partoo.ts";
import { until } from "../support/cli.ts";
import { storableJson } from "../support/recording-upstream.ts";
import { listOf, locatorFor, namesOf, policyOf, shows, startChangingPartoo, tell } from "./partoo.ts";
import { aStore } from "./support.ts";

const NOW = Math.floor(Date.now() / 1000);
const PLACE = { lat: 48.85, long: 2.35, open_hours: { monday: ["09:00-18:00"] } };
const many = (count: number): readonly Business[] =>
  Array.from({ length: count }, (_, nth) => aStore(nth, { ...PLACE, modified: NOW - 9000 }));
const failing = storableJson({ error: "no" }, { status: 500 });

describe("while all stores are read", () => {
  test("one that moves, one that closes, one that goes, one whose code changes and one that comes end as they are, whatever max_page says", async () => {
    const partoo = await startChangingPartoo(many(250));
    partoo.lies = () => ({ max_page: 99_999 });
    const gateway = await locatorFor(partoo);
    expect(partoo.sweeps()).toBe(3);
    const [zero, first, second, third, ...rest] = partoo.stores as [Business, Business, Business, Business];
    const sooner = { modified: NOW };
    const changed = { ...zero, lat: 10, ...sooner };
    partoo.onPage = (query) => {
      if (query.get("page") !== "2") return;
      partoo.stores = [
        changed,
        { ...first, status: "closed", ...sooner },
        { ...third, code: "S-new", ...sooner },
        ...rest,
        aStore(900, sooner),
      ];
      partoo.onPage = () => undefined;
    };
    gateway.follow(policyOf({ fields: "id, code, name, status, lat, long" }));
    await until(() => partoo.sweeps() >= 6);
    expect(await tell(gateway, "business_deleted", second)).toBe(200);
    for (const store of [changed, { ...first, status: "closed", ...sooner }, { ...third, code: "S-new", ...sooner }])
      expect(await tell(gateway, "business_updated", store)).toBe(200);
    await until(async () => (await listOf(gateway, "?near=10,2.35&radius=100")).count === 1);
    const status = async (name: string): Promise<number> => (await gateway.get(`/locator/stores/${name}`)).status;
    expect(await Promise.all([status("c-S-new"), status("c-S-3"), status("c-S-1"), status("c-S-2")])).toEqual([200, 404, 404, 404]);
  });

  test("a count that lies keeps the directory from being served with some left out", async () => {
    const partoo = await startChangingPartoo(many(150));
    partoo.lies = (query) => (query.get("page") === "2" ? { count: 120 } : undefined);
    const gateway = await locatorFor(partoo, { stores: false });
    gateway.follow(policyOf({}));
    await until(() => gateway.log.some(({ msg }) => msg === "sweep failed"));
    expect((await gateway.get("/locator/stores")).status).toBe(503);
  });

  test("what is hostile, empty or nested without end leaves nobody else out", async () => {
    const nothing = Object.fromEntries(
      ["code", "name", "status", "city", "lat", "long", "open_hours", "specific_hours", "opening_date", "modified", "country"].map(
        (name) => [name, null],
      ),
    );
    const nested = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
    const stores = [
      { ...aStore(1), ...nothing },
      aStore(2, { lat: "48", long: {}, open_hours: "always", modified: "yesterday", name: ["x"], code: 7 }),
      aStore(3, {
        lat: 91,
        long: 1e300,
        name: "\u0000\ud800</script>",
        open_hours: { monday: ["25:00-99:99", 7, null], tuesday: 4 },
        ["__proto__"]: 1,
      }),
      aStore(4, { name: "nested" }),
      { id: "../../api_keys", name: "none of ours" },
    ];
    const partoo = await startChangingPartoo(stores);
    partoo.lies = () =>
      storableJson(
        JSON.stringify({ page: 1, max_page: 1, count: 5, businesses: stores }).replace(
          '"name":"nested"',
          `"name":"nested","open_hours":${nested}`,
        ),
      );
    const gateway = await locatorFor(partoo);
    const { stores: shown } = await listOf(gateway);
    expect(shown.map(({ id }) => id)).toEqual(expect.arrayContaining([1, 2, 3].map((nth) => aStore(nth)["id"])));
    expect(shown.slice(0, 2).map(({ open }) => open)).toEqual([null, null]);
    for (const query of ["/all", "?near=0,0", "?q=acme", "?open_now=true"]) await listOf(gateway, query);
  });
});

describe("between readings of all", () => {
  test("an edit of what was read already is found, although a later one was read with it", async () => {
    stopClock();
    const partoo = await startChangingPartoo(many(150));
    partoo.onPage = (query) => {
      if (query.get("page") !== "2") return;
      partoo.stores[0] = aStore(0, { name: "Edited first", modified: NOW + 1 });
      partoo.stores[149] = aStore(149, { name: "Edited later", modified: NOW + 20 });
    };
    const gateway = await locatorFor(partoo);
    later(61);
    await until(async () => (await listOf(gateway, "?q=edited")).count === 2);
    expect(partoo.deltas()).toHaveLength(1);
  });

  test("an edit is found although somebody was shown a later one of another store", async () => {
    stopClock();
    const partoo = await startChangingPartoo([aStore(1, { modified: NOW - 900 }), aStore(2, { modified: NOW - 900 })]);
    const gateway = await locatorFor(partoo);
    partoo.stores = [aStore(1, { name: "Edited first", modified: NOW + 5 }), aStore(2)];
    expect(await tell(gateway, "business_updated", aStore(2, { name: "Edited later", modified: NOW + 30 }))).toBe(200);
    later(61);
    await shows(gateway, "Edited first", "Edited later");
  });

  test("what a reading that failed had seen hides nothing from the next", async () => {
    stopClock();
    const partoo = await startChangingPartoo(many(120));
    const gateway = await locatorFor(partoo);
    partoo.stores = many(120).map((store, nth) => ({ ...store, name: "Edited", modified: NOW + 60 - Math.floor(nth / 2) }));
    partoo.lies = (query) => (query.get("page") === "2" ? failing : undefined);
    later(61);
    await until(() => partoo.deltas().some((target) => target.includes("page=2")));
    partoo.lies = () => undefined;
    later(61);
    await until(async () => (await listOf(gateway, "?q=edited")).count === 120);
    expect(partoo.sweeps()).toBe(2);
  });

  test("more changes than ten pages hold are left to a reading of all, at once", async () => {
    stopClock();
    const partoo = await startChangingPartoo(many(1100));
    const gateway = await locatorFor(partoo);
    later(301);
    partoo.stores = partoo.stores.map((store) => ({ ...store, name: "Edited", modified: NOW + 300 }));
    await until(async () => (await listOf(gateway, "?q=edited")).count === 1100);
    expect(partoo.deltas()).toHaveLength(10);
  });
});

test("with Partoo down for a day answers go on and say how old they are, and are as new as ever when it is back", async () => {
  stopClock();
  const partoo = await startChangingPartoo(many(3));
  const gateway = await locatorFor(partoo);
  await partoo.close();
  later(86_400);
  const answer = await gateway.get("/locator/stores");
  const { as_of: asOf, count } = (await answer.json()) as { as_of: string; count: number };
  expect(count).toBe(3);
  expect(Date.now() - Date.parse(asOf)).toBeGreaterThanOrEqual(86_400_000);
  expect(answer.headers.get("cache-status")).toMatch(/^partoo-bff; hit; ttl=-8\d{4}$/);
  expect(Number(/max-age=(\d+)/.exec(answer.headers.get("cache-control") ?? "")?.[1])).toBeLessThanOrEqual(60);
  expect((await listOf(gateway, "/all")).as_of).toBe(asOf);
  await until(() => gateway.log.some(({ msg }) => msg === "changes not read"));
  partoo.stores = [aStore(0, { name: "Back", modified: NOW + 3600 })];
  await partoo.reopen();
  later(61);
  await until(async () => (await namesOf(gateway)).includes("Back"));
  expect(await listOf(gateway)).not.toHaveProperty("as_of");
  later(61);
  expect(gateway.log.filter(({ msg }) => msg === "changes not read")).toHaveLength(1);
});
