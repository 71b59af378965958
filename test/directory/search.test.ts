import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Business } from "../../src/directory/store-record.ts";
import { createStoreFinder } from "../../src/directory/find-stores.ts";
import { createStoreIndex } from "../../src/directory/store-index.ts";
import { createTextIndex } from "../../src/directory/text-index.ts";
import { aStore, directoryRig, recordsOf, sandboxStores } from "./support.ts";

const PLAIN = { openNow: false, facets: [], limit: 20, page: 1 };
const STORES: readonly Business[] = [
  aStore(1, { name: "Acme Saint-Étienne Châteaucreux", city: "Saint-Étienne", zipcode: "42000" }),
  aStore(2, { name: "Acme L'Haÿ-les-Roses", city: "L’Haÿ-les-Roses", zipcode: "94240" }),
  aStore(3, { name: "Acme Marseille Vieux-Port", city: "Marseille", zipcode: "13002" }),
  aStore(4, { name: "Acme Café Strasbourg", city: "Strasbourg", zipcode: "67000" }),
  aStore(5, { name: "Acme Łódź", city: "Łódź", zipcode: "90-001" }),
  aStore(6, { name: "Acme Marsac", city: "Marsac", zipcode: "23210" }),
];

describe("words are found", () => {
  const index = createStoreIndex(recordsOf(directoryRig().reader, STORES));
  const search = (q: string): readonly unknown[] =>
    createStoreFinder(index)
      .find({ ...PLAIN, q }, 0)
      .stores.map(({ record }) => record.code);

  test.each([
    ["whatever the case and the accents", "SAINT ETIENNE", ["S-1"]],
    ["with accents", "étienne", ["S-1"]],
    ["abbreviated", "st-etienne", ["S-1"]],
    ["without their hyphens", "vieuxport", ["S-3"]],
    ["with other apostrophes", "l'hay les roses", ["S-2"]],
    ["as one", "lhaylesroses", ["S-2"]],
    ["with two neighbours the other way round", "cfae", ["S-4"]],
    ["by how they begin", "mars", ["S-3", "S-6"]],
    ["by how each begins, in any order", "vieux mar", ["S-3"]],
    ["by the beginning of a postcode", "670", ["S-4"]],
    ["across fields", "13002 acme", ["S-3"]],
    ["with a typo", "Marseile", ["S-3"]],
    ["with letters swapped", "Strabsourg", ["S-4"]],
    ["with typos beside right words", "acme cafe strasburg", ["S-4"]],
    ["with letters of other alphabets", "lodz", ["S-5"]],
    ["in full before others", "marsac", ["S-6"]],
  ])("%s", (_, q, codes) => expect(search(q)).toEqual(codes));

  test.each(["42001", "lyon", "!!!", "marseille strasbourg", "toString", "__proto__", "constructor"])("%s finds nothing", (q) => {
    expect(search(q)).toEqual([]);
  });

  test("a typo is forgiven only when nothing is written so", () => {
    const lookalikes = createStoreIndex(recordsOf(directoryRig().reader, [aStore(1, { city: "Lyon" }), aStore(2, { city: "Lion" })]));
    const found = createStoreFinder(lookalikes).find({ ...PLAIN, q: "lion" }, 0);
    expect(found.stores.map(({ record }) => record.code)).toEqual(["S-2"]);
  });

  // oxlint-disable-next-line vitest/expect-expect
  test("whatever changes, a text is found by each of its words and no longer by those of before", () => {
    const word = fc.constantFrom("paris", "parc", "lyon", "saint-denis", "42000", "été");
    const change = fc.tuple(fc.nat(5), fc.array(word, { maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const text = createTextIndex();
        const truth = new Map<number, readonly string[]>();
        for (const [slot, words] of changes) {
          text.set(slot, words);
          truth.set(slot, words);
        }
        for (const asked of ["paris", "parc", "lyon", "saint-denis", "42000", "été"]) {
          const expected = [...truth].filter(([, words]) => words.includes(asked)).map(([slot]) => slot);
          if (expected.length > 0) expect(new Set(text.search(asked))).toEqual(new Set(expected));
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("filters", () => {
  const weekday = { open_hours: { monday: ["09:00-18:00"] }, lat: 48.85, long: 2.35 };
  const index = createStoreIndex(
    recordsOf(directoryRig().reader, [
      aStore(1, { ...weekday, categories: ["gcid:bakery", "gcid:cafe"], custom_fields: [{ name: "Parking", value: true }] }),
      aStore(2, {
        ...weekday,
        categories: ["gcid:bar"],
        custom_fields: [{ name: "Drive", value: ["lockers", "counter"] }],
        status: "temporarily_closed",
      }),
      aStore(3, { categories: null, custom_fields: [{ name: "Manager", value: "Jeanne Martin" }] }),
    ]),
  );
  const finder = createStoreFinder(index);
  const MONDAY_NOON = Date.parse("2026-11-23T12:00:00+01:00");
  const codes = (query: object, at = MONDAY_NOON): readonly unknown[] =>
    finder.find({ ...PLAIN, ...query }, at).stores.map(({ record }) => record.code);

  test("by category, any of several", () => {
    expect(codes({ facets: [["category=gcid:cafe"]] })).toEqual(["S-1"]);
    expect(codes({ facets: [["category=gcid:cafe", "category=gcid:bar"]] })).toEqual(["S-1", "S-2"]);
  });

  test("by a custom field that is shown, one value of it, all of several filters", () => {
    expect(codes({ facets: [["custom.Parking=true"]] })).toEqual(["S-1"]);
    expect(codes({ facets: [["custom.Drive=counter"]] })).toEqual(["S-2"]);
    expect(codes({ facets: [["custom.Drive=counter"], ["category=gcid:cafe"]] })).toEqual([]);
  });

  test("never by one that is not shown", () => expect(codes({ facets: [["custom.Manager=Jeanne Martin"]] })).toEqual([]));

  test("open now, until the next of them opens or closes", () => {
    expect(codes({ openNow: true })).toEqual(["S-1"]);
    expect(finder.find({ ...PLAIN, openNow: true }, MONDAY_NOON).validUntil).toBe(Date.parse("2026-11-23T18:00:00+01:00"));
    expect(codes({ openNow: true }, Date.parse("2026-11-23T18:00:00+01:00"))).toEqual([]);
  });
});

describe("the index", () => {
  test("finds a store by id and code; a code that changed hands belongs to the last one", () => {
    const { reader } = directoryRig();
    const index = createStoreIndex(recordsOf(reader, [aStore(1), aStore(2)]));
    index.put(reader.read(aStore(1, { code: "S-2" }))!);
    expect(index.named("c-S-1")).toBeUndefined();
    expect(index.named("c-S-2")?.id).toBe(aStore(1)["id"]);
    index.put(reader.read(aStore(2, { code: "S-9" }))!);
    expect(index.named("c-S-2")?.id).toBe(aStore(1)["id"]);
    index.remove(aStore(1)["id"] as string);
    expect([index.named("c-S-2"), index.named(aStore(1)["id"] as string), index.size]).toEqual([undefined, undefined, 1]);
  });

  test("whatever comes, changes and goes, it holds what a new one would", () => {
    const { reader } = directoryRig();
    const stores = recordsOf(reader, sandboxStores(60));
    const finderOf = (records: Iterable<(typeof stores)[number]>) => createStoreFinder(createStoreIndex(records));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(9), fc.nat(59), fc.boolean()), { maxLength: 60 }), (changes) => {
        const index = createStoreIndex();
        const truth = new Map<string, (typeof stores)[number]>();
        for (const [id, content, stays] of changes) {
          const record = { ...stores[content]!, id: `id-${id}` };
          if (stays) index.put(record);
          else index.remove(record.id);
          if (stays) truth.set(record.id, record);
          else truth.delete(record.id);
        }
        const fresh = finderOf(truth.values());
        const used = createStoreFinder(index);
        const near = { lat: 46.5, lon: 2.4 };
        for (const query of [
          {},
          { near },
          { q: "acme" },
          { q: "paris", near },
          { facets: [["category=gcid:cafe"]] },
          { near, radius: 200_000 },
        ]) {
          const ids = (finder: typeof fresh): readonly string[] =>
            finder.find({ ...PLAIN, limit: 100, ...query }, 0).stores.map(({ record }) => record.id);
          expect(ids(used).toSorted()).toEqual(ids(fresh).toSorted());
        }
      }),
      { numRuns: 60 },
    );
  });
});
