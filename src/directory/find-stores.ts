/** Answers a question for stores from the index: which, in what order, how many there are in all, and how far away. */
import { LRUCache } from "lru-cache";
import type { Admits, Bounds, Near } from "./geo-index.ts";
import type { Position } from "./position.ts";
import type { StoreIndex } from "./store-index.ts";
import type { StoreRecord } from "./store-record.ts";
import { EVERYBODY, byDistance } from "./geo-index.ts";
import { FURTHEST_METRES, metresBetween } from "./position.ts";

/** So few are measured one by one. */
const FEW = 2000;
const SELECTIONS_BYTES = 8_000_000;

/** What a caller asks for. Positions are rounded already. */
export interface StoreQuery {
  readonly near?: Position;
  /** Metres. Only with `near`. */
  readonly radius?: number;
  readonly bounds?: Bounds;
  readonly q?: string;
  readonly openNow: boolean;
  /** Each is a list of facets of which a store needs one. */
  readonly facets: readonly (readonly string[])[];
  readonly limit: number;
  /** From 1. */
  readonly page: number;
}

export interface FoundStore {
  readonly record: StoreRecord;
  /** From `near`. */
  readonly metres?: number;
}

export interface FoundStores {
  readonly stores: readonly FoundStore[];
  /** On all pages together. */
  readonly count: number;
  /** Nothing was within `radius`: what is within this many metres. */
  readonly widenedTo?: number;
  /** Unix ms; from then on another store may belong to them. */
  readonly validUntil: number;
}

/** Who fits the words, facets and hours asked for. */
interface Selection {
  /** Best first, or in the order in which they came. */
  readonly slots: readonly number[];
  readonly has: Admits;
  /** How many of them have a place. */
  readonly placed: () => number;
  readonly validUntil: number;
}

export interface StoreFinder {
  /** @param at Unix ms */
  find(query: StoreQuery, at: number): FoundStores;
}

export function createStoreFinder(index: StoreIndex): StoreFinder {
  const remembered = new LRUCache<string, Selection & { readonly version: number }>({
    maxSize: SELECTIONS_BYTES,
    sizeCalculation: ({ slots }) => 200 + 8 * slots.length + (slots.length > FEW ? index.slots : 0),
  });
  const selectionOf = (query: StoreQuery, at: number): Selection | undefined => {
    if (query.q === undefined && !query.openNow && query.facets.length === 0) return undefined;
    const name = JSON.stringify([query.q, query.openNow, query.facets]);
    const known = remembered.get(name);
    if (known?.version === index.version && at < known.validUntil) return known;
    const selection = { ...select(index, query, at), version: index.version };
    remembered.set(name, selection);
    return selection;
  };
  return {
    find(query, at) {
      const selection = selectionOf(query, at);
      const skipped = (query.page - 1) * query.limit;
      const { near, count, widenedTo } = inOrder(index, query, selection);
      const stores = near.slice(skipped, skipped + query.limit).flatMap(({ slot, metres }) => {
        const record = index.at(slot);
        return record === undefined ? [] : [{ record, ...(query.near === undefined ? {} : { metres }) }];
      });
      return { stores, count, ...(widenedTo === undefined ? {} : { widenedTo }), validUntil: selection?.validUntil ?? Infinity };
    },
  };
}

/** As many as the page needs, from the first on. */
interface Ordered {
  readonly near: readonly Near[];
  readonly count: number;
  readonly widenedTo?: number;
}

function inOrder(index: StoreIndex, query: StoreQuery, selection: Selection | undefined): Ordered {
  const { near, bounds, radius } = query;
  if (bounds !== undefined) {
    const inside = index.geo.inside(bounds).filter((slot) => selection?.has(slot) ?? true);
    if (near !== undefined)
      return inside.length <= FEW
        ? fromFew(index, near, inside, radius)
        : fromMany(index, near, { query, selection: allPlaced(inside, index) });
    const slots = selection === undefined ? inside : ordered(inside, selection);
    return { near: slots.slice(0, query.page * query.limit).map(nowhere), count: slots.length };
  }
  if (near === undefined) {
    const end = query.page * query.limit;
    const slots = selection?.slots.slice(0, end) ?? firstSlots(index, end);
    return { near: slots.map(nowhere), count: selection?.slots.length ?? index.size };
  }
  if (selection !== undefined && selection.slots.length <= FEW) return fromFew(index, near, selection.slots, radius);
  return fromMany(index, near, { query, selection });
}

/** Measures each. */
function fromFew(index: StoreIndex, from: Position, slots: readonly number[], radius = FURTHEST_METRES): Ordered {
  const near = slots
    .flatMap((slot): Near[] => {
      const position = index.geo.at(slot);
      return position === undefined ? [] : [{ slot, metres: metresBetween(from, position) }];
    })
    .toSorted(byDistance);
  const within = near.filter(({ metres }) => metres <= radius);
  const [nearest] = near;
  if (within.length > 0 || nearest === undefined) return { near: within, count: within.length };
  const widenedTo = widened(radius, nearest.metres);
  const more = near.filter(({ metres }) => metres <= widenedTo);
  return { near: more, count: more.length, widenedTo };
}

/** Asks the tree. */
function fromMany(
  index: StoreIndex,
  from: Position,
  { query: { limit, page, radius }, selection }: { readonly query: StoreQuery; readonly selection: Selection | undefined },
): Ordered {
  const admits = selection?.has ?? EVERYBODY;
  const needed = limit * page;
  const look = (within: number): Ordered => {
    const near = index.geo.nearest(from, { limit: needed, within, admits });
    return { near, count: near.length < needed ? near.length : index.geo.countWithin(from, within, admits) };
  };
  if (radius === undefined) {
    const near = index.geo.nearest(from, { limit: needed, within: FURTHEST_METRES, admits });
    return { near, count: selection?.placed() ?? index.geo.size };
  }
  const found = look(radius);
  if (found.count > 0) return found;
  const [nearest] = index.geo.nearest(from, { limit: 1, within: FURTHEST_METRES, admits });
  if (nearest === undefined) return found;
  const widenedTo = widened(radius, nearest.metres);
  return { ...look(widenedTo), widenedTo };
}

/** The radius doubled as often as it takes to reach the nearest. */
function widened(radius: number, nearest: number): number {
  let wider = radius * 2;
  while (wider < nearest) wider *= 2;
  return Math.min(FURTHEST_METRES, wider);
}

/** Stores that all have a place, as a selection. */
function allPlaced(slots: readonly number[], index: StoreIndex): Selection {
  return { slots, has: membership(slots, index.slots), placed: () => slots.length, validUntil: Infinity };
}

function nowhere(slot: number): Near {
  return { slot, metres: Infinity };
}

function firstSlots(index: StoreIndex, count = index.size): readonly number[] {
  const slots: number[] = [];
  for (let slot = 0; slots.length < count && slot < index.slots; slot += 1) if (index.at(slot) !== undefined) slots.push(slot);
  return slots;
}

function ordered(inside: readonly number[], selection: Selection): readonly number[] {
  const isInside = new Set(inside);
  return selection.slots.filter((slot) => isInside.has(slot));
}

function select(index: StoreIndex, { q, openNow, facets }: StoreQuery, at: number): Selection {
  const choices = facets.map((alternatives) => new Set(alternatives.flatMap((facet) => [...index.withFacet(facet)])));
  const inOrderOfSlots = (): readonly number[] => (choices[0] === undefined ? firstSlots(index) : [...choices[0]].toSorted(byNumber));
  const candidates = q === undefined ? inOrderOfSlots() : index.text.search(q);
  let validUntil = Infinity;
  const isOpen = (slot: number): boolean => {
    const opening = index.at(slot)?.open?.at(at);
    validUntil = Math.min(validUntil, opening?.nextChange ?? Infinity);
    return opening?.now === true;
  };
  const isAnyone = choices.length === 0 && !openNow;
  const slots = isAnyone
    ? candidates
    : candidates.filter((slot) => choices.every((choice) => choice.has(slot)) && (!openNow || isOpen(slot)));
  let counted: number | undefined;
  const placed = (): number => (counted ??= slots.filter((slot) => index.geo.at(slot) !== undefined).length);
  return { slots, has: membership(slots, index.slots), placed, validUntil };
}

/** Made when it is first asked for: most selections are few stores, which are looked at one by one. */
function membership(slots: readonly number[], all: number): Admits {
  let marks: Uint8Array | undefined;
  return (slot) => {
    if (marks === undefined) {
      marks = new Uint8Array(all);
      for (const marked of slots) marks[marked] = 1;
    }
    return marks[slot] === 1;
  };
}

function byNumber(one: number, other: number): number {
  return one - other;
}
