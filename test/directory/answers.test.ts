import { describe, expect, test } from "vitest";
import type { Business } from "../../src/directory/store-record.ts";
import type { DirectoryOptions } from "./support.ts";
import { createDirectory } from "../../src/directory/directory.ts";
import { createStoresRequestReader } from "../../src/directory/stores-request.ts";
import { createStoreAnswers } from "../../src/directory/answers.ts";
import { createStoreFinder } from "../../src/directory/find-stores.ts";
import { createStoreIndex } from "../../src/directory/store-index.ts";
import { filtersNotApplied } from "../../src/directory/visibility.ts";
import { aStore, directoryRig, recordsOf, sandboxStores } from "./support.ts";

const PLAIN = { openNow: false, facets: [], limit: 20, page: 1 };
const PARIS = { lat: 48.85, long: 2.35, open_hours: { monday: ["09:00-18:00"] }, specific_hours: { open: [], close: [] } };
const PERSON = {
  contacts: [{ name: "Jeanne Martin", email: "jeanne@acme.example", phone_numbers: ["+33142000000"], fax: "+33142000001" }],
  org_id: 4711,
};
const MONDAY = Date.parse("2026-11-23T12:00:00+01:00");

function directory(stores: readonly Business[], options: DirectoryOptions = {}) {
  const { routes, reader } = directoryRig(options);
  const index = createStoreIndex(recordsOf(reader, stores));
  const answers = createStoreAnswers(routes);
  const json = (body: Buffer): unknown => JSON.parse(body.toString());
  return {
    index,
    answers,
    list: (query = {}, at = MONDAY) => json(answers.list(createStoreFinder(index).find({ ...PLAIN, ...query }, at), 1, { at }).body()),
    one: (name: string, at = MONDAY) => json(answers.one(index.named(name)!, { at }).body()),
    all: (at = MONDAY) => answers.all(index, { at }),
    jsonLd: (name: string) => json(answers.oneAsJsonLd(index.named(name)!, { at: MONDAY }).body()),
  };
}

describe("a list", () => {
  test("has the shown fields of each store, how far it is, and whether it is open", () => {
    const { list } = directory([aStore(1, { ...PARIS, ...PERSON, city: null }), aStore(2)], {
      fields: "id, name, city, lat, long, open_hours, phone",
    });
    expect(list({ near: { lat: 48.86, lon: 2.35 } })).toEqual({
      stores: [
        {
          id: aStore(1)["id"],
          name: "Acme 1",
          city: null,
          lat: 48.85,
          long: 2.35,
          phone: "+33142000000",
          open_hours: { monday: ["09:00-18:00"] },
          distance_m: 1112,
          open: { now: true, until: "2026-11-23T18:00:00+01:00", next_change: "2026-11-23T18:00:00+01:00", today: ["09:00-18:00"] },
        },
      ],
      page: 1,
      count: 1,
    });
    expect(list()).toMatchObject({ stores: [{ open: { now: true } }, { name: "Acme 2", open: null }], count: 2 });
  });

  test("says that the radius was widened, and how old it is when Partoo can't be reached", () => {
    const { list, answers, index } = directory([aStore(1, PARIS)]);
    expect(list({ near: { lat: 48.86, lon: 2.35 }, radius: 1000 })).toMatchObject({ widened_to_m: 2000, count: 1 });
    const found = createStoreFinder(index).find(PLAIN, MONDAY);
    const old = answers.list(found, 1, { at: MONDAY, asOf: Date.parse("2026-11-22T12:00:00Z") });
    expect(JSON.parse(old.body().toString())).toMatchObject({ as_of: "2026-11-22T12:00:00.000Z" });
  });

  test("is fresh until the next of its stores opens or closes, for a minute at most", () => {
    const clock = { now: MONDAY };
    const { routes, keys } = directoryRig();
    const told = createDirectory({ routes, keys, lateAfterSeconds: 1200, now: () => clock.now });
    for (const store of [aStore(1, PARIS), aStore(2, { ...PARIS, open_hours: { monday: ["12:00-12:01"] } })]) told.feed.seen(store);
    told.feed.caughtUp(MONDAY);
    const request = createStoresRequestReader(routes).read(undefined, "");
    const maxAge = (at: number): number => {
      clock.now = at;
      return told.answer(request).maxAgeSeconds;
    };
    expect(maxAge(MONDAY + 15_500)).toBe(44);
    expect(maxAge(MONDAY + 59_999)).toBe(0);
    expect(maxAge(MONDAY + 60_000)).toBe(60);
    expect(maxAge(Date.parse("2026-11-23T23:59:30+01:00"))).toBe(30);
  });
});

describe("what is not shown", () => {
  test("never leaves: fields, people, and what they could be told from", () => {
    const store = aStore(1, {
      ...PARIS,
      ...PERSON,
      custom_fields: [
        { name: "Manager", value: "Jeanne Martin" },
        { name: "Drive", value: true },
      ],
    });
    const { answers, index, list } = directory([store], { fields: "name", pageFields: "name, city" });
    const record = index.named("c-S-1")!;
    const found = createStoreFinder(index).find({ ...PLAIN, near: { lat: 48.86, lon: 2.35 } }, MONDAY);
    const bodies = [
      answers.list(found, 1, { at: MONDAY }),
      answers.one(record, { at: MONDAY }),
      answers.all(index, { at: MONDAY }),
      answers.oneAsJsonLd(record, { at: MONDAY }),
    ];
    const texts = bodies.map((answer) => answer.body().toString()).join("\n");
    expect(texts).not.toMatch(/Jeanne|jeanne|4711|48\.85|2\.35|09:00|distance_m|S-1|000000/);
    expect(list()).toEqual({
      stores: [
        {
          name: "Acme 1",
          custom_fields: [{ name: "Drive", value: true }],
          open: { now: true, until: "2026-11-23T18:00:00+01:00", next_change: "2026-11-23T18:00:00+01:00" },
        },
      ],
      page: 1,
      count: 1,
    });
  });

  test("a store that closed for good, and those that the search is forced to leave out", () => {
    const stores = [
      aStore(1),
      aStore(2, { status: "closed" }),
      aStore(3, { status: "closed_temporarily" }),
      aStore(4, { status: "opening_soon" }),
      aStore(5, { country: "ES" }),
    ];
    const names = (force: string): readonly string[] => [...directory(stores, { force }).index.records()].map(({ code }) => code!);
    expect(names("{}")).toEqual(["S-1", "S-3", "S-4", "S-5"]);
    expect(names('{ status: "open,temporarily_closed" }')).toEqual(["S-1", "S-3", "S-5"]);
    expect(names("{ country: ES }")).toEqual(["S-5"]);
    expect(names('{ groups: "12" }')).toEqual([]);
    expect(filtersNotApplied(directoryRig({ force: '{ groups: "12", country: ES, per_page: 10 }' }).routes.search.force.keys())).toEqual([
      "groups",
    ]);
  });

  test("an answer that holds a key is not taken in", async () => {
    const { CANARY_KEY } = await import("../support/proxy.ts");
    expect(() => directory([aStore(1, { name: `x${CANARY_KEY}` })])).toThrow("upstream-failed");
  });
});

describe("one store", () => {
  test("has the fields of its own route, by id and by code", () => {
    const { one } = directory([aStore(1, { ...PARIS, city: "Paris" })], { fields: "id", pageFields: "id, city" });
    expect(one("c-S-1")).toEqual({ id: aStore(1)["id"], city: "Paris", open: expect.objectContaining({ now: true }) });
    expect(one(aStore(1)["id"] as string)).toEqual(one("c-S-1"));
  });

  test("is a LocalBusiness for search engines", () => {
    const { jsonLd } = directory([
      aStore(1, {
        ...PARIS,
        ...PERSON,
        name: "Acme </script> Paris",
        city: "Paris",
        zipcode: "75001",
        address_full: "1 rue de Rivoli",
        website_url: "https://acme.example/1",
        open_hours: { monday: ["09:00-12:00", "14:00-02:00"], tuesday: ["09:00-12:00"], sunday: ["00:00-23:59"] },
        specific_hours: {
          open: [{ starts_at: "2026-12-24", ends_at: "2026-12-24", open_hours: ["09:00-17:00"] }],
          close: [
            { starts_at: "2025-12-25", ends_at: "2025-12-25" },
            { starts_at: "2026-12-25", ends_at: "2026-12-26" },
          ],
        },
      }),
    ]);
    const hours = { "@type": "OpeningHoursSpecification" };
    expect(jsonLd("c-S-1")).toEqual({
      "@context": "https://schema.org",
      "@type": "LocalBusiness",
      name: "Acme </script> Paris",
      branchCode: "S-1",
      url: "https://acme.example/1",
      telephone: "+33142000000",
      address: {
        "@type": "PostalAddress",
        streetAddress: "1 rue de Rivoli",
        addressLocality: "Paris",
        postalCode: "75001",
        addressCountry: "FR",
      },
      geo: { "@type": "GeoCoordinates", latitude: 48.85, longitude: 2.35 },
      openingHoursSpecification: [
        { ...hours, dayOfWeek: ["Monday", "Tuesday"], opens: "09:00", closes: "12:00" },
        { ...hours, dayOfWeek: ["Monday"], opens: "14:00", closes: "02:00" },
        { ...hours, dayOfWeek: ["Sunday"], opens: "00:00", closes: "23:59" },
        { ...hours, validFrom: "2026-12-24", validThrough: "2026-12-24", opens: "09:00", closes: "17:00" },
        { ...hours, validFrom: "2026-12-25", validThrough: "2026-12-26", opens: "00:00", closes: "00:00" },
      ],
    });
  });

  test("is safe in a script element, and has no hours while it is closed", () => {
    const { answers, index, jsonLd } = directory([aStore(1, { ...PARIS, name: "</script>", status: "temporarily_closed" })]);
    expect(answers.oneAsJsonLd(index.named("c-S-1")!, { at: MONDAY }).body().toString()).not.toContain("<");
    expect(jsonLd("c-S-1")).not.toHaveProperty("openingHoursSpecification");
  });
});

describe("all stores", () => {
  test("are pins: id, name, place, open", () => {
    const { all } = directory([aStore(1, PARIS), aStore(2)]);
    expect(JSON.parse(all().body().toString())).toEqual({
      stores: [
        { id: aStore(1)["id"], name: "Acme 1", lat: 48.85, long: 2.35, open: true },
        { id: aStore(2)["id"], name: "Acme 2", open: null },
      ],
      count: 2,
    });
  });

  test("are the same bytes until one changes, opens or closes", () => {
    const { all, index } = directory([aStore(1, PARIS)]);
    const first = all();
    expect(all(MONDAY + 3_600_000).body()).toBe(first.body());
    expect(all(Date.parse("2026-11-23T18:00:00+01:00")).hash).not.toBe(first.hash);
    index.remove(aStore(1)["id"] as string);
    expect(JSON.parse(all().body().toString())).toEqual({ stores: [], count: 0 });
  });
});

test("every store of the sandbox makes an answer of each kind", () => {
  const stores = sandboxStores(150);
  const { index, answers } = directory(stores);
  expect(index.size).toBe(stores.filter(({ status }) => status !== "closed").length);
  for (const record of index.records()) {
    for (const answer of [answers.one(record, { at: MONDAY }), answers.oneAsJsonLd(record, { at: MONDAY })])
      JSON.parse(answer.body().toString());
  }
});

test("pins of tens of thousands are not drawn anew for every store that changes", () => {
  const { routes, keys } = directoryRig({ fields: "id, name, lat, long" });
  const clock = { now: MONDAY };
  const told = createDirectory({ routes, keys, lateAfterSeconds: 1200, now: () => clock.now });
  for (let nth = 1; nth <= 30_000; nth += 1) told.feed.seen(aStore(nth, PARIS));
  told.feed.caughtUp(MONDAY);
  const request = createStoresRequestReader(routes).read("all", "");
  const tags = (): number => {
    const seen = new Set<string>();
    for (let nth = 1; nth <= 20; nth += 1) {
      told.feed.seen(aStore(nth, { ...PARIS, name: `Changed ${clock.now} ${nth}`, modified: clock.now / 1000 + nth }));
      seen.add(told.answer(request).hash);
    }
    return seen.size;
  };
  expect(tags()).toBeLessThan(20);
  const before = told.answer(request).hash;
  clock.now += 30_000;
  expect(told.answer(request).hash).not.toBe(before);
});
