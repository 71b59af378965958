import { describe, expect, test } from "vitest";
import type { Business } from "../../src/sandbox/business.ts";
import { createStores } from "../../src/sandbox/stores.ts";

const TODAY = new Date("2026-07-15T09:00:00Z");
const make = (count: number, seed = 7): readonly Business[] => createStores({ count, seed, organization: 42, brand: "Acme", today: TODAY });
const stores = make(300);
const WINDOW = /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/;
const windows = stores.flatMap((store) => Object.values(store.open_hours ?? {}).flat());

/** City centres from an atlas, to the second decimal; independent of the code's own table. */
const CENTRES: Readonly<Record<string, readonly [number, number]>> = {
  Paris: [48.86, 2.35],
  Lyon: [45.76, 4.84],
  Marseille: [43.3, 5.37],
  Madrid: [40.42, -3.7],
  Barcelona: [41.39, 2.17],
  Sevilla: [37.39, -5.98],
  Roma: [41.9, 12.5],
  Milano: [45.46, 9.19],
  Napoli: [40.85, 14.27],
  Trieste: [45.65, 13.78],
};

/** First two digits of postcodes: French departments, Spanish provinces, Italian zones. */
const POSTCODES: Readonly<Record<string, string>> = {
  Paris: "75",
  Lyon: "69",
  Marseille: "13",
  Nice: "06",
  Strasbourg: "67",
  Rennes: "35",
  Lille: "59",
  Madrid: "28",
  Barcelona: "08",
  Sevilla: "41",
  Bilbao: "48",
  Alicante: "03",
  Roma: "00",
  Milano: "20",
  Torino: "10",
  Napoli: "80",
  Firenze: "50",
  Bologna: "40",
  Palermo: "90",
  Genova: "16",
};

const count = (status: string): number => stores.filter((store) => store.status === status).length;

describe("determinism", () => {
  test("the same seed gives the same stores", () => {
    expect(make(300)).toEqual(stores);
  });

  test("another seed gives others", () => {
    const others = make(300, 8);
    expect(others.filter((store, at) => store.id === stores[at]?.id)).toEqual([]);
  });

  test("a larger world begins with the smaller one", () => {
    expect(make(40)).toEqual(stores.slice(0, 40));
  });

  test("fifty thousand stores have ids and codes of their own", () => {
    const many = make(50_000);
    expect(new Set(many.map(({ id }) => id)).size).toBe(50_000);
    expect(new Set(many.map(({ code }) => code)).size).toBe(50_000);
    expect(many.every(({ id }) => /^[0-9a-f]{24}$/.test(id))).toBe(true);
  });
});

describe("plausibility", () => {
  test("the first store of Paris has the code FR-PAR-001", () => {
    expect(stores.find(({ city }) => city === "Paris")?.code).toBe("FR-PAR-001");
  });

  test("there are at least forty cities in France, Spain and Italy", () => {
    expect(new Set(stores.map(({ city }) => city)).size).toBeGreaterThanOrEqual(40);
    expect(new Set(stores.map(({ country }) => country))).toEqual(new Set(["FR", "ES", "IT"]));
  });

  test.each(Object.entries(CENTRES))("stores of %s stand within 5 km of its centre", (city, [lat, long]) => {
    const there = stores.filter((store) => store.city === city && store.lat !== null);
    expect(there.length).toBeGreaterThan(0);
    for (const store of there) {
      const north = ((store.lat ?? 0) - lat) * 111.2;
      const east = ((store.long ?? 0) - long) * 111.2 * Math.cos((lat * Math.PI) / 180);
      expect(Math.hypot(north, east)).toBeLessThan(5);
    }
  });

  test.each(Object.entries(POSTCODES))("postcodes of %s begin with %s", (city, digits) => {
    const there = stores.filter((store) => store.city === city && store.zipcode !== null);
    expect(there.length).toBeGreaterThan(0);
    expect(there.filter(({ zipcode }) => !new RegExp(`^${digits}\\d{3}$`).test(zipcode ?? ""))).toEqual([]);
  });

  test("telephone numbers are E.164 with the calling code of the country and its length", () => {
    const shapes = { FR: /^\+33[1-5]\d{8}$/, ES: /^\+349\d{8}$/, IT: /^\+390\d{8,10}$/ };
    for (const store of stores)
      for (const contact of store.contacts ?? []) for (const number of contact.phone_numbers) expect(number).toMatch(shapes[store.country]);
  });

  test("names and streets carry the accents of their languages", () => {
    const text = JSON.stringify(stores);
    for (const word of ["Saint-Étienne", "A Coruña", "Logroño", "rue de l’Hôtel-de-Ville", "Niccolò", "València"])
      expect(text).toContain(word);
  });
});

describe("every oddity of real data", () => {
  test("all four documented statuses are there and most stores are open", () => {
    expect({ closed: count("closed"), temporarily_closed: count("temporarily_closed"), opening_soon: count("opening_soon") }).toEqual({
      closed: 8,
      temporarily_closed: 7,
      opening_soon: 6,
    });
    expect(count("open")).toBe(279);
  });

  test("a world of forty stores has all of them too", () => {
    expect(new Set(make(40).map(({ status }) => status))).toEqual(new Set(["open", "closed", "temporarily_closed", "opening_soon"]));
  });

  test("stores that open soon have a date ahead, the others none or one behind", () => {
    const ahead = stores.filter(({ opening_date }) => opening_date !== null && opening_date > "2026-07-15");
    expect(ahead.map(({ status }) => status)).toEqual(Array(6).fill("opening_soon"));
  });

  test("hours are windows of the documented pattern on seven days", () => {
    expect(windows.filter((window) => !WINDOW.test(window))).toEqual([]);
    for (const { open_hours } of stores) expect(open_hours === null || Object.keys(open_hours).length === 7).toBe(true);
  });

  test.each(["18:00-02:00", "18:00-00:00", "00:00-23:59"])("some store has the window %s", (window) => {
    expect(windows).toContain(window);
  });

  test("some close for lunch, some all Sunday, some give no hours", () => {
    expect(stores.some(({ open_hours }) => open_hours?.tuesday.length === 2)).toBe(true);
    expect(stores.some(({ open_hours }) => open_hours?.sunday.length === 0)).toBe(true);
    expect(stores.some(({ open_hours }) => open_hours === null)).toBe(true);
  });

  test.each([
    ["FR", "2026-07-14"],
    ["FR", "2027-05-06"],
    ["ES", "2026-10-12"],
    ["ES", "2027-03-26"],
    ["IT", "2026-04-06"],
    ["IT", "2027-06-02"],
  ])("stores in %s close on the holiday %s", (country, date) => {
    const closing = stores.filter(
      (store) =>
        store.country === country && store.specific_hours?.close.some(({ starts_at, ends_at }) => starts_at <= date && date <= ends_at),
    );
    expect(closing.length).toBeGreaterThan(10);
  });

  test("some days have exceptional hours and some closures last more than a day", () => {
    expect(stores.some(({ specific_hours }) => specific_hours?.open.some(({ starts_at }) => starts_at === "2026-12-20"))).toBe(true);
    expect(stores.some(({ specific_hours }) => specific_hours?.close.some(({ starts_at, ends_at }) => starts_at < ends_at))).toBe(true);
  });

  test.each(["contacts", "photos", "description_short"])("%s is missing in some stores", (member) => {
    expect(stores.some((store) => !(member in store))).toBe(true);
  });

  test.each(["zipcode", "lat", "long", "open_hours", "description_long", "specific_hours"])("%s is null in some stores", (member) => {
    expect(stores.some((store) => store[member] === null)).toBe(true);
  });

  test("people are in contacts and custom fields, so that what must not leave is really there", () => {
    const withPeople = stores.filter(
      ({ contacts }) => contacts?.[0]?.name.includes(" ") && /^[a-z.]+@acme\.example$/.test(contacts[0].email),
    );
    const managers = stores.filter(({ custom_fields }) =>
      custom_fields.some(({ name, type, value }) => name === "ManagerName" && type === "TEXT" && typeof value === "string"),
    );
    expect(withPeople.length).toBeGreaterThan(280);
    expect(managers.length).toBeGreaterThan(280);
    expect(stores.some(({ contacts }) => contacts?.some(({ fax }) => fax !== null))).toBe(true);
    expect(new Set(stores.flatMap(({ custom_fields }) => custom_fields.map(({ name }) => name)))).toEqual(
      new Set(["Parking", "Drive", "ManagerName", "SupervisorName", "Services"]),
    );
  });
});
