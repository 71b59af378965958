/**
 * A k-d tree of points on the unit sphere. Straight lines through the earth are in the same order as the ways over it, cost no
 * trigonometry, and know neither poles nor an antimeridian.
 */
import type { Position } from "./position.ts";
import { EARTH_RADIUS, FURTHEST_METRES, RADIANS } from "./position.ts";

/** So few points are not divided further. */
const LEAF = 8;
/** Squared length of the longest straight line. */
const FURTHEST = 4;
/** Rounding here must not cost the point on the line. */
const MARGIN = 1e-12;

export interface NearestOptions {
  readonly limit: number;
  /** Metres. What is a hair further may be among them. */
  readonly within: number;
  /** By number: the place among the positions that the tree was made of. */
  readonly admits: (point: number) => boolean;
}

export interface SphereTree {
  /** @returns nearest first; of two that are as near, the lower number */
  nearest(from: Position, options: NearestOptions): readonly NearPoint[];
}

export interface NearPoint {
  readonly point: number;
  readonly metres: number;
}

export function createSphereTree(positions: readonly Position[]): SphereTree {
  const points: Points = {
    ids: Uint32Array.from(positions.keys()),
    coordinates: new Float64Array(3 * positions.length),
    boxes: new Float64Array(6 * nodesFor(positions.length)),
  };
  positions.forEach((position, at) => points.coordinates.set(vectorOf(position), 3 * at));
  divide(points, { node: 0, left: 0, right: positions.length - 1 });
  return {
    nearest(from, { limit, within, admits }) {
      const found = createNearest(limit, squaredLine(within));
      if (limit > 0 && positions.length > 0) search(points, vectorOf(from), found, admits);
      return found.all();
    },
  };
}

interface Points {
  /** In the order of the tree: each half of a range is a node below it, until so few are left. */
  readonly ids: Uint32Array;
  /** Three for each. */
  readonly coordinates: Float64Array;
  /** Six for each node: the least of each axis, then the greatest. Below node n are 2n + 1 and 2n + 2. */
  readonly boxes: Float64Array;
}

/** Both ends included. */
interface Range {
  readonly node: number;
  readonly left: number;
  readonly right: number;
}

type Vector = readonly [x: number, y: number, z: number];

function vectorOf({ lat, lon }: Position): Vector {
  const across = Math.cos(lat * RADIANS);
  return [across * Math.cos(lon * RADIANS), across * Math.sin(lon * RADIANS), Math.sin(lat * RADIANS)];
}

/** Of the straight line that spans so many metres of the surface. */
function squaredLine(metres: number): number {
  if (metres >= FURTHEST_METRES) return FURTHEST + MARGIN;
  return (2 * Math.sin(metres / EARTH_RADIUS / 2)) ** 2 + MARGIN;
}

/** Metres of the surface that a straight line spans. */
function surface(squared: number): number {
  return 2 * EARTH_RADIUS * Math.asin(Math.min(1, Math.sqrt(squared) / 2));
}

function search({ ids, coordinates, boxes }: Points, [x, y, z]: Vector, found: Nearest, admits: NearestOptions["admits"]): void {
  const look = (point: number): void => {
    const at = 3 * point;
    const squared =
      square((coordinates[at] as number) - x) + square((coordinates[at + 1] as number) - y) + square((coordinates[at + 2] as number) - z);
    const id = ids[point] as number;
    if (squared <= found.furthest() && admits(id)) found.add(id, squared);
  };
  /** Squared, of the nearest that could be in a node. */
  const atLeast = (node: number): number => {
    const at = 6 * node;
    return (
      square(outside(x, boxes[at] as number, boxes[at + 3] as number)) +
      square(outside(y, boxes[at + 1] as number, boxes[at + 4] as number)) +
      square(outside(z, boxes[at + 2] as number, boxes[at + 5] as number))
    );
  };
  const descend = (node: number, left: number, right: number): void => {
    if (right - left < LEAF) {
      for (let point = left; point <= right; point += 1) look(point);
      return;
    }
    const middle = (left + right) >> 1;
    const before = 2 * node + 1;
    const after = before + 1;
    const toBefore = atLeast(before);
    const toAfter = atLeast(after);
    if (toBefore <= toAfter && toBefore <= found.furthest()) descend(before, left, middle);
    if (toAfter <= found.furthest()) descend(after, middle + 1, right);
    if (toBefore > toAfter && toBefore <= found.furthest()) descend(before, left, middle);
  };
  descend(0, 0, ids.length - 1);
}

function square(length: number): number {
  return length * length;
}

/** How far a number is from a range. */
function outside(value: number, low: number, high: number): number {
  if (value < low) return low - value;
  return value > high ? value - high : 0;
}

/** The nearest so far, in order. */
interface Nearest {
  /** Squared length beyond which nothing is looked for any more. */
  furthest(): number;
  add(id: number, squared: number): void;
  all(): readonly NearPoint[];
}

function createNearest(limit: number, furthest: number): Nearest {
  const ids: number[] = [];
  const lengths: number[] = [];
  let within = furthest;
  return {
    furthest: () => within,
    add(id, squared) {
      const isFull = ids.length === limit;
      let at = isFull ? limit - 1 : ids.length;
      if (isFull && !comesBefore(squared, id, lengths[at] as number, ids[at] as number)) return;
      for (; at > 0 && comesBefore(squared, id, lengths[at - 1] as number, ids[at - 1] as number); at -= 1) {
        lengths[at] = lengths[at - 1] as number;
        ids[at] = ids[at - 1] as number;
      }
      lengths[at] = squared;
      ids[at] = id;
      if (ids.length === limit) within = lengths[limit - 1] as number;
    },
    all: () => ids.map((point, at) => ({ point, metres: surface(lengths[at] as number) })),
  };
}

function comesBefore(squared: number, id: number, otherSquared: number, otherId: number): boolean {
  return squared < otherSquared || (squared === otherSquared && id < otherId);
}

/** A bound: halves differ by one point, so that no node lies deeper than this says. */
function nodesFor(count: number): number {
  return 2 ** (Math.ceil(Math.log2(Math.max(1, count / LEAF))) + 2);
}

function divide(points: Points, { node, left, right }: Range): void {
  const box = boxOf(points, left, right);
  points.boxes.set(box, 6 * node);
  if (right - left < LEAF) return;
  const middle = (left + right) >> 1;
  select(points, { left, right, axis: widest(box) }, middle);
  divide(points, { node: 2 * node + 1, left, right: middle });
  divide(points, { node: 2 * node + 2, left: middle + 1, right });
}

function boxOf({ coordinates }: Points, left: number, right: number): Float64Array {
  const box = Float64Array.of(Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity);
  for (let point = left; point <= right; point += 1) {
    for (let axis = 0; axis < 3; axis += 1) {
      const value = coordinates[3 * point + axis] as number;
      if (value < (box[axis] as number)) box[axis] = value;
      if (value > (box[axis + 3] as number)) box[axis + 3] = value;
    }
  }
  return box;
}

function widest(box: Float64Array): number {
  const lengths = [0, 1, 2].map((axis) => (box[axis + 3] as number) - (box[axis] as number));
  return lengths.indexOf(Math.max(...lengths));
}

/** Quickselect (Hoare): moves the point that belongs at `middle` there, lower ones before it and higher ones after it. */
function select(points: Points, { left, right, axis }: Pick<Range, "left" | "right"> & { readonly axis: number }, middle: number): void {
  const { coordinates } = points;
  let [low, high] = [left, right];
  while (low < high) {
    const pivot = coordinates[3 * ((low + high) >> 1) + axis] as number;
    let [up, down] = [low, high];
    while (up <= down) {
      while ((coordinates[3 * up + axis] as number) < pivot) up += 1;
      while ((coordinates[3 * down + axis] as number) > pivot) down -= 1;
      if (up > down) break;
      swap(points, up, down);
      up += 1;
      down -= 1;
    }
    if (middle <= down) high = down;
    else if (middle >= up) low = up;
    else return;
  }
}

function swap({ ids, coordinates }: Points, one: number, other: number): void {
  [ids[one], ids[other]] = [ids[other] as number, ids[one] as number];
  for (let axis = 0; axis < 3; axis += 1) {
    const value = coordinates[3 * one + axis] as number;
    coordinates[3 * one + axis] = coordinates[3 * other + axis] as number;
    coordinates[3 * other + axis] = value;
  }
}
