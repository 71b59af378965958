/** One look after the stores of a key: takes over the census of another process, or takes one where it is due and nobody else does. */
import { createHash } from "node:crypto";
import type { Counters } from "../counters.ts";
import type { Directories } from "../directory/directories.ts";
import type { Logger } from "../log.ts";
import type { KeyPolicy, Route } from "../policy.ts";
import type { CacheKeys } from "./cache-key.ts";
import type { CensusBoard } from "./census-board.ts";
import type { CensusClaims } from "./census-claims.ts";
import type { HeadCount } from "./head-count.ts";
import type { Census, KnownStores } from "./known-stores.ts";
import type { PartooCall } from "./partoo-call.ts";
import type { PurgeLog } from "./purge-log.ts";
import type { Tiers } from "./tiers.ts";
import { sweepMatch } from "../request/match.ts";
import { IncompleteSweep, createHeadCount } from "./head-count.ts";
import { singleBusinessRoute } from "./held-stores.ts";
import { holdAll } from "./hold-all.ts";
import { businessTag } from "./tags.ts";

/**
 * Part of their freshness lifetime after which stores are read again. Later they would be stale first, and visitors would refresh them
 * one by one, which takes the budget that the sweep waits for.
 */
export const RENEWED_AFTER = 0.8;
/** Where more changes than can be read one by one, all stores are read this often at most. */
const BEHIND_MS = 300_000;
/** While another process sweeps, how often its result is looked for. */
const LOOK_MS = 2000;

export interface CensusTaker {
  /** Changes whenever stores would be held in another form. */
  formOf(key: KeyPolicy): string;
  /**
   * @param search the key's route to read stores by
   * @param since wall clock, ms: a census from before says nothing, because what it held was purged
   * @returns ms until the next look
   * @throws Problem; IncompleteSweep
   */
  look(key: KeyPolicy, search: Route, since: number): Promise<number>;
}

export interface CensusTakerOptions {
  readonly board: CensusBoard;
  readonly call: Pick<PartooCall, "sweep">;
  readonly directories: Pick<Directories, "formOf" | "isEmpty" | "isBehind" | "swept">;
  readonly known: KnownStores;
  readonly cacheKeys: CacheKeys;
  readonly tiers: Tiers;
  readonly claims: CensusClaims;
  readonly purges: PurgeLog;
  readonly counters: Counters;
  readonly logger: Logger;
  /** Ends a sweep. */
  readonly signal: AbortSignal;
  /** Wall clock, ms. */
  readonly now: () => number;
}

/** A sweep under way, or one that a failure has stopped. */
interface Progress {
  /** Wall clock, ms, when its first page was asked for. */
  readonly takenAt: number;
  readonly count: HeadCount;
  /** `formOf()` of the key's directory then. */
  readonly form: string;
  /** The page to be read. */
  next: number;
}

interface SweepOptions {
  readonly priority: "census" | "sweep";
  readonly progress: Progress;
}

export function createCensusTaker(options: CensusTakerOptions): CensusTaker {
  const { board, call, directories, known, cacheKeys, tiers, claims, purges, counters, logger, signal, now } = options;

  /** A census says that its stores are held. In another form, or of another Partoo, they are not. */
  const boardName = (key: KeyPolicy): string => {
    const route = singleBusinessRoute(key);
    const place = route === undefined ? "" : cacheKeys.of(key, route, route.template);
    const form = place + directories.formOf(key);
    return `${key.name}:${createHash("sha256").update(form).digest("base64url").slice(0, 16)}`;
  };

  const begun = new Map<string, Progress>();
  const progressOf = (key: KeyPolicy, since: number): Progress => {
    const left = begun.get(key.name);
    const form = directories.formOf(key);
    const isGood = left !== undefined && left.takenAt >= since && left.form === form && now() < dueAt(key, left);
    const progress = isGood ? left : { takenAt: now(), count: createHeadCount(), form, next: 1 };
    begun.set(key.name, progress);
    return progress;
  };

  /** Every page once, those that a failure has left. What can't be whole any more is begun anew. @returns undefined when another process has taken over, or another policy runs that shows stores otherwise */
  const sweep = async (key: KeyPolicy, search: Route, { priority, progress }: SweepOptions): Promise<Census | undefined> => {
    const { takenAt, count } = progress;
    try {
      for (; progress.next <= count.pages; progress.next += 1) {
        if (!(await board.takeLease(boardName(key)))) return undefined;
        if (directories.formOf(key) !== progress.form) return undefined;
        count.add(await call.sweep({ key, match: sweepMatch(search, progress.next), frontend: undefined, priority, signal }));
        counters.add("swept_pages");
      }
      const names = count.finish();
      begun.delete(key.name);
      return { takenAt, names };
    } catch (fault) {
      if (fault instanceof IncompleteSweep) begun.delete(key.name);
      throw fault;
    }
  };

  const adopt = (key: KeyPolicy, census: Census): void => {
    const before = known.census(key.name)?.names ?? [];
    known.learn(key.name, census);
    const after = known.census(key.name)?.names;
    const gone = [...before].filter((name) => after?.has(name) === false);
    if (gone.length > 0) void purges.purge({ tags: gone.map(businessTag), hard: true });
  };

  const placesOf = (key: KeyPolicy, { names }: Census): readonly string[] => {
    const route = singleBusinessRoute(key);
    return route === undefined ? [] : [...names].map((name) => cacheKeys.of(key, route, `/business/${encodeURIComponent(name)}`));
  };

  return {
    formOf: boardName,
    async look(key, search, since) {
      const shared = await board.read(boardName(key));
      const own = known.census(key.name);
      const news = shared !== undefined && shared.takenAt > (own?.takenAt ?? 0) ? shared : undefined;
      if (news !== undefined) adopt(key, news);
      const newest = known.census(key.name);
      const isFirst = newest === undefined || newest.takenAt < since || (await directories.isEmpty(key));
      claims.set(key, isFirst);
      if (news !== undefined) await holdAll(tiers, placesOf(key, news), signal);
      const dueMs = isFirst ? 0 : Math.min(dueAt(key, newest), directories.isBehind(key) ? newest.takenAt + BEHIND_MS : Infinity) - now();
      if (dueMs > 0) return dueMs;
      if (!(await board.takeLease(boardName(key)))) return LOOK_MS;
      try {
        const progress = progressOf(key, since);
        const census = await sweep(key, search, { priority: isFirst ? "census" : "sweep", progress });
        if (census === undefined) return LOOK_MS;
        adopt(key, census);
        directories.swept(key, { ...census, form: progress.form });
        await board.publish(boardName(key), census, freshSecondsOf(key) * 1000);
        logger.info({ key: key.name, names: census.names.size }, "all stores are held");
        return dueAt(key, census) - now();
      } finally {
        claims.set(key, false);
        await board.dropLease(boardName(key));
      }
    },
  };
}

/** When the stores of a census are to be read again. Wall clock, ms. */
function dueAt(key: KeyPolicy, { takenAt }: Pick<Census, "takenAt">): number {
  return takenAt + freshSecondsOf(key) * 1000 * RENEWED_AFTER;
}

/** How long a single store of the key is fresh; 0: the key has no page of a single store. */
export function freshSecondsOf(key: KeyPolicy): number {
  return singleBusinessRoute(key)?.lifetimes.freshSeconds ?? 0;
}
