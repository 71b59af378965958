import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Position } from "../../src/directory/position.ts";
import { createGeoIndex } from "../../src/directory/geo-index.ts";
import { createStoreFinder } from "../../src/directory/find-stores.ts";
import type { StoreQuery } from "../../src/directory/find-stores.ts";
import { createStoreIndex } from "../../src/directory/store-index.ts";
import { aStore, directoryRig, recordsOf } from "./support.ts";

/** By the angle between vectors from the middle of the earth, metres. */
function greatCircle(one: Position, other: Position): number {
  const [a, b] = [vector(one), vector(other)];
  const cross = [a[1]! * b[2]! - a[2]! * b[1]!, a[2]! * b[0]! - a[0]! * b[2]!, a[0]! * b[1]! - a[1]! * b[0]!];
  return 6_371_000 * Math.atan2(Math.hypot(...cross), a[0]! * b[0]! + a[1]! * b[1]! + a[2]! * b[2]!);
}

function vector({ lat, lon }: Position): readonly number[] {
  const [phi, lambda] = [(lat * Math.PI) / 180, (lon * Math.PI) / 180];
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
}

const spread = <Value>(values: readonly Value[], each: number): fc.Arbitrary<Value> =>
  fc.constantFrom(...values.flatMap((value) => Array<Value>(each).fill(value)));
/** Anywhere, and often where maps end. */
const position: fc.Arbitrary<Position> = fc.record({
  lat: fc.oneof({ weight: 4, arbitrary: fc.double({ min: -90, max: 90, noNaN: true }) }, spread([90, -90, 89.999, -89.999, 0], 1)),
  lon: fc.oneof({ weight: 4, arbitrary: fc.double({ min: -180, max: 180, noNaN: true }) }, spread([180, -180, 179.999, -179.999, 0], 1)),
});
const rounded = position.map(({ lat, lon }) => ({ lat: Number(lat.toFixed(3)), lon: Number(lon.toFixed(3)) }));

const stores = fc.sample(position, { numRuns: 600, seed: 11 });

describe("the nearest", () => {
  test("are those of a brute-force great-circle sort: 10,000 positions, poles and antimeridian included", () => {
    const geo = createGeoIndex();
    stores.forEach((store, slot) => geo.set(slot, store));
    // Within rounding of the two formulas near the antipode.
    let worst = 0;
    for (const from of fc.sample(rounded, { numRuns: 10_000, seed: 12 })) {
      const found = geo.nearest(from, { limit: 5, within: Infinity, admits: () => true });
      const distances = Float64Array.from(stores, (store) => greatCircle(from, store));
      found.forEach(({ slot, metres }) => (worst = Math.max(worst, Math.abs(metres - distances[slot]!))));
      const best = distances.toSorted();
      found.forEach(({ metres }, nth) => (worst = Math.max(worst, Math.abs(metres - best[nth]!))));
    }
    expect(worst).toBeLessThan(0.5);
  });

  test("stay right while stores move, come and go", () => {
    const change = fc.tuple(fc.nat(599), fc.option(position, { freq: 4, nil: undefined }));
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 400, maxLength: 700 }),
        rounded,
        fc.double({ min: 1, max: 2.1e7, noNaN: true }),
        (changes, from, within) => {
          const geo = createGeoIndex();
          const truth = new Map<number, Position>();
          changes.forEach(([slot, place], nth) => {
            geo.set(slot, place);
            if (place === undefined) truth.delete(slot);
            else truth.set(slot, place);
            if (nth % 100 === 0) geo.nearest(from, { limit: 1, within, admits: () => true });
          });
          const admits = (slot: number): boolean => slot % 3 !== 0;
          const expected = [...truth].filter(([slot, place]) => admits(slot) && greatCircle(from, place) <= within + 0.01).length;
          const found = geo.nearest(from, { limit: 1000, within: within + 0.01, admits });
          expect(geo.size).toBe(truth.size);
          expect(found).toHaveLength(expected);
          expect(geo.countWithin(from, within + 0.01, admits)).toBe(expected);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("a box", () => {
  const side = fc.constantFrom(-180, -179.999, -90, -10.5, 0, 10.5, 90, 179.999, 180);
  const latitudes = fc
    .tuple(fc.integer({ min: -90, max: 90 }), fc.integer({ min: -90, max: 90 }))
    .map((pair) => pair.toSorted((one, other) => one - other) as [number, number]);

  test("holds what lies in it, across the antimeridian too", () => {
    const geo = createGeoIndex();
    stores.forEach((store, slot) => geo.set(slot, store));
    fc.assert(
      fc.property(side, side, latitudes, (west, east, [south, north]) => {
        const inside = ({ lat, lon }: Position): boolean => {
          const longitudes = [lon, ...(Math.abs(lon) === 180 ? [-lon] : [])];
          const fits = (value: number): boolean => (west <= east ? value >= west && value <= east : value >= west || value <= east);
          return lat >= south && lat <= north && longitudes.some(fits);
        };
        const expected = stores.flatMap((store, slot) => (inside(store) ? [slot] : []));
        expect([...geo.inside({ west, south, east, north })].toSorted((one, other) => one - other)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});

describe("what is found near", () => {
  const PLAIN: StoreQuery = { openNow: false, facets: [], limit: 20, page: 1 };
  /** One store each 10 km to the east on the equator, and one without a place. */
  const finderOf = (count: number) => {
    const places = Array.from({ length: count }, (_, nth) => aStore(nth, { lat: 0, long: (nth * 10_000) / 111_194.93 }));
    return createStoreFinder(createStoreIndex(recordsOf(directoryRig().reader, [...places, aStore(9999)])));
  };
  const near = { lat: 0, lon: 0 };
  const shown = (found: ReturnType<ReturnType<typeof finderOf>["find"]>) => ({
    stores: found.stores.map(({ record, metres }) => [record.code, Math.round(metres ?? -1)]),
    count: found.count,
    ...(found.widenedTo === undefined ? {} : { widenedTo: found.widenedTo }),
  });

  test("is sorted by distance; a store without a place is not near anything", () => {
    expect(shown(finderOf(3).find({ ...PLAIN, near }, 0))).toEqual({
      stores: [
        ["S-0", 0],
        ["S-1", 10_000],
        ["S-2", 20_000],
      ],
      count: 3,
    });
  });

  test.each([3, 600])("goes on page by page, within a radius, with the count of all (%i stores)", (count) => {
    const finder = finderOf(count);
    expect(shown(finder.find({ ...PLAIN, near, limit: 1, page: 2 }, 0))).toEqual({ stores: [["S-1", 10_000]], count });
    expect(shown(finder.find({ ...PLAIN, near, radius: 15_000, limit: 1 }, 0))).toEqual({ stores: [["S-0", 0]], count: 2 });
    expect(shown(finder.find({ ...PLAIN, near, radius: 15_000, limit: 1, page: 3 }, 0))).toEqual({ stores: [], count: 2 });
  });

  test.each([3, 600])("widens the radius by doubling when nothing is in it, and says so (%i stores)", (count) => {
    const away = { lat: 0, lon: -0.5 };
    expect(shown(finderOf(count).find({ ...PLAIN, near: away, radius: 20_000 }, 0))).toMatchObject({ widenedTo: 80_000, count: 3 });
    expect(shown(finderOf(count).find({ ...PLAIN, near: away, radius: 1, limit: 1 }, 0)).widenedTo).toBe(65_536);
  });

  test("is nothing, whatever the radius, when no store has a place", () => {
    expect(shown(finderOf(0).find({ ...PLAIN, near, radius: 1000 }, 0))).toEqual({ stores: [], count: 0 });
  });

  test("may be cut by a box besides", () => {
    const bounds = { west: 0.05, south: -1, east: 0.2, north: 1 };
    expect(shown(finderOf(4).find({ ...PLAIN, near, bounds }, 0))).toEqual({
      stores: [
        ["S-1", 10_000],
        ["S-2", 20_000],
      ],
      count: 2,
    });
  });
});
