import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { findZone } from "../../src/directory/time-zone.ts";
import { zoneClock } from "../../src/directory/zone-clock.ts";

const HOUR = 3_600_000;

test("every place on earth has a time zone with a clock", () => {
  const place = fc.record({ lat: fc.double({ min: -90, max: 90, noNaN: true }), long: fc.double({ min: -180, max: 180, noNaN: true }) });
  fc.assert(
    fc.property(place, (position) => {
      const clock = zoneClock(findZone(position)!);
      expect(Math.abs(clock.offsetAt(Date.UTC(2026, 6, 1)))).toBeLessThanOrEqual(14 * HOUR);
    }),
    { numRuns: 500 },
  );
});

test("an instant is found again by what the clock shows, but for the hour that it shows twice", () => {
  const zones = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Chatham", "UTC"];
  const instants = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2030, 0, 1) });
  fc.assert(
    fc.property(fc.constantFrom(...zones), instants, (zone, instant) => {
      const clock = zoneClock(zone);
      const local = instant + clock.offsetAt(instant);
      const found = clock.instantOf(local);
      expect(found + clock.offsetAt(found)).toBe(local);
      expect(found).toBeLessThanOrEqual(instant);
      expect(instant - found).toBeLessThanOrEqual(HOUR);
    }),
  );
});

test("a Node without Temporal has the same clocks", async () => {
  onTestFinished(() => void vi.unstubAllGlobals());
  const changes = [Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1)];
  const offsets = (clock: ReturnType<typeof zoneClock>): readonly number[] =>
    changes.flatMap((at) => [clock.offsetAt(at - 1) / HOUR, clock.offsetAt(at) / HOUR]);
  vi.stubGlobal("Temporal", undefined);
  vi.resetModules();
  const older = await import("../../src/directory/zone-clock.ts");
  expect(older.zoneClock).not.toBe(zoneClock);
  expect(offsets(older.zoneClock("Europe/Paris"))).toEqual([1, 2, 2, 1]);
  expect(offsets(zoneClock("Europe/Paris"))).toEqual([1, 2, 2, 1]);
});
