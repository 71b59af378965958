/** What a directory holds, and how what is told of stores changes it: in place, or all at once from a snapshot. */
import { LRUCache } from "lru-cache";
import type { StoreFinder } from "./find-stores.ts";
import type { Snapshot } from "./snapshot.ts";
import type { StoreIndex } from "./store-index.ts";
import type { Business, RecordReader, StoreRecord } from "./store-record.ts";
import { Problem } from "../problem.ts";
import { createStoreFinder } from "./find-stores.ts";
import { createStoreIndex } from "./store-index.ts";
import { recordText } from "./store-record.ts";

/** Nobody's clock is ahead by more. */
const MAX_SKEW_SECONDS = 60;
/** Stores that are read in one go; then others have their turn. */
const AT_ONCE = 100;
const DELETED_KEPT = 10_000;

/** What those who see stores tell the directory. Never throws, makes no call, and may be told the same twice, or late. */
export interface StoreFeed {
  /** A business as Partoo sent it: in a search, a sweep, a delta, a webhook. */
  seen(business: Business): void;
  /** Partoo says that it was deleted. */
  gone(id: string): void;
  /** All stores were read. @param takenAt wall clock, ms, when that was begun @param names ids, and whatever else stores are called */
  swept(takenAt: number, names: ReadonlySet<string>): void;
  /** All changes were read. @param takenAt wall clock, ms, when that was begun */
  caughtUp(takenAt: number): void;
}

/** A store that is now so, or is no more; or all changes until then have been told (wall clock, ms). For the other processes. */
export type StoreChange = { readonly text: string } | { readonly gone: string } | { readonly asOf: number };

export interface Holdings {
  readonly feed: StoreFeed;
  /** Kept for one answer only: the next may be from another. */
  readonly shelf: Shelf;
  /** Wall clock, ms: what is held is what Partoo had then, or newer. undefined: not all stores were read yet. */
  readonly asOf: number | undefined;
  /** `modified__gte` that finds every change since, Unix seconds. */
  readonly changedSince: number;
  /** All that is held, for another process or the next start. */
  snapshot(): Snapshot | undefined;
  /** Takes over what is newer than what is held: all at once. */
  restore(snapshot: Snapshot): Promise<void>;
  /** The same of a snapshot for routes that show something else: no more than either of them shows. */
  follow(snapshot: Snapshot): Promise<void>;
  /** Takes over what another process has seen. */
  apply(change: StoreChange): void;
}

export interface HoldingsOptions {
  readonly reader: RecordReader;
  /** A store has changed. */
  readonly onChange: (change: StoreChange) => void;
  /** Wall clock, ms. */
  readonly now: () => number;
}

/** The index with what works on it: swapped as one. */
export interface Shelf {
  readonly index: StoreIndex;
  readonly finder: StoreFinder;
}

interface Sighting {
  /** Wall clock, ms. */
  readonly at: number;
  /** Unix seconds; -Infinity: not told. */
  readonly modified: number;
}

export function createHoldings({ reader, onChange, now }: HoldingsOptions): Holdings {
  /** When stores were last told of: a census that was begun before knows nothing about them. */
  const sightings = new Map<string, Sighting>();
  /** Ids are not used twice; what was sent before a deletion may come after it. */
  const deleted = new LRUCache<string, true>({ max: DELETED_KEPT });
  let held = shelve(createStoreIndex());
  let asOf: number | undefined;
  /** The newest `modified` that was seen, Unix seconds. */
  let newest = 0;

  const put = (record: StoreRecord): boolean => {
    const before = held.index.named(record.id);
    if (before !== undefined && areSame(before, record)) return false;
    held.index.put(record);
    return true;
  };
  const take = (id: string): boolean => {
    const isHeld = held.index.named(id) !== undefined;
    held.index.remove(id);
    return isHeld;
  };
  const noteModified = (modified: unknown): void => {
    if (typeof modified === "number" && modified > newest && modified < now() / 1000 + MAX_SKEW_SECONDS) newest = modified;
  };
  const modifiedOf = (id: string): number => held.index.named(id)?.modified ?? sightings.get(id)?.modified ?? -Infinity;
  const note = (id: string, modified: unknown): void => {
    sightings.set(id, { at: now(), modified: typeof modified === "number" ? modified : -Infinity });
    noteModified(modified);
  };
  /** undefined: it is not to be shown, now or any more. */
  const read = (business: Business): StoreRecord | undefined => {
    try {
      return reader.read(business);
    } catch (fault) {
      if (fault instanceof Problem) return undefined;
      throw fault;
    }
  };
  const tell = (change: StoreChange): void => {
    // While all stores are read for the first time, the snapshot at the end tells it all.
    if (asOf !== undefined) onChange(change);
  };

  const feed: StoreFeed = {
    seen(business) {
      const { id } = business;
      if (typeof id !== "string" || deleted.has(id)) return;
      const { modified } = business;
      if (typeof modified === "number" && modified < modifiedOf(id)) return;
      note(id, modified);
      const record = read(business);
      if (record === undefined) {
        if (take(id)) tell({ gone: id });
      } else if (put(record)) tell({ text: recordText(record) });
    },
    gone(id) {
      deleted.set(id, true);
      note(id, undefined);
      if (take(id)) tell({ gone: id });
    },
    swept(takenAt, names) {
      for (const { id } of held.index.records()) {
        if (!names.has(id) && (sightings.get(id)?.at ?? 0) < takenAt && take(id)) tell({ gone: id });
      }
      for (const [id, { at }] of sightings) if (at < takenAt) sightings.delete(id);
      feed.caughtUp(takenAt);
    },
    caughtUp(takenAt) {
      asOf = Math.max(asOf ?? 0, takenAt);
      tell({ asOf });
    },
  };
  /** Deleted, or not to be shown for now. */
  const leave = (id: string): void => {
    note(id, undefined);
    take(id);
  };
  const applyStore = (record: StoreRecord | undefined): void => {
    if (record === undefined) return;
    if ((record.modified ?? Infinity) < modifiedOf(record.id)) return;
    note(record.id, record.modified);
    put(record);
  };

  const takeOver = async (snapshot: Snapshot, readLine: (line: string) => StoreRecord | undefined): Promise<void> => {
    if (snapshot.asOf <= (asOf ?? 0)) return;
    const index = createStoreIndex();
    for (const [nth, line] of snapshot.lines.entries()) {
      const record = readLine(line);
      if (record !== undefined) index.put(record);
      if (nth % AT_ONCE === AT_ONCE - 1) await new Promise(setImmediate);
    }
    // What was told here since then is newer.
    for (const [id, { at }] of sightings) {
      if (at < snapshot.asOf) continue;
      const record = held.index.named(id);
      if (record === undefined) index.remove(id);
      else index.put(record);
    }
    held = shelve(index);
    asOf = Math.max(asOf ?? 0, snapshot.asOf);
    newest = Math.max(newest, snapshot.newest);
  };

  return {
    feed,
    get shelf() {
      return held;
    },
    get asOf() {
      return asOf;
    },
    get changedSince() {
      // Stores may still change within the second of the newest; those of an old second were all there to be read.
      const isPast = (asOf ?? 0) / 1000 - newest > MAX_SKEW_SECONDS;
      return Math.floor(newest) + (isPast ? 1 : 0);
    },
    snapshot() {
      if (asOf === undefined) return undefined;
      return { asOf, newest, lines: Array.from(held.index.records(), recordText) };
    },
    restore: (snapshot) => takeOver(snapshot, (line) => reader.restore(line)),
    follow: (snapshot) => takeOver(snapshot, (line) => reader.narrow(line)),
    apply(change) {
      if ("asOf" in change) asOf = asOf === undefined ? undefined : Math.max(asOf, change.asOf);
      else if ("gone" in change) leave(change.gone);
      else applyStore(reader.restore(change.text));
    },
  };
}

function shelve(index: StoreIndex): Shelf {
  return { index, finder: createStoreFinder(index) };
}

function areSame(one: StoreRecord, other: StoreRecord): boolean {
  return one.digest === other.digest && one.facts === other.facts;
}
