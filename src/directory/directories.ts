/** The directories of all keys whose frontends offer one: kept up to date between sweeps, shared with other processes, carried over reloads. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Breaker } from "../cache/breaker.ts";
import type { CacheKeys } from "../cache/cache-key.ts";
import type { KeyRing } from "../keys.ts";
import type { KeyPolicy, Policy } from "../policy.ts";
import type { ChangeStream } from "./change-stream.ts";
import type { Directory, DirectoryAnswer } from "./directory.ts";
import type { StoreChange } from "./holdings.ts";
import type { Ratings } from "./ratings.ts";
import type { RatingsSource } from "./ratings-source.ts";
import type { Snapshot, SnapshotShelf } from "./snapshot.ts";
import type { StoresMatch } from "./stores-match.ts";
import type { Business, DirectoryRoutes } from "./store-record.ts";
import { createChangeStream } from "./change-stream.ts";
import { createDirectory, stillReading } from "./directory.ts";
import { ratingsMatch } from "../request/match.ts";
import { createRatings } from "./ratings.ts";
import { ratingsSourceOf } from "./ratings-source.ts";
import { createSnapshotShelf } from "./snapshot.ts";
import { routesOf } from "./store-record.ts";

/** How often it is looked for what other processes were told. */
const LOOK_MS = 1000;
/** Changes that are taken over in one go; then others have their turn. */
const AT_ONCE = 100;
/** What is older says so, at least. Fresh answers of a store's own route may be as old as this. */
const LATE_SECONDS = 300;
const NAME_LENGTH = 22;

/** Every method is for any key: of one without a directory, nothing is noted. */
export interface Directories {
  of(key: KeyPolicy): Directory | undefined;
  /** undefined: its stores have none to show. */
  ratings(key: KeyPolicy): Ratings | undefined;
  /** Waits while the directory is being filled from memory or Redis. @throws Problem not-found; quota-exhausted: not all stores were read yet */
  answer(key: KeyPolicy, match: StoresMatch): DirectoryAnswer | Promise<DirectoryAnswer>;
  /** Changes whenever stores would be held in another form; empty without a directory. */
  formOf(key: KeyPolicy): string;
  /** Whether all stores are yet to be read, after what others know was taken over. */
  isEmpty(key: KeyPolicy): Promise<boolean>;
  /** Whether more has changed than can be read but with all stores. */
  isBehind(key: KeyPolicy): boolean;
  /** What others were told until now is known after it. */
  listen(key: KeyPolicy): Promise<void>;
  /** A business as Partoo sent it. */
  seen(key: KeyPolicy, business: Business): void;
  gone(key: KeyPolicy, id: string): void;
  /** All stores were read, and told of by `seen()`. */
  swept(key: KeyPolicy, census: SweptStores): void;
  /** How each stands now. */
  states(): readonly DirectoryState[];
  /** Another policy runs. */
  follow(): void;
  /** Ends background work. */
  close(): Promise<void>;
}

export interface SweptStores {
  /** Wall clock, ms, when that was begun. */
  readonly takenAt: number;
  /** Ids, and whatever else stores are called. */
  readonly names: ReadonlySet<string>;
  /** `formOf()` when it was begun: a directory that was made since has not seen all of them. */
  readonly form: string;
}

/** The directory of one key, as operators see it. */
export interface DirectoryState {
  /** Name of the key. */
  readonly key: string;
  /** How many it holds. */
  readonly stores: number;
  /** Since Partoo was last known to agree; undefined: all stores are yet to be read. */
  readonly ageSeconds: number | undefined;
  /** What is older says so in its answers. */
  readonly lateAfterSeconds: number;
  /** Whether it is older, or was never read. */
  readonly isLate: boolean;
}

export interface DirectoriesOptions {
  /** The running one. */
  readonly policy: () => Policy;
  readonly keys: KeyRing;
  readonly cacheKeys: CacheKeys;
  /** undefined: a restart reads all stores again. */
  readonly redis: { readonly breaker: Breaker; readonly prefix: string } | undefined;
}

interface Kept {
  readonly form: string;
  readonly lateAfterSeconds: number;
  readonly directory: Directory;
  readonly stream: ChangeStream | undefined;
  readonly ratings: () => Ratings | undefined;
  /** Answers wait for it. Never rejects. */
  filling: Promise<void> | undefined;
  looking: Promise<void> | undefined;
}

export function createDirectories({ policy, keys, cacheKeys, redis }: DirectoriesOptions): Directories {
  const stopping = new AbortController();
  const shelf = redis && createSnapshotShelf(redis);
  const kept = new Map<string, Kept>();
  const rated = new Map<string, Ratings>();
  const underWay = new Set<Promise<void>>();

  const open = (key: KeyPolicy, routes: DirectoryRoutes, form: string): Kept => {
    const stream = redis && createChangeStream(redis, form);
    const onChange = (change: StoreChange): void => stream?.tell(change);
    const lateAfterSeconds = lateAfterSecondsOf(routes);
    const ratings = (): Ratings | undefined => rated.get(key.name);
    const directory = createDirectory({ routes, keys, lateAfterSeconds, onChange });
    const made: Kept = { form, lateAfterSeconds, directory, stream, ratings, filling: undefined, looking: undefined };
    const before = kept.get(key.name);
    if (before !== undefined) fill(made, () => takeFrom(before, made));
    return made;
  };
  /** What the one before shows, or will have taken over itself. */
  const takeFrom = async (before: Kept, made: Kept): Promise<void> => {
    await before.filling;
    const snapshot = before.directory.snapshot();
    if (snapshot !== undefined) await made.directory.follow(snapshot);
  };
  const fill = (one: Kept, work: () => Promise<void>): void => {
    const filling = work().finally(() => {
      if (one.filling === filling) one.filling = undefined;
    });
    one.filling = filling;
  };
  const follow = (): void => {
    const wanted = new Set([...policy().frontends.values()].flatMap(({ stores, key }) => (stores ? [key] : [])));
    const names = new Set([...wanted].map(({ name }) => name));
    for (const name of kept.keys()) if (!names.has(name)) kept.delete(name);
    rate(wanted);
    for (const key of wanted) {
      const routes = routesOf(key);
      if (routes === undefined) continue;
      const form = nameOf(cacheKeys, key, routes);
      if (kept.get(key.name)?.form !== form) kept.set(key.name, open(key, routes, form));
    }
  };

  /** What is read in another way is another rating. */
  const rate = (wanted: Iterable<KeyPolicy>): void => {
    const before = new Map(rated);
    rated.clear();
    for (const key of wanted) {
      const source = ratingsSourceOf(key);
      if (source === undefined) continue;
      const form = ratingsNameOf(cacheKeys, key, source);
      const known = before.get(key.name);
      rated.set(key.name, known?.form === form ? known : createRatings({ form, figures: source.figures, shelf }));
    }
  };

  /** From what another process, or this one before its restart, has left. */
  const restore = async ({ form, directory, ratings }: Kept, from: SnapshotShelf): Promise<void> => {
    if (directory.asOf === undefined) await ratings()?.look();
    const snapshot = await from.read(form, directory.wholeAsOf);
    // What was read until Redis failed is true as well; the next look begins anew.
    await (snapshot && directory.restore(snapshot))?.catch(() => undefined);
  };
  const lookOnce = async (one: Kept): Promise<void> => {
    if (shelf === undefined || one.stream === undefined) return;
    const { directory, stream } = one;
    await one.filling;
    if (directory.asOf === undefined) fill(one, () => restore(one, shelf));
    await (one.filling ?? restore(one, shelf));
    if (directory.asOf === undefined) return;
    const { changes, isWhole } = await stream.read(directory.asOf);
    if (!isWhole) directory.missed();
    for (const [nth, change] of changes.entries()) {
      directory.apply(change);
      if (nth % AT_ONCE === AT_ONCE - 1) await new Promise(setImmediate);
    }
  };
  /** One after the other: whoever asks meanwhile is told by the next one. */
  const look = async (one: Kept): Promise<void> => {
    await one.looking;
    one.looking ??= lookOnce(one).finally(() => (one.looking = undefined));
    await one.looking;
  };
  const lookNowAndThen = async (): Promise<void> => {
    const { signal } = stopping;
    while (!signal.aborted) {
      await sleep(LOOK_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await Promise.all([...kept.values()].map(look));
    }
  };
  const keep = (form: string, snapshot: Snapshot | undefined): void => {
    if (shelf === undefined || snapshot === undefined) return;
    const writing = shelf.write(form, snapshot).then(() => void underWay.delete(writing));
    underWay.add(writing);
  };

  follow();
  const looking = redis === undefined ? undefined : lookNowAndThen();
  const of = ({ name }: KeyPolicy): Kept | undefined => kept.get(name);
  return {
    of: (key) => of(key)?.directory,
    ratings: ({ name }) => rated.get(name),
    answer(key, { request, form, showsRatings }) {
      const one = of(key);
      if (one === undefined) throw stillReading();
      const answer = (): DirectoryAnswer =>
        one.directory.answer(request, { form, ratings: showsRatings ? rated.get(key.name) : undefined });
      return one.filling === undefined ? answer() : one.filling.then(answer);
    },
    formOf: (key) => of(key)?.form ?? "",
    async isEmpty(key) {
      const one = of(key);
      if (one === undefined) return false;
      await one.filling;
      if (one.directory.asOf === undefined) await look(one);
      return one.directory.asOf === undefined;
    },
    isBehind: (key) => of(key)?.directory.isBehind === true,
    async listen(key) {
      const one = of(key);
      if (one !== undefined) await look(one);
    },
    seen: (key, business) => of(key)?.directory.feed.seen(business),
    gone: (key, id) => of(key)?.directory.feed.gone(id),
    swept(key, { takenAt, names, form }) {
      const one = of(key);
      if (one?.form !== form) return;
      one.directory.feed.swept(takenAt, names);
      keep(one.form, one.directory.snapshot());
    },
    states: () => [...kept].map(([key, one]) => stateOf(key, one)),
    follow,
    async close() {
      stopping.abort();
      await looking;
      await Promise.all(underWay);
    },
  };
}

function stateOf(key: string, { directory: { asOf, size }, lateAfterSeconds }: Kept): DirectoryState {
  const ageSeconds = asOf === undefined ? undefined : Math.max(0, Math.floor((Date.now() - asOf) / 1000));
  return { key, stores: size, ageSeconds, lateAfterSeconds, isLate: ageSeconds === undefined || ageSeconds > lateAfterSeconds };
}

/** How old a directory may be before its answers say so. */
export function lateAfterSecondsOf({ single }: DirectoryRoutes): number {
  return Math.max(LATE_SECONDS, single.lifetimes.freshSeconds);
}

/** Whose stores, of which Partoo, and in what form: what is held under another name is not for this directory. */
function nameOf(cacheKeys: CacheKeys, key: KeyPolicy, { search, single }: DirectoryRoutes): string {
  return shortName([cacheKeys.of(key, search, ""), cacheKeys.of(key, single, ""), [...search.force]]);
}

function ratingsNameOf(cacheKeys: CacheKeys, key: KeyPolicy, source: RatingsSource): string {
  return shortName([cacheKeys.of(key, source.route, ratingsMatch(source, 1).target)]);
}

function shortName(content: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(content)).digest("base64url").slice(0, NAME_LENGTH);
}
