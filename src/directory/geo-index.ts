/** Places on the globe: the nearest ones and those in a box. Trees of most, and the few that moved since they were made. */
import type { Position } from "./position.ts";
import KDBush from "kdbush";
import { createSphereTree } from "./sphere-tree.ts";
import { EARTH_RADIUS, FURTHEST_METRES, RADIANS, metresBetween } from "./position.ts";

/** So many are looked at one by one before the trees are made anew, which takes about 20 ms for 50,000. */
const MOST_MOVED = 64;
/** Points of a box that are not divided further. */
const NODE_SIZE = 16;
/** Rounding in the tree's own measure must not cost the store on the line; ours decides. */
const MARGIN = 1.000_001;

/** Admits every slot. */
export const EVERYBODY: Admits = () => true;

/** Degrees. `west` above `east`: the box goes across the antimeridian. */
export interface Bounds {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

export interface Near {
  readonly slot: number;
  readonly metres: number;
}

/** Whether a slot is asked for at all. */
export type Admits = (slot: number) => boolean;

export interface NearestOptions {
  readonly limit: number;
  /** No further than this, metres. */
  readonly within: number;
  readonly admits: Admits;
}

/** Of small numbers (slots) and where they are. */
export interface GeoIndex {
  /** How many have a place. */
  readonly size: number;
  /** Places, moves or, with undefined, takes away. */
  set(slot: number, position: Position | undefined): void;
  at(slot: number): Position | undefined;
  /** By great-circle distance, then slot. */
  nearest(from: Position, options: NearestOptions): readonly Near[];
  countWithin(from: Position, metres: number, admits: Admits): number;
  /** In their own order. */
  inside(bounds: Bounds): readonly number[];
}

export function createGeoIndex(): GeoIndex {
  const positions: (Position | undefined)[] = [];
  const moved = new Set<number>();
  let boxed = new KDBush(0);
  let sphere = createSphereTree([]);
  let slots: readonly number[] = [];
  let size = 0;

  const renewTrees = (): void => {
    if (moved.size <= MOST_MOVED) return;
    slots = positions.flatMap((position, slot) => (position === undefined ? [] : [slot]));
    boxed = new KDBush(slots.length, NODE_SIZE);
    for (const slot of slots) {
      const { lat, lon } = positions[slot] as Position;
      boxed.add(lon, lat);
    }
    boxed.finish();
    sphere = createSphereTree(slots.map((slot) => positions[slot] as Position));
    moved.clear();
  };
  const slotOf = (point: number): number => slots[point] as number;
  const measured = (from: Position, slot: number): Near => {
    const position = positions[slot];
    return { slot, metres: position === undefined ? Infinity : metresBetween(from, position) };
  };

  const inside = (bounds: Bounds): readonly number[] => {
    renewTrees();
    const boxes = slots.length === 0 ? [] : boxesOf(bounds);
    const points = boxes.flatMap(({ west, south, east, north }) => boxed.range(west, south, east, north));
    const unmoved = points.map(slotOf).filter((slot) => !moved.has(slot));
    const found = [...unmoved, ...[...moved].filter((slot) => isInside(positions[slot], bounds))];
    const inOrder = [...Uint32Array.from(found).toSorted()];
    return boxes.length > 1 ? [...new Set(inOrder)] : inOrder;
  };
  return {
    get size() {
      return size;
    },
    at: (slot) => positions[slot],
    set(slot, position) {
      const before = positions[slot];
      if (before?.lat === position?.lat && before?.lon === position?.lon) return;
      size += Number(position !== undefined) - Number(before !== undefined);
      positions[slot] = position;
      moved.add(slot);
    },
    nearest(from, { limit, within, admits }) {
      renewTrees();
      const furthest = Math.min(within, FURTHEST_METRES);
      const isAsked =
        moved.size === 0 && admits === EVERYBODY ? admits : (point: number): boolean => !moved.has(slotOf(point)) && admits(slotOf(point));
      const near = sphere.nearest(from, { limit, within, admits: isAsked }).map(({ point, metres }) => ({ slot: slotOf(point), metres }));
      for (const slot of moved) if (admits(slot)) near.push(measured(from, slot));
      if (moved.size > 0) near.sort(byDistance);
      while (near.length > limit || (near.at(-1)?.metres ?? 0) > furthest) near.pop();
      return near;
    },
    countWithin(from, metres, admits) {
      let count = 0;
      for (const slot of inside(boxAround(from, metres))) {
        if (admits(slot) && metresBetween(from, positions[slot] as Position) <= metres) count += 1;
      }
      return count;
    },
    inside,
  };
}

export function byDistance(one: Near, other: Near): number {
  return one.metres - other.metres || one.slot - other.slot;
}

/** All longitudes where a pole is within; else those of the two meridians that the circle touches. */
function boxAround({ lat, lon }: Position, metres: number): Bounds {
  const angle = Math.min(metres * MARGIN, FURTHEST_METRES) / EARTH_RADIUS;
  const [south, north] = [lat - angle / RADIANS, lat + angle / RADIANS];
  if (south <= -90 || north >= 90) return { west: -180, south: Math.max(south, -90), east: 180, north: Math.min(north, 90) };
  const across = Math.asin(Math.min(1, Math.sin(angle) / Math.cos(lat * RADIANS))) / RADIANS + 1e-9;
  return { west: around180(lon - across), south, east: around180(lon + across), north };
}

function around180(lon: number): number {
  if (lon < -180) return lon + 360;
  return lon > 180 ? lon - 360 : lon;
}

/** The meridian of 180° is two longitudes. */
function boxesOf({ west, south, east, north }: Bounds): readonly Bounds[] {
  if (west > east) return [...boxesOf({ west, south, east: 180, north }), ...boxesOf({ west: -180, south, east, north })];
  const whole = { west, south, east, north };
  const otherName = [
    ...(east === 180 && west !== -180 ? [{ west: -180, south, east: -180, north }] : []),
    ...(west === -180 && east !== 180 ? [{ west: 180, south, east: 180, north }] : []),
  ];
  return [whole, ...otherName];
}

function isInside(position: Position | undefined, bounds: Bounds): boolean {
  if (position === undefined) return false;
  const { lat, lon } = position;
  return boxesOf(bounds).some(({ west, south, east, north }) => lon >= west && lon <= east && lat >= south && lat <= north);
}
