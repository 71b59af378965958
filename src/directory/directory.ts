/** The stores of one key: what is fed to it, what can be asked of it, and how old it is. Nothing here calls Partoo. */
import { LRUCache } from "lru-cache";
import type { KeyRing } from "../keys.ts";
import type { AnswerMoment, StoresAnswer } from "./answers.ts";
import type { StoreFinder } from "./find-stores.ts";
import type { Snapshot } from "./snapshot.ts";
import type { StoreIndex } from "./store-index.ts";
import type { Business, DirectoryRoutes, StoreRecord } from "./store-record.ts";
import type { StoresRequest, StoresRequestReader } from "./stores-request.ts";
import { Problem, problem } from "../problem.ts";
import { createStoreAnswers } from "./answers.ts";
import { createStoreFinder } from "./find-stores.ts";
import { createStoreIndex } from "./store-index.ts";
import { createRecordReader, recordText } from "./store-record.ts";
import { createStoresRequestReader } from "./stores-request.ts";

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

export interface Directory {
  readonly requests: StoresRequestReader;
  readonly feed: StoreFeed;
  /** Stores that it holds. */
  readonly size: number;
  /** Wall clock, ms: what is held is what Partoo had then, or newer. undefined: not all stores were read yet. */
  readonly asOf: number | undefined;
  /** `modified__gte` that finds every change since, Unix seconds. */
  readonly changedSince: number;
  /** @throws Problem not-found; quota-exhausted while nothing is known yet */
  answer(request: StoresRequest, form?: "json-ld"): StoresAnswer & { readonly ageSeconds: number };
  /** All that is held, for another process or the next start. */
  snapshot(): Snapshot | undefined;
  /** Takes over what is newer than what is held: all at once. */
  restore(snapshot: Snapshot): Promise<void>;
  /** Takes over what another process has seen. */
  apply(change: StoreChange): void;
}

export interface DirectoryOptions {
  readonly routes: DirectoryRoutes;
  readonly keys: KeyRing;
  /** What is older says so. Seconds. */
  readonly lateAfterSeconds: number;
  /** A store has changed. */
  readonly onChange?: (change: StoreChange) => void;
  /** Wall clock, ms. */
  readonly now?: () => number;
}

interface Sighting {
  /** Wall clock, ms. */
  readonly at: number;
  /** Unix seconds; -Infinity: not told. */
  readonly modified: number;
}

/** The index with what works on it: swapped as one. */
interface Shelf {
  readonly index: StoreIndex;
  readonly finder: StoreFinder;
}

export function createDirectory({
  routes,
  keys,
  lateAfterSeconds,
  onChange = () => undefined,
  now = Date.now,
}: DirectoryOptions): Directory {
  const reader = createRecordReader(routes, keys);
  const answers = createStoreAnswers(routes);
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
  const momentOf = (at: number): AnswerMoment & { readonly ageSeconds: number } => {
    if (asOf === undefined)
      throw problem("quota-exhausted", { detail: "The stores are still being read from Partoo.", retryAfterSeconds: 5 });
    const ageSeconds = Math.max(0, Math.floor((at - asOf) / 1000));
    return ageSeconds > lateAfterSeconds ? { at, asOf, ageSeconds } : { at, ageSeconds };
  };
  const named = (name: string): StoreRecord => {
    const record = held.index.named(name);
    if (record === undefined) throw problem("not-found", { detail: "There is no such store." });
    return record;
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

  return {
    requests: createStoresRequestReader(routes),
    feed,
    get size() {
      return held.index.size;
    },
    get asOf() {
      return asOf;
    },
    get changedSince() {
      // Stores may still change within the second of the newest; those of an old second were all there to be read.
      const isPast = (asOf ?? 0) / 1000 - newest > MAX_SKEW_SECONDS;
      return Math.floor(newest) + (isPast ? 1 : 0);
    },
    answer(request, form) {
      const at = now();
      const moment = momentOf(at);
      const { ageSeconds } = moment;
      if (request.kind === "all") return { ...answers.all(held.index, moment), ageSeconds };
      if (request.kind === "list") return { ...answers.list(held.finder.find(request.query, at), request.query.page, moment), ageSeconds };
      const record = named(request.name);
      return { ...(form === "json-ld" ? answers.oneAsJsonLd(record, at) : answers.one(record, moment)), ageSeconds };
    },
    snapshot() {
      if (asOf === undefined) return undefined;
      return { asOf, newest, lines: Array.from(held.index.records(), recordText) };
    },
    async restore(snapshot) {
      if (snapshot.asOf <= (asOf ?? 0)) return;
      const index = createStoreIndex();
      for (const [nth, line] of snapshot.lines.entries()) {
        const record = reader.restore(line);
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
    },
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
  return one.digest === other.digest && one.facts[0] === other.facts[0] && one.facts[1] === other.facts[1];
}
