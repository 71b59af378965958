/** All stores of a key in memory, each in a slot: found by name, place, words and facets. Changing one is cheap. */
import type { GeoIndex } from "./geo-index.ts";
import type { StoreRecord } from "./store-record.ts";
import type { TextIndex } from "./text-index.ts";
import { createGeoIndex } from "./geo-index.ts";
import { createTextIndex } from "./text-index.ts";

export interface StoreIndex {
  readonly size: number;
  /** Another one after each change. */
  readonly version: number;
  readonly geo: Pick<GeoIndex, "size" | "at" | "nearest" | "countWithin" | "inside">;
  readonly text: Pick<TextIndex, "search">;
  /** One above the highest slot. A slot in between may be empty. */
  readonly slots: number;
  at(slot: number): StoreRecord | undefined;
  /** @param name an id, or `c-` and a code */
  named(name: string): StoreRecord | undefined;
  /** Slots that have a facet, in no order. */
  withFacet(facet: string): ReadonlySet<number>;
  /** In the order in which they came. */
  records(): Iterable<StoreRecord>;
  put(record: StoreRecord): void;
  remove(id: string): void;
}

const NONE: ReadonlySet<number> = new Set();

export function createStoreIndex(initial: Iterable<StoreRecord> = []): StoreIndex {
  const records: (StoreRecord | undefined)[] = [];
  const empty: number[] = [];
  const slotById = new Map<string, number>();
  const slotByCode = new Map<string, number>();
  const slotsByFacet = new Map<string, Set<number>>();
  const geo = createGeoIndex();
  const text = createTextIndex();
  let version = 0;

  const setFacets = (slot: number, before: readonly string[], after: readonly string[]): void => {
    for (const facet of before) if (!after.includes(facet)) slotsByFacet.get(facet)?.delete(slot);
    for (const facet of after) {
      const slots = slotsByFacet.get(facet);
      if (slots === undefined) slotsByFacet.set(facet, new Set([slot]));
      else slots.add(slot);
    }
  };
  const setCode = (slot: number, before: string | undefined, after: string | undefined): void => {
    // Unless another store has taken it over.
    if (before !== undefined && slotByCode.get(before) === slot) slotByCode.delete(before);
    if (after !== undefined) slotByCode.set(after, slot);
  };
  /** Makes a slot hold another record, or none. */
  const fill = (slot: number, record: StoreRecord | undefined): void => {
    const before = records[slot];
    records[slot] = record;
    setCode(slot, before?.code, record?.code);
    setFacets(slot, before?.facets ?? [], record?.facets ?? []);
    geo.set(slot, record?.position);
    if (!areEqual(before?.texts ?? [], record?.texts ?? [])) text.set(slot, record?.texts ?? []);
    version += 1;
  };

  const index: StoreIndex = {
    get size() {
      return slotById.size;
    },
    get version() {
      return version;
    },
    get slots() {
      return records.length;
    },
    geo,
    text,
    at: (slot) => records[slot],
    named(name) {
      const slot = name.startsWith("c-") ? slotByCode.get(name.slice(2)) : slotById.get(name);
      return slot === undefined ? undefined : records[slot];
    },
    withFacet: (facet) => slotsByFacet.get(facet) ?? NONE,
    records: () => records.values().filter((record) => record !== undefined),
    put(record) {
      const slot = slotById.get(record.id) ?? empty.pop() ?? records.length;
      slotById.set(record.id, slot);
      fill(slot, record);
    },
    remove(id) {
      const slot = slotById.get(id);
      if (slot === undefined) return;
      slotById.delete(id);
      empty.push(slot);
      fill(slot, undefined);
    },
  };
  for (const record of initial) index.put(record);
  return index;
}

function areEqual(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, at) => text === other[at]);
}
