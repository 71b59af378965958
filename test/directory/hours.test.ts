import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { localTimeText, openingAt, readHours } from "../../src/directory/hours.ts";
import type { HoursFacts } from "../../src/directory/hours.ts";
import { createStores } from "../../src/sandbox/stores.ts";
import { FIRST_ORGANIZATION } from "../../src/sandbox/keys.ts";
import { isOpenAt, walk } from "./slow-hours.ts";
import type { Facts } from "./slow-hours.ts";

const PARIS = { lat: 48.857, long: 2.352 };
const NEW_YORK = { lat: 40.713, long: -74.006 };
/** 2026-11-23 is a Monday. */
const WEEK = { monday: ["09:00-12:30", "14:00-19:00"], tuesday: ["09:00-19:00"], friday: ["18:00-02:00"], saturday: ["18:00-02:00"] };

/** What a caller would read. @param at ISO 8601 */
function ask(facts: HoursFacts, at: string) {
  const hours = readHours({ ...PARIS, ...facts });
  if (hours === undefined) return undefined;
  const { now, until, nextChange, today } = openingAt(hours, Date.parse(at));
  const text = (instant: number | null): string | null => (instant === null ? null : localTimeText(instant, hours.clock));
  return { now, until: text(until), next_change: text(nextChange), today };
}

describe("the week", () => {
  test.each([
    ["before the first window", "2026-11-23T08:59:59+01:00", false, "2026-11-23T09:00:00+01:00"],
    ["the minute it opens", "2026-11-23T09:00:00+01:00", true, "2026-11-23T12:30:00+01:00"],
    ["the minute it closes for lunch", "2026-11-23T12:30:00+01:00", false, "2026-11-23T14:00:00+01:00"],
    ["after lunch", "2026-11-23T18:59:59+01:00", true, "2026-11-23T19:00:00+01:00"],
    ["over days off", "2026-11-24T20:00:00+01:00", false, "2026-11-27T18:00:00+01:00"],
    ["after midnight, by the hours of the day before", "2026-11-28T01:59:00+01:00", true, "2026-11-28T02:00:00+01:00"],
    ["after that", "2026-11-28T02:00:00+01:00", false, "2026-11-28T18:00:00+01:00"],
    ["from Sunday night into the next week", "2026-11-29T02:00:00+01:00", false, "2026-11-30T09:00:00+01:00"],
  ])("%s", (_, at, now, change) => {
    expect(ask({ open_hours: WEEK }, at)).toMatchObject({ now, next_change: change, until: now ? change : null });
  });

  test("today's windows are those that begin today, as Partoo writes them", () => {
    expect(ask({ open_hours: WEEK }, "2026-11-23T03:00:00+01:00")?.today).toEqual(["09:00-12:30", "14:00-19:00"]);
    expect(ask({ open_hours: WEEK }, "2026-11-28T01:00:00+01:00")?.today).toEqual(["18:00-02:00"]);
    expect(ask({ open_hours: WEEK }, "2026-11-29T12:00:00+01:00")?.today).toEqual([]);
    expect(ask({ open_hours: { sunday: ["00:00-23:59"] } }, "2026-11-29T12:00:00+01:00")?.today).toEqual(["00:00-23:59"]);
  });

  test("open all day, every day, never changes; 23:59 is midnight then", () => {
    const always = Object.fromEntries(Object.keys({ ...WEEK, wednesday: 0, thursday: 0, sunday: 0 }).map((day) => [day, ["00:00-23:59"]]));
    expect(ask({ open_hours: always }, "2026-11-23T23:59:30+01:00")).toMatchObject({ now: true, until: null, next_change: null });
    const closure = { close: [{ starts_at: "2026-12-25", ends_at: "2026-12-26" }], open: [] };
    const withClosure = { open_hours: always, specific_hours: closure };
    expect(ask(withClosure, "2026-11-23T12:00:00+01:00")).toMatchObject({ now: true, until: "2026-12-25T00:00:00+01:00" });
    expect(ask(withClosure, "2026-12-25T12:00:00+01:00")).toMatchObject({ now: false, next_change: "2026-12-27T00:00:00+01:00" });
  });

  test("windows that meet are one opening, across midnight too", () => {
    const weekend = { saturday: ["20:00-00:00"], sunday: ["00:00-04:00", "04:00-06:00", "05:00-07:00"] };
    expect(ask({ open_hours: weekend }, "2026-11-28T21:00:00+01:00")).toMatchObject({ now: true, until: "2026-11-29T07:00:00+01:00" });
  });
});

describe("specific hours", () => {
  const open = [{ starts_at: "2026-12-24", ends_at: "2026-12-26", open_hours: ["10:00-16:00", "20:00-01:00"] }];
  const close = [{ starts_at: "2026-12-25", ends_at: "2026-12-25" }];
  const facts = { open_hours: WEEK, specific_hours: { open, close } };

  test("win over the week, both dates included", () => {
    expect(ask(facts, "2026-12-24T12:00:00+01:00")).toMatchObject({ now: true, until: "2026-12-24T16:00:00+01:00" });
    expect(ask(facts, "2026-12-26T12:00:00+01:00")).toMatchObject({ now: true, today: ["10:00-16:00", "20:00-01:00"] });
    expect(ask(facts, "2026-12-27T12:00:00+01:00")).toMatchObject({ now: false, today: [] });
  });

  test("closures win over openings", () => {
    expect(ask(facts, "2026-12-25T12:00:00+01:00")).toMatchObject({ now: false, today: [], next_change: "2026-12-26T10:00:00+01:00" });
  });

  test("a night belongs to the day on which it begins, whatever the next day is", () => {
    expect(ask(facts, "2026-12-25T00:30:00+01:00")).toMatchObject({ now: true, until: "2026-12-25T01:00:00+01:00" });
  });
});

describe("status and opening date", () => {
  test.each(["temporarily_closed", "closed_temporarily", "closed", "opening_soon"])(
    "%s is not open, and nobody knows for how long",
    (status) => {
      expect(ask({ open_hours: WEEK, status }, "2026-11-23T10:00:00+01:00")).toEqual({
        now: false,
        until: null,
        next_change: null,
        today: [],
      });
      expect(ask({ open_hours: null, status }, "2026-11-23T10:00:00+01:00")).toMatchObject({ now: false });
    },
  );

  test("nothing opens before the opening date; after it the hours count, whatever the status still says", () => {
    const soon = { open_hours: WEEK, status: "opening_soon", opening_date: "2026-12-01" };
    expect(ask(soon, "2026-11-23T10:00:00+01:00")).toMatchObject({ now: false, next_change: "2026-12-01T09:00:00+01:00", today: [] });
    expect(ask(soon, "2026-12-01T10:00:00+01:00")).toMatchObject({ now: true });
  });
});

describe("the clock is set", () => {
  /** New York: back at 02:00 on 2026-11-01, forward at 02:00 on 2027-03-14. */
  const night = { ...NEW_YORK, open_hours: { saturday: ["20:00-01:30"], sunday: ["02:30-06:00"] } };

  test("back: it closes the first time that the clock shows the hour", () => {
    expect(ask(night, "2026-11-01T00:00:00-04:00")?.until).toBe("2026-11-01T01:30:00-04:00");
    expect(ask(night, "2026-11-01T01:15:00-05:00")).toMatchObject({ now: false, next_change: "2026-11-01T02:30:00-05:00" });
  });

  test("forward: an hour that does not exist is the moment at which the clock is set", () => {
    expect(ask(night, "2027-03-14T01:45:00-05:00")?.next_change).toBe("2027-03-14T03:00:00-04:00");
  });

  test("a night is an hour longer or shorter", () => {
    const bar = { open_hours: { saturday: ["17:00-04:00"] } };
    expect(ask(bar, "2026-10-24T23:00:00+02:00")?.until).toBe("2026-10-25T04:00:00+01:00");
    expect(ask(bar, "2027-03-27T23:00:00+01:00")?.until).toBe("2027-03-28T04:00:00+02:00");
  });
});

describe("what is not known", () => {
  test("without hours or time zone it can't be told", () => {
    const at = "2026-11-23T10:00:00+01:00";
    for (const hours of [null, undefined, {}, [], "09:00-19:00", { monday: null }]) expect(ask({ open_hours: hours }, at)).toBeUndefined();
    expect(ask({ open_hours: WEEK, lat: null, long: null }, at)).toBeUndefined();
    expect(ask({ open_hours: WEEK, lat: null, country: "ES" }, at)).toBeUndefined();
    expect(ask({ open_hours: WEEK, lat: null, country: "FR" }, at)?.now).toBe(true);
  });

  test("each store has its own time", () => {
    expect(ask({ ...NEW_YORK, open_hours: WEEK }, "2026-11-23T10:00:00+01:00")).toMatchObject({
      now: false,
      next_change: "2026-11-23T09:00:00-05:00",
    });
    expect(ask({ lat: 28.1, long: -15.43, open_hours: WEEK }, "2026-11-23T09:30:00+01:00")?.now).toBe(false);
  });

  test("anything may stand anywhere: nothing throws, times are in order", () => {
    const facts = fc.record(
      {
        open_hours: fc.oneof(
          fc.anything(),
          fc.dictionary(fc.constantFrom("monday", "sunday"), fc.array(fc.oneof(fc.string(), fc.constant("25:00-99:99")))),
        ),
        specific_hours: fc.oneof(
          fc.anything(),
          fc.record({ open: fc.anything(), close: fc.array(fc.record({ starts_at: fc.anything(), ends_at: fc.anything() })) }),
        ),
        status: fc.anything(),
        opening_date: fc.anything(),
        lat: fc.oneof(fc.anything(), fc.double({ min: -90, max: 90, noNaN: true })),
        long: fc.oneof(fc.anything(), fc.double({ min: -180, max: 180, noNaN: true })),
        country: fc.oneof(fc.anything(), fc.constantFrom("FR", "ZZ", "US")),
      },
      { requiredKeys: [] },
    );
    const at = Date.parse("2026-11-23T10:00:00Z");
    fc.assert(
      fc.property(facts, (hostile) => {
        const hours = readHours(hostile);
        if (hours === undefined) return;
        const { now, until, nextChange, validUntil } = openingAt(hours, at);
        expect(validUntil).toBeGreaterThan(at);
        expect(until).toBe(now ? nextChange : null);
      }),
      { numRuns: 500 },
    );
  });
});

describe("against a walk minute by minute", () => {
  const time = fc
    .nat(96)
    .map((quarter) => `${String(Math.floor(quarter / 4) % 24).padStart(2, "0")}:${String((quarter % 4) * 15).padStart(2, "0")}`);
  const windows = fc.array(
    fc.oneof({ weight: 9, arbitrary: fc.tuple(time, time).map(([start, end]) => `${start}-${end}`) }, fc.constant("00:00-23:59")),
    { maxLength: 3 },
  );
  const days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
  const zones = [
    ["Europe/Paris", PARIS, "2026-10-25T01:00Z"],
    ["America/New_York", NEW_YORK, "2027-03-14T07:00Z"],
    ["Australia/Lord_Howe", { lat: -31.55, long: 159.08 }, "2027-04-03T15:00Z"],
    ["Asia/Kathmandu", { lat: 27.71, long: 85.32 }, "2026-12-31T12:00Z"],
    ["Pacific/Apia", { lat: -13.83, long: -171.77 }, "2026-12-31T12:00Z"],
  ] as const;
  /** Dates near the moment at which the clock is set. */
  const dateNear = (moment: string) =>
    fc.integer({ min: -3, max: 4 }).map((day) => new Date(Date.parse(moment) + day * 86_400_000).toISOString().slice(0, 10));

  const cases = fc.constantFrom(...zones).chain(([zone, place, moment]) =>
    fc.record({
      zone: fc.constant(zone),
      place: fc.constant(place),
      start: fc.integer({ min: -3 * 1440, max: 2 * 1440 }).map((minutes) => Date.parse(moment) + minutes * 60_000),
      facts: fc.record({
        open_hours: fc.tuple(...days.map(() => windows)).map((week) => Object.fromEntries(days.map((day, nth) => [day, week[nth] ?? []]))),
        specific_hours: fc.record({
          open: fc.array(fc.record({ starts_at: dateNear(moment), ends_at: dateNear(moment), open_hours: windows }), { maxLength: 2 }),
          close: fc.array(fc.record({ starts_at: dateNear(moment), ends_at: dateNear(moment) }), { maxLength: 2 }),
        }),
        opening_date: fc.option(dateNear(moment), { freq: 5 }),
      }),
    }),
  );

  test("now and the next change are the same around the moments at which clocks are set", () => {
    fc.assert(
      fc.property(cases, ({ zone, place, start, facts }) => {
        const states = walk(facts, zone, start, 3 * 1440);
        const { now, nextChange } = openingAt(readHours({ ...place, ...facts })!, start);
        expect(now).toBe(states[0]);
        const turns = states.findIndex((state) => state !== states[0]);
        if (turns > 0) expect(new Date(nextChange!).toISOString()).toBe(new Date(start + turns * 60_000).toISOString());
        else expect(nextChange ?? Infinity).toBeGreaterThanOrEqual(start + states.length * 60_000);
      }),
      { numRuns: 60 },
    );
  });

  test("all stores of the sandbox, at random instants of a year", () => {
    const stores = createStores({ count: 300, seed: 1, organization: FIRST_ORGANIZATION, brand: "Acme", today: new Date("2026-11-22") });
    const year = Date.parse("2026-01-01T00:00Z");
    const random = fc.sample(fc.integer({ min: 0, max: 365 * 1440 }), { numRuns: 5 * stores.length, seed: 5 });
    for (const store of stores) {
      const hours = readHours(store);
      if (hours?.schedule === undefined) continue;
      for (const minutes of random.splice(0, 5)) {
        const at = year + minutes * 60_000;
        expect([store.code, at, openingAt(hours, at).now]).toEqual([
          store.code,
          at,
          isOpenAt(store as unknown as Facts, hours.clock.zone, at),
        ]);
      }
      const start = year + (random.at(-1) ?? 0) * 60_000;
      const states = walk(store as unknown as Facts, hours.clock.zone, start, 1440);
      const turns = states.findIndex((state) => state !== states[0]);
      const { nextChange } = openingAt(hours, start);
      if (turns > 0) expect([store.code, nextChange]).toEqual([store.code, start + turns * 60_000]);
      else expect(nextChange ?? Infinity).toBeGreaterThanOrEqual(start + 1440 * 60_000);
    }
  });
});
