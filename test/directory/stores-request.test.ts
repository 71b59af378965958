import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Frontend } from "../../src/policy.ts";
import { isOfStores } from "../../src/directory/stores-match.ts";
import { createStoresRequestReader } from "../../src/directory/stores-request.ts";
import { Problem } from "../../src/problem.ts";
import { directoryRig } from "./support.ts";

const reader = createStoresRequestReader(directoryRig().routes);
const read = (query: string) => {
  const request = reader.read(undefined, query);
  return request.kind === "list" ? request.query : request;
};

/** Code and detail of what is refused. */
function refusal(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (fault) {
    if (fault instanceof Problem) return [fault.code, fault.detail];
    throw fault;
  }
  return [];
}

describe("a list", () => {
  test("is ten stores, the first page, and all of them, unless asked otherwise", () => {
    expect(read("")).toEqual({ openNow: false, facets: [], limit: 10, page: 1 });
  });

  test("takes every parameter", () => {
    expect(
      read("near=48.86,2.35&radius=5000&q=caf%C3%A9+paris&open_now=true&category=gcid:cafe,gcid:bakery&custom.Parking=true&limit=5&page=2"),
    ).toEqual({
      near: { lat: 48.86, lon: 2.35 },
      radius: 5000,
      q: "café paris",
      openNow: true,
      facets: [["category=gcid:bakery", "category=gcid:cafe"], ["custom.Parking=true"]],
      limit: 5,
      page: 2,
    });
  });

  test("knows a position to three decimals only; a box never shrinks", () => {
    expect(read("near=48.858370,-2.294481")).toMatchObject({ near: { lat: 48.858, lon: -2.294 } });
    expect(read("near=-0.0001,0.0001")).toMatchObject({ near: { lat: 0, lon: 0 } });
    expect(JSON.stringify(read("near=-0.0001,-0.0001"))).toContain('"near":{"lat":0,"lon":0}');
    expect(read("bounds=2.2249,48.8151,2.4699,48.9021")).toMatchObject({
      bounds: { west: 2.224, south: 48.815, east: 2.47, north: 48.903 },
    });
    expect(read("bounds=170,-90,-170,90")).toMatchObject({ bounds: { west: 170, south: -90, east: -170, north: 90 } });
  });

  test.each([
    ["near=91.5,200", "near must be a latitude from -90 to 90 and a longitude from -180 to 180."],
    ["near=151.2,-33.87", "near is latitude,longitude: the two look swapped."],
    ["near=NaN,2", "near must be a latitude and a longitude in degrees, as in 48.86,2.35."],
    ["near=48.86", "near must be a latitude and a longitude in degrees, as in 48.86,2.35."],
    ["near=1e1,2", "near must be a latitude and a longitude in degrees, as in 48.86,2.35."],
    ["near=,", "near must be a latitude and a longitude in degrees, as in 48.86,2.35."],
    ["near=48.86,2.35,1", "near must be a latitude and a longitude in degrees, as in 48.86,2.35."],
    ["near=1,1&radius=0", "radius must be a whole number from 1 to 20015087 metres."],
    ["near=1,1&radius=1000000000", "radius must be a whole number from 1 to 20015087 metres."],
    ["near=1,1&radius=1.5", "radius must be a whole number from 1 to 20015087 metres."],
    ["radius=100", "radius needs near."],
    ["bounds=1,2,3", "bounds must be west,south,east,north in degrees, as in 2.2,48.8,2.5,48.9."],
    ["bounds=2,49,3,48", "bounds is west,south,east,north: south lies above north."],
    ["bounds=-190,1,3,4", "bounds must have a west and an east from -180 to 180."],
    ["bounds=1,-91,3,4", "bounds must have a south and a north from -90 to 90."],
    ["limit=0", "limit must be a whole number from 1 to 100."],
    ["limit=101", "limit must be a whole number from 1 to 100."],
    ["limit=100&page=11", "page must be a whole number from 1 to 10 here: pages end after 1000 stores."],
    ["page=-1", "page must be a whole number from 1 to 100 here: pages end after 1000 stores."],
    ["q=", "q must have 1 to 100 characters."],
    [`q=${"a".repeat(101)}`, "q must have 1 to 100 characters."],
    ["q=a%00b", "q must be without control characters."],
    ["open_now=yes", "open_now must be true or false."],
    ["open_now=true&open_now=true", "open_now is repeated."],
    ["category=bakery", "category must be Google categories, as in gcid:bakery."],
    ["custom.Parking=", "custom.Parking must have 1 to 200 characters."],
    ["near=99,1&limit=x", "limit must be a whole number from 1 to 100; near is latitude,longitude: the two look swapped."],
  ])("refuses %s", (query, detail) => {
    expect(refusal(() => read(query))).toEqual(["parameter-invalid", detail]);
  });

  test("knows no other names, and helps with spelling", () => {
    expect(refusal(() => read("nere=1,1"))).toEqual([
      "parameter-unknown",
      "Not known here: nere (did you mean near?). Allowed: near, radius, bounds, q, open_now, limit, page, category, custom.Parking, custom.Drive.",
    ]);
    expect(refusal(() => read("custom.Manager=x"))[0]).toBe("parameter-unknown");
  });

  test("can't be filtered by what is not shown", () => {
    const { routes } = directoryRig({ fields: "id, name" });
    expect(refusal(() => createStoresRequestReader(routes).read(undefined, "category=gcid:bar"))[0]).toBe("parameter-unknown");
  });

  test.each([["id, name"], ["id, name, lat"]])("with %s shown, a place can't be narrowed down by asking", (fields) => {
    const blind = createStoresRequestReader(directoryRig({ fields }).routes);
    for (const query of ["bounds=2,48,3,49", "near=48.8,2.3&radius=100"])
      expect(refusal(() => blind.read(undefined, query))[0]).toBe("parameter-unknown");
    expect(blind.read(undefined, "near=48.8,2.3")).toMatchObject({ kind: "list" });
  });

  test("whatever is sent, it is read or refused as a problem that quotes no value", () => {
    const name = fc.constantFrom("near", "radius", "bounds", "q", "open_now", "limit", "page", "category", "custom.Drive", "x");
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.double().map(String),
      fc.array(fc.double(), { minLength: 2, maxLength: 4 }).map(String),
      fc.webFragments(),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 4 }), (pairs) => {
        const query = pairs.map(([one, text]) => `${one}=${encodeURIComponent(text.toWellFormed())}`).join("&");
        const [code] = refusal(() => read(query));
        expect([undefined, "parameter-invalid", "parameter-unknown"]).toContain(code);
      }),
      { numRuns: 500 },
    );
  });
});

describe("below stores", () => {
  test("there are all, ids and c-codes", () => {
    expect(reader.read("all", "")).toEqual({ kind: "all", sentNames: [] });
    expect(reader.read("5f1e0000000000000000000a", "")).toMatchObject({ kind: "one", name: "5f1e0000000000000000000a" });
    expect(reader.read("c-FR-PAR-001", "")).toMatchObject({ kind: "one", name: "c-FR-PAR-001" });
  });

  test.each([["nothing-like-it"], ["c-"], ["__proto__"], [`c-${"x".repeat(65)}`]])("%s is no store's name", (name) => {
    expect(refusal(() => reader.read(name, ""))[0]).toBe("parameter-invalid");
  });

  test("nothing is deeper, and nothing takes parameters", () => {
    const frontend = { stores: true } as Frontend;
    expect(refusal(() => isOfStores(frontend, ["locator", "stores", "all", "x"]))[0]).toBe("route-not-allowed");
    expect(refusal(() => isOfStores(frontend, ["locator", "stores", ""]))[0]).toBe("route-not-allowed");
    expect(isOfStores(frontend, ["locator", "stores"])).toBe(true);
    expect(refusal(() => reader.read("all", "near=1,1"))[0]).toBe("parameter-unknown");
    expect(refusal(() => reader.read("c-FR-1", "q=a"))[0]).toBe("parameter-unknown");
  });
});
