/** What a directory holds, and how what is told of stores changes it: in place, or all at once from a snapshot. */
import { LRUCache } from "lru-cache";
import type { StoreFinder } from "./find-stores.ts";
import type { Snapshot, StoredSnapshot } from "./snapshot.ts";
import type { StoreIndex } from "./store-index.ts";
import type { Business, RecordReader, StoreRecord } from "./store-record.ts";
import { Problem } from "../problem.ts";
import { createStoreFinder } from "./find-stores.ts";
import { createStoreIndex } from "./store-index.ts";
import { recordText } from "./store-record.ts";

/** No two clocks differ by more. */
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

/** For the other processes. */
export type StoreChange =
  /** A store that is now so. */
  | { readonly text: string }
  /** One that is not to be shown as it was then, Unix seconds, or before; null: it was deleted, and its id is not used again. */
  | { readonly gone: string; readonly modified: number | null }
  /** All changes until then have been told. Wall clock, ms. */
  | { readonly asOf: number };

export interface Holdings {
  readonly feed: StoreFeed;
  readonly shelf: Shelf;
  /** Wall clock, ms: what is held is what Partoo had then, or newer. undefined: not all stores were read yet. */
  readonly asOf: number | undefined;
  /** `asOf` of the last reading of all stores, here or in another process; 0: there was none. */
  readonly wholeAsOf: number;
  /** More has changed since `asOf` than was read: only a reading of all stores can tell. */
  readonly isBehind: boolean;
  /** `modified__gte` that finds every change since, Unix seconds. */
  readonly changedSince: number;
  /** All that is held, for another process or the next start. */
  snapshot(): Snapshot | undefined;
  /** Takes over what others hold, a few stores at a time; what was told here since stays. @throws whatever reading its lines throws */
  restore(snapshot: Snapshot | StoredSnapshot): Promise<void>;
  /** The same of a snapshot for routes that show something else: no more than either of them shows. */
  follow(snapshot: Snapshot): Promise<void>;
  /** Takes over what another process has seen. */
  apply(change: StoreChange): void;
  /** Some of what others have told is lost: `asOf` stays as it is until all changes since were read here, or all stores anywhere. */
  missed(): void;
  /** Sets `isBehind`. */
  fallBehind(): void;
}

export interface HoldingsOptions {
  readonly reader: RecordReader;
  /** A store has changed. */
  readonly onChange: (change: StoreChange) => void;
  /** Wall clock, ms. */
  readonly now: () => number;
}

/** The index with what works on it. */
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
  const held = shelve(createStoreIndex());
  let asOf: number | undefined;
  let wholeAsOf = 0;
  /** The newest `modified` that was seen, Unix seconds. */
  let newest = 0;
  /** When something that others told was found to be lost, wall clock, ms. */
  let missedAt: number | undefined;
  let isBehind = false;

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
  const wasToldSince = (id: string, since: number): boolean => (sightings.get(id)?.at ?? 0) >= since;
  const forgetSightings = (before: number): void => {
    for (const [id, { at }] of sightings) if (at < before) sightings.delete(id);
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
      const record = read(() => reader.read(business));
      if (record === undefined) {
        if (take(id)) tell({ gone: id, modified: typeof modified === "number" ? modified : 0 });
      } else if (put(record)) tell({ text: recordText(record) });
    },
    gone(id) {
      deleted.set(id, true);
      note(id, undefined);
      if (take(id)) tell({ gone: id, modified: null });
    },
    swept(takenAt, names) {
      for (const { id } of held.index.records()) {
        if (!names.has(id) && !wasToldSince(id, takenAt) && take(id)) tell({ gone: id, modified: 0 });
      }
      forgetSightings(takenAt);
      feed.caughtUp(takenAt);
      wholeAsOf = asOf ?? 0;
      isBehind = false;
    },
    caughtUp(takenAt) {
      asOf = Math.max(asOf ?? 0, takenAt);
      missedAt = undefined;
      tell({ asOf });
    },
  };
  const applyGone = (id: string, modified: number | null): void => {
    if (modified === null) deleted.set(id, true);
    else if (modified < modifiedOf(id) && modified > 0) return;
    note(id, modified ?? undefined);
    take(id);
  };
  const applyStore = (record: StoreRecord | undefined): void => {
    if (record === undefined || deleted.has(record.id)) return;
    if ((record.modified ?? Infinity) < modifiedOf(record.id)) return;
    note(record.id, record.modified);
    put(record);
  };
  /** Without a clock that is wrong, or a process that knows more than this one. */
  const applyAsOf = (at: number): void => {
    if (asOf === undefined || missedAt !== undefined || !(at <= now() + MAX_SKEW_SECONDS * 1000)) return;
    asOf = Math.max(asOf, at);
  };

  const takeOver = async (
    { asOf: takenAt, newest: itsNewest, lines }: Snapshot | StoredSnapshot,
    readLine: (line: string) => StoreRecord | undefined,
  ): Promise<void> => {
    const listed = new Set<string>();
    let nth = 0;
    for await (const line of lines) {
      const record = readLine(line);
      if (record !== undefined) {
        const { id, modified = Infinity } = record;
        listed.add(id);
        // What was told here since then is newer.
        if (!deleted.has(id) && !wasToldSince(id, takenAt) && modified >= modifiedOf(id)) put(record);
      }
      nth += 1;
      if (nth % AT_ONCE === 0) await new Promise(setImmediate);
    }
    for (const { id } of held.index.records()) if (!listed.has(id) && !wasToldSince(id, takenAt)) take(id);
    forgetSightings(takenAt);
    asOf = Math.max(asOf ?? 0, takenAt);
    wholeAsOf = Math.max(wholeAsOf, takenAt);
    newest = Math.max(newest, itsNewest);
    isBehind = false;
    if (missedAt !== undefined && takenAt >= missedAt) missedAt = undefined;
  };

  return {
    feed,
    shelf: held,
    get asOf() {
      return asOf;
    },
    get wholeAsOf() {
      return wholeAsOf;
    },
    get isBehind() {
      return isBehind;
    },
    get changedSince() {
      // A webhook or a visitor may have shown one that is newer than others that nobody has seen. All that changed before the reading
      // was begun was there to be read, by whosever clock; so was all of an old second.
      const begun = Math.floor((asOf ?? 0) / 1000) - MAX_SKEW_SECONDS;
      return newest > 0 && newest < begun ? Math.floor(newest) + 1 : begun;
    },
    snapshot() {
      if (asOf === undefined) return undefined;
      const records = [...held.index.records()];
      return { asOf, newest, lines: { [Symbol.iterator]: () => records.values().map(recordText) } };
    },
    restore: (snapshot) => takeOver(snapshot, (line) => read(() => reader.restore(line))),
    follow: (snapshot) => takeOver(snapshot, (line) => read(() => reader.narrow(line))),
    apply(change) {
      if ("asOf" in change) applyAsOf(change.asOf);
      else if ("gone" in change) applyGone(change.gone, change.modified);
      else applyStore(read(() => reader.restore(change.text)));
    },
    missed: () => void (missedAt = now()),
    fallBehind: () => void (isBehind = true),
  };
}

/** undefined: it is not to be shown, now or any more. */
function read(make: () => StoreRecord | undefined): StoreRecord | undefined {
  try {
    return make();
  } catch (fault) {
    // The stack is spent: JSON nested more deeply than anything of Partoo's.
    if (fault instanceof Problem || fault instanceof RangeError) return undefined;
    throw fault;
  }
}

function shelve(index: StoreIndex): Shelf {
  return { index, finder: createStoreFinder(index) };
}

function areSame(one: StoreRecord, other: StoreRecord): boolean {
  return one.digest === other.digest && one.facts === other.facts;
}
