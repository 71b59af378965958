/** Reading all stores, page by page, at start and whenever they stop being fresh: 5,000 stores cost 50 calls. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Counters } from "../counters.ts";
import type { Logger } from "../log.ts";
import type { KeyPolicy, Policy, Route } from "../policy.ts";
import type { CacheKeys } from "./cache-key.ts";
import type { SharedBoard } from "./census-board.ts";
import type { Census, KnownStores } from "./known-stores.ts";
import type { PartooCall } from "./partoo-call.ts";
import type { PurgeLog } from "./purge-log.ts";
import { BUSINESS_SEARCH } from "../partoo/business.ts";
import { Problem } from "../problem.ts";
import { sweepMatch } from "../request/match.ts";
import { createCensusBoard } from "./census-board.ts";
import { IncompleteSweep, createHeadCount } from "./head-count.ts";
import { singleBusinessRoute } from "./held-stores.ts";
import { businessTag } from "./tags.ts";

/** While another process sweeps, how often its result is looked for. */
const LOOK_MS = 2000;
const BACKOFF_MS = { first: 5000, longest: 300_000 } as const;

export interface Sweeper {
  /** Ends what is under way. */
  close(): Promise<void>;
}

export interface SweeperOptions {
  readonly policy: Policy;
  readonly call: PartooCall;
  readonly known: KnownStores;
  readonly cacheKeys: CacheKeys;
  readonly purges: PurgeLog;
  readonly counters: Counters;
  readonly logger: Logger;
  /** undefined: each process sweeps for itself. */
  readonly redis: SharedBoard | undefined;
  /** Wall clock, ms. */
  readonly now?: () => number;
}

/** Begins with every key of the policy that has `sweep`, each at its own pace. */
export function startSweeper(options: SweeperOptions): Sweeper {
  const { policy, call, known, cacheKeys, purges, counters, logger, redis, now = Date.now } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const board = createCensusBoard(redis);
  // A census says that its stores are held; under another shape, or of another Partoo, they are not.
  const boardName = (key: KeyPolicy): string => {
    const route = singleBusinessRoute(key);
    const name = route === undefined ? "" : cacheKeys.of(key, route, route.template);
    return `${key.name}:${createHash("sha256").update(name).digest("base64url").slice(0, 16)}`;
  };

  /** Every page once. @throws Problem; IncompleteSweep */
  const sweep = async (key: KeyPolicy, route: Route): Promise<Census> => {
    const takenAt = now();
    const count = createHeadCount();
    for (let page = 1; page <= count.pages; page += 1) {
      count.add(await call.sweep({ key, match: sweepMatch(route, page), frontend: undefined, priority: "sweep", signal }));
      counters.add("swept_pages");
    }
    return { takenAt, names: count.finish() };
  };

  const adopt = (key: KeyPolicy, census: Census): void => {
    const before = known.census(key.name)?.names ?? [];
    known.learn(key.name, census);
    const after = known.census(key.name)?.names;
    const gone = [...before].filter((name) => after?.has(name) === false);
    if (gone.length > 0) void purges.purge({ tags: gone.map(businessTag), hard: true });
  };

  /** @returns ms until the next look */
  const tend = async (key: KeyPolicy, route: Route, freshMs: number): Promise<number> => {
    const shared = await board.read(boardName(key));
    const newest = [shared, known.census(key.name)].reduce((a, b) => ((b?.takenAt ?? 0) > (a?.takenAt ?? 0) ? b : a), undefined);
    if (shared !== undefined && shared === newest) adopt(key, shared);
    const dueMs = newest === undefined ? 0 : newest.takenAt + freshMs - now();
    if (dueMs > 0) return dueMs;
    if (!(await board.takeLease(boardName(key)))) return LOOK_MS;
    try {
      const census = await sweep(key, route);
      adopt(key, census);
      await board.publish(boardName(key), census, freshMs);
      logger.info({ key: key.name, names: census.names.size }, "all stores are held");
      return freshMs;
    } finally {
      await board.dropLease(boardName(key));
    }
  };

  const run = async (key: KeyPolicy): Promise<void> => {
    const route = key.routes.find(({ template }) => template === BUSINESS_SEARCH.template);
    const freshMs = (singleBusinessRoute(key)?.lifetimes.freshSeconds ?? 0) * 1000;
    if (route === undefined || freshMs === 0) return;
    await board.opened;
    let failures = 0;
    while (!signal.aborted) {
      let pauseMs: number;
      try {
        pauseMs = await tend(key, route, freshMs);
        failures = 0;
      } catch (fault) {
        if (signal.aborted) return;
        pauseMs = Math.min(BACKOFF_MS.longest, BACKOFF_MS.first * 2 ** failures);
        failures += 1;
        logger.warn({ key: key.name, ...describe(fault), again_s: pauseMs / 1000 }, "sweep failed");
      }
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  };

  const running = Promise.all([...policy.keys.values()].filter(({ sweep: wanted }) => wanted).map(run));
  return {
    async close() {
      stopping.abort(new Problem("draining"));
      await running;
      await board.close();
    },
  };
}

function describe(fault: unknown): { readonly code: string; readonly reason?: string | undefined } {
  if (fault instanceof Problem) return { code: fault.code, reason: fault.reason };
  if (fault instanceof IncompleteSweep) return { code: "sweep-incomplete", reason: fault.message };
  return { code: "internal" };
}
