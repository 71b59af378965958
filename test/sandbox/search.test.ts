import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningSandbox } from "../../src/sandbox/sandbox.ts";
import type { Store } from "./support.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { ANY_STATUS, call, rawStores, write } from "./support.ts";

let sandbox: RunningSandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ limitPerMinute: 10_000 });
});
afterAll(() => sandbox.close());

const countOf = async (query: string): Promise<unknown> => (await call(sandbox, `/business/search?${query}`)).json["count"];
const codesOf = async (query: string): Promise<readonly string[]> =>
  ((await call(sandbox, `/business/search?${query}`)).json["businesses"] as readonly Store[]).map(({ code }) => code);
const open = (): readonly Store[] => rawStores(sandbox).filter(({ status }) => status === "open");

const COUNTRY_NAMES: Readonly<Record<string, string>> = { FR: "France", ES: "España", IT: "Italia" };

/** Open stores in any of these countries or regions. */
function inside(...names: readonly string[]): number {
  return open().filter((store) => names.includes(String(store["region"])) || names.includes(COUNTRY_NAMES[String(store["country"])] ?? ""))
    .length;
}

describe("pages", () => {
  test("without parameters 279 open stores come in ten pages of thirty", async () => {
    const { json } = await call(sandbox, "/business/search");
    expect([json["page"], json["max_page"], json["count"]]).toEqual([1, 10, 279]);
    expect((json["businesses"] as unknown[]).length).toBe(30);
  });

  test.each([
    [100, 3, 3, 79],
    [100, 2, 3, 100],
    [50, 6, 6, 29],
    [1, 279, 279, 1],
    [100, 4, 3, 0],
  ])("per_page=%d: page %d of %d holds %d stores", async (perPage, page, maxPage, length) => {
    const { json } = await call(sandbox, `/business/search?per_page=${perPage}&page=${page}`);
    expect([json["page"], json["max_page"], (json["businesses"] as unknown[]).length]).toEqual([page, maxPage, length]);
  });

  test("all pages together hold every open store once, in order", async () => {
    const pages = await Promise.all([1, 2, 3].map((page) => codesOf(`per_page=100&page=${page}`)));
    expect(pages.flat()).toEqual(open().map(({ code }) => code));
  });

  test.each(["page=0", "page=-3"])("%s is taken as page 1", async (query) => {
    const { json } = await call(sandbox, `/business/search?${query}`);
    expect(json["page"]).toBe(1);
  });

  test.each([
    ["per_page=0", "per_page"],
    ["per_page=101", "per_page"],
    ["page=two", "page"],
    ["status=opened", "status"],
    ["order_by=shoe_size", "order_by"],
    ["modified__gte=yesterday", "modified__gte"],
    ["subscribed_to_rm=yes", "subscribed_to_rm"],
  ])("%s is refused with an object keyed by the field", async (query, field) => {
    const { status, json } = await call(sandbox, `/business/search?${query}`);
    expect(status).toBe(400);
    expect(Object.keys((json["errors"] as { json: object }).json)).toEqual([field]);
  });

  test("nothing found is one empty page", async () => {
    const { json } = await call(sandbox, "/business/search?city=Atlantis");
    expect(json).toEqual({ page: 1, max_page: 1, count: 0, businesses: [] });
  });
});

describe("filters find what the raw list holds", () => {
  test("status: each alone, several, both spellings of temporarily closed", async () => {
    expect(await countOf("status=closed")).toBe(8);
    expect(await countOf("status=opening_soon")).toBe(6);
    expect(await countOf("status=temporarily_closed")).toBe(7);
    expect(await countOf("status=closed_temporarily")).toBe(7);
    expect(await countOf("status=open,opening_soon,temporarily_closed")).toBe(292);
    expect(await countOf(ANY_STATUS)).toBe(300);
  });

  test.each(["Paris", "Saint-Étienne", "A Coruña", "Milano"])("city=%s", async (city) => {
    const expected = open().filter((store) => store["city"] === city).length;
    expect(expected).toBeGreaterThan(0);
    expect(await countOf(`city=${encodeURIComponent(city)}`)).toBe(expected);
  });

  test("country, zipcode, name and code are exact", async () => {
    const store = open()[5] as Store;
    expect(await countOf("country=IT")).toBe(open().filter((other) => other["country"] === "IT").length);
    expect(await countOf("zipcode=75011")).toBe(open().filter((other) => other["zipcode"] === "75011").length);
    expect(await countOf("zipcode=7501")).toBe(0);
    expect(await codesOf(`name=${encodeURIComponent(store.name)}`)).toEqual([store.code]);
    expect(await codesOf(`code=${store.code}`)).toEqual([store.code]);
  });

  test("code__in and business__in take lists", async () => {
    const [one, , three] = open() as [Store, Store, Store];
    expect(await codesOf(`code__in=${three.code},${one.code},nobody`)).toEqual([one.code, three.code]);
    expect(await codesOf(`business__in=${three.id},${one.id}`)).toEqual([one.code, three.code]);
  });

  test("modified__gte takes the edge itself", async () => {
    const times = open()
      .map((store) => store["modified"] as number)
      .toSorted((one, other) => one - other);
    expect(await countOf(`modified__gte=${times[200]}`)).toBe(79);
  });

  test("groups: or inside a section, and between sections", async () => {
    const { json } = await call(sandbox, "/sections");
    const [countries, regions] = json["sections"] as { groups: { id: number; name: string }[] }[];
    const idOf = (name: string): number =>
      [...(countries?.groups ?? []), ...(regions?.groups ?? [])].find((group) => group.name === name)?.id ?? 0;
    expect(await countOf(`groups=${idOf("France")}`)).toBe(inside("France"));
    expect(await countOf(`groups=${idOf("Lazio")},${idOf("Bretagne")}`)).toBe(inside("Lazio", "Bretagne"));
    expect(await countOf(`groups=${idOf("Italia")},${idOf("Lazio")},${idOf("Bretagne")}`)).toBe(inside("Lazio"));
  });

  test("features and the older yes/no parameters", async () => {
    const having = open().filter((store) => (store["features"] as string[]).includes("review_management")).length;
    expect(await countOf("features__in=review_management")).toBe(having);
    expect(await countOf("features__notin=review_management")).toBe(279 - having);
    expect(await countOf("subscribed_to_rm=True")).toBe(having);
    expect(await countOf("subscribed_to_rm=False")).toBe(279 - having);
    expect(await countOf("connected_to_gmb_location=True")).toBe(open().filter((store) => store["google_location_id"] !== null).length);
  });

  test("order_by sorts both ways", async () => {
    const created = open().map((store) => store["created"] as number);
    const { json } = await call(sandbox, "/business/search?order_by=-created&per_page=1");
    expect((json["businesses"] as Store[])[0]?.["created"]).toBe(Math.max(...created));
    const first = await call(sandbox, "/business/search?order_by=created&per_page=1");
    expect((first.json["businesses"] as Store[])[0]?.["created"]).toBe(Math.min(...created));
  });

  test("org_id changes nothing for a key that is no provider's", async () => {
    expect(await countOf("org_id=77")).toBe(279);
  });
});

describe("the fuzzy query", () => {
  test.each([
    ["lyon", "Lyon"],
    ["LYON", "Lyon"],
    ["saint etienne", "Saint-Étienne"],
    ["aix en provence", "Aix-en-Provence"],
    ["coruna", "A Coruña"],
    ["besancon", "Besançon"],
    ["besanson", "Besançon"],
    ["barcelna", "Barcelona"],
  ])("%s finds the stores of %s", async (query, city) => {
    const found = (await call(sandbox, `/business/search?per_page=100&query=${encodeURIComponent(query)}`)).json["businesses"] as Store[];
    const expected = open().filter((store) => store["city"] === city).length;
    expect(expected).toBeGreaterThan(0);
    expect(found.filter((store) => store["city"] === city).length).toBe(expected);
  });

  test("postcodes are found by their beginning, and never by a slip", async () => {
    expect(await countOf("query=690")).toBe(open().filter((store) => String(store["zipcode"]).startsWith("690")).length);
    expect(await countOf("query=69099")).toBe(0);
  });

  test("all words must be found", async () => {
    const there = open().filter((store) => store.name.includes("Café") && store["city"] === "Paris").length;
    expect(there).toBeGreaterThan(0);
    expect(await countOf("query=paris+cafe")).toBe(there);
    expect(await countOf("query=paris+zzz")).toBe(0);
  });
});

describe("one store", () => {
  test("has the same object by id and by code, features included", async () => {
    const [store] = open() as [Store];
    const byId = await call(sandbox, `/business/${store.id}`);
    const byCode = await call(sandbox, `/business/c-${store.code}`);
    expect(byId.json).toEqual(JSON.parse(JSON.stringify(store)));
    expect(byCode.json).toEqual(byId.json);
    expect(byId.json).toHaveProperty("features");
  });

  test("the search leaves features out and hands over the people", async () => {
    const { json, text } = await call(sandbox, "/business/search?per_page=1");
    const [found] = json["businesses"] as Store[];
    expect(found).not.toHaveProperty("features");
    expect(found).toHaveProperty("org_id", 42);
    expect(text).toContain("@acme.example");
    expect(text).toContain("ManagerName");
  });

  test.each(["/business/ffffffffffffffffffffffff", "/business/c-NOBODY", "/business/short"])("%s is 404", async (target) => {
    const { status, json } = await call(sandbox, target);
    expect([status, json]).toEqual([404, { errors: { json: "Resource not found" } }]);
  });

  test("attributes, more hours, action links and publisher addresses answer under their own names", async () => {
    const [{ id }] = open() as [Store];
    expect(Object.keys((await call(sandbox, `/business/${id}/attributes?country=FR`)).json)).toEqual(["attributes"]);
    expect(Object.keys((await call(sandbox, `/business/${id}/more_hours`)).json)).toEqual(["more_hours"]);
    expect(Object.keys((await call(sandbox, `/business/${id}/place_action_links`)).json)).toEqual(["place_action_links"]);
    expect((await call(sandbox, `/business/${id}/partner_urls`)).json).toHaveProperty("apple");
  });
});

describe("writes", () => {
  test("an edit changes the store, moves modified and is found by the next search", async () => {
    const store = open()[10] as Store;
    const { status, json } = await write(sandbox, "POST", `/business/${store.id}`, { name: "Acme Renamed", code: "NEW/1" });
    expect([status, json]).toEqual([200, { status: "success", id: store.id }]);
    const after = (await call(sandbox, `/business/${store.id}`)).json;
    expect(after["name"]).toBe("Acme Renamed");
    expect(after["modified"]).toBeGreaterThan(store["modified"] as number);
    expect(await countOf("query=renamed")).toBe(1);
    expect((await call(sandbox, `/business/c-${store.code}`)).status).toBe(404);
  });

  test("custom fields are written by name and do not move modified", async () => {
    const store = open()[12] as Store;
    await write(sandbox, "POST", `/business/${store.id}`, { custom_fields: { Parking: false } });
    const after = (await call(sandbox, `/business/${store.id}`)).json;
    expect(after["custom_fields"]).toContainEqual({ id: 1, name: "Parking", type: "BOOLEAN", value: false, order: 1 });
    expect(after["modified"]).toBe(store["modified"]);
  });

  test.each([
    [{ shoe_size: 43 }, "shoe_size"],
    [{ status: "opening_soon" }, "status"],
    [{ open_hours: { monday: ["9-17"] } }, "open_hours"],
    [{ custom_fields: { Nothing: 1 } }, "custom_fields"],
    [{ constructor: 1 }, "constructor"],
  ])("the body %j is refused", async (body, field) => {
    const { status, json } = await write(sandbox, "POST", `/business/${open()[0]?.id}`, body);
    expect(status).toBe(400);
    expect((json["errors"] as { json: object }).json).toHaveProperty(field);
  });

  test("a new store is there, and gone after it is deleted", async () => {
    const { json } = await write(sandbox, "POST", "/business", { name: "Acme Pop-up", country: "FR", city: "Brest" });
    expect(await countOf("city=Brest")).toBe(1);
    expect((await call(sandbox, `/business/${String(json["id"])}`, undefined, { method: "DELETE" })).status).toBe(200);
    expect(await countOf("city=Brest")).toBe(0);
    expect((await call(sandbox, `/business/${String(json["id"])}`)).status).toBe(404);
  });
});
