import { describe, expect, test } from "vitest";
import { until } from "../support/cli.ts";
import { storableJson } from "../support/recording-upstream.ts";
import { business, gatewayFor, idOf, later, nameShown, pageOf, SEARCH, startPartoo, stopClock, store } from "./partoo.ts";

const HIT = /^partoo-bff; hit; /;

describe("what an answer shows of a store", () => {
  test("makes its own page held: by id and by code", async () => {
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo);
    await gateway.get(SEARCH);
    for (const name of [1, 2, "c-FR-1", "c-FR-2"]) expect((await gateway.get(pageOf(name))).headers.get("cache-status")).toMatch(HIT);
    expect(partoo.calls()).toHaveLength(1);
  });

  test("under its id answers under its code, and the other way round", async () => {
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo);
    await gateway.get(pageOf(1));
    await gateway.get(pageOf("c-FR-1"));
    await gateway.get(pageOf("c-FR-2"));
    await gateway.get(pageOf(2));
    expect(partoo.calls()).toEqual([`/v2/business/${idOf(1)}`, "/v2/business/c-FR-2"]);
  });

  test("under another code drops the old one", async () => {
    stopClock();
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo);
    await gateway.get(pageOf("c-FR-1"));
    partoo.stores = [store(1, { code: "FR-NEW", modified: 1_790_000_001 })];
    later(601);
    await gateway.get(SEARCH);
    partoo.requests.length = 0;
    expect(await nameShown(gateway, "c-FR-NEW")).toBe("Acme 1");
    expect(partoo.calls()).toEqual([]);
    expect((await gateway.get(pageOf("c-FR-1"))).status).toBe(404);
  });

  test("without a code that it had drops it, too", async () => {
    const partoo = await startPartoo([store(1)]);
    const gateway = await gatewayFor(partoo);
    await gateway.get(pageOf("c-FR-1"));
    const { code: _code, ...rest } = store(1, { modified: 1_790_000_001 });
    partoo.stores = [rest];
    await gateway.get(SEARCH);
    expect((await gateway.get(pageOf("c-FR-1"))).status).toBe(404);
  });

  test("under a code that another store had answers for the new one", async () => {
    const partoo = await startPartoo([store(1), store(2)]);
    const gateway = await gatewayFor(partoo);
    await gateway.get(SEARCH);
    partoo.stores = [store(1, { code: "FR-2", modified: 1_790_000_001 }), store(2, { code: "FR-1", modified: 1_790_000_001 })];
    await gateway.get(`${SEARCH}&query=acme`);
    partoo.requests.length = 0;
    expect([await nameShown(gateway, "c-FR-1"), await nameShown(gateway, "c-FR-2")]).toEqual(["Acme 2", "Acme 1"]);
    expect(partoo.calls()).toEqual([]);
  });

  test("of an older state does not replace a newer one, which is refreshed instead", async () => {
    const partoo = await startPartoo([store(1, { name: "New", modified: 1_790_000_002 })]);
    const gateway = await gatewayFor(partoo);
    expect(await nameShown(gateway, 1)).toBe("New");
    partoo.stores = [store(1, { name: "Old", modified: 1_790_000_001.5 })];
    await gateway.get(SEARCH);
    partoo.stores = [store(1, { name: "Newest", modified: 1_790_000_003 })];
    const next = await gateway.get(pageOf(1));
    expect([await next.json(), next.headers.get("cache-status")]).toMatchObject([{ name: "New" }, "partoo-bff; hit; ttl=-1"]);
    await until(async () => (await nameShown(gateway, 1)) === "Newest");
  });

  test("of an older state, shown again and again, is refreshed after 5 s, 10 s, 20 s", async () => {
    stopClock();
    const partoo = await startPartoo([store(1, { modified: 1_790_000_002 })]);
    const gateway = await gatewayFor(partoo);
    await gateway.get(pageOf(1));
    const lagging = storableJson({ page: 1, businesses: [business(store(1))] });
    partoo.fails(({ target }) => (target.includes("search") ? lagging : storableJson(business(store(1, { modified: 1_790_000_002 })))));
    let lists = 0;
    /** A list shows the store, then its page is asked for. @returns whether that was a reason to look again */
    const looksAgain = async (): Promise<boolean> => {
      await gateway.get(`${SEARCH}&page=${(lists += 1)}`);
      partoo.requests.length = 0;
      const isStale = (await gateway.get(pageOf(1))).headers.get("cache-status") === "partoo-bff; hit; ttl=-1";
      if (isStale) await until(async () => (await gateway.get(pageOf(1))).headers.get("cache-status") === "partoo-bff; hit; ttl=600");
      return isStale;
    };
    expect(await looksAgain()).toBe(true);
    for (const pause of [5, 10, 20]) {
      later(pause - 1);
      expect([pause, await looksAgain()]).toEqual([pause, false]);
      later(1);
      expect([pause, await looksAgain()]).toEqual([pause, true]);
    }
  });

  test("without a time of change replaces what is held", async () => {
    const partoo = await startPartoo([store(1, { name: "Before" })]);
    const gateway = await gatewayFor(partoo);
    await gateway.get(pageOf(1));
    const { modified: _modified, ...rest } = business(store(1, { name: "After" }));
    partoo.fails(() => storableJson({ page: 1, businesses: [rest] }));
    await gateway.get(SEARCH);
    expect(await nameShown(gateway, 1)).toBe("After");
  });

  test("is shaped for its own page: metadata and personal fields do not leave", async () => {
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo, { locator: { fields: "name, phone" } });
    await gateway.get(SEARCH);
    expect(await (await gateway.get(pageOf(1))).json()).toEqual({ name: "Acme 1", phone: "+33142000000" });
    expect(partoo.calls()).toHaveLength(1);
  });

  test.each([
    ["no id", { code: "FR-1" }],
    ["an id that is none", { id: "../../api_keys", code: "FR-1" }],
    ["an id that is a number", { id: 7, code: "FR-1" }],
    ["a code that could not be asked for", { id: idOf(1), code: "a/b?c#d" }],
  ])("(%s) is shown in its list and harms nothing", async (_what, odd) => {
    const partoo = await startPartoo([]);
    const gateway = await gatewayFor(partoo);
    partoo.fails(() => storableJson({ page: 1, businesses: [{ ...odd, name: "Odd" }, business(store(2))] }));
    const answer = await gateway.get(SEARCH);
    expect([answer.status, ((await answer.json()) as { businesses: unknown[] }).businesses.length]).toEqual([200, 2]);
    expect(await nameShown(gateway, 2)).toBe("Acme 2");
    expect(partoo.calls()).toHaveLength(1);
  });

  test("is not held where the answer must not be stored", async () => {
    const partoo = await startPartoo();
    const gateway = await gatewayFor(partoo);
    partoo.fails(() => storableJson({ page: 1, businesses: [business(store(1))] }, { headers: { "cache-control": "no-store" } }));
    await gateway.get(SEARCH);
    partoo.works();
    expect((await gateway.get(pageOf(1))).headers.get("cache-status")).toBe("partoo-bff; fwd=miss; stored");
  });
});
