/** Reading all stores, page by page, at start and whenever they stop being fresh: 5,000 stores cost 50 calls. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Counters } from "../counters.ts";
import type { Logger } from "../log.ts";
import type { KeyPolicy, Policy, Route } from "../policy.ts";
import type { Breaker } from "./breaker.ts";
import type { Census, KnownStores } from "./known-stores.ts";
import type { PartooCall } from "./partoo-call.ts";
import type { PurgeLog } from "./purge-log.ts";
import { BUSINESS_SEARCH } from "../partoo/business.ts";
import { Problem } from "../problem.ts";
import { SWEEP_PAGE_SIZE, sweepMatch } from "../request/match.ts";
import { createCensusBoard } from "./census-board.ts";
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
  readonly purges: PurgeLog;
  readonly counters: Counters;
  readonly logger: Logger;
  /** undefined: each process sweeps for itself. */
  readonly redis: { readonly breaker: Breaker; readonly prefix: string } | undefined;
  /** Wall clock, ms. */
  readonly now?: () => number;
}

/** Begins with every key of the policy that has `sweep`, each at its own pace. */
export function startSweeper(options: SweeperOptions): Sweeper {
  const { policy, call, known, purges, counters, logger, redis, now = Date.now } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const board = createCensusBoard(redis);

  /** Every page once. @throws Problem; Error when the answer can't be a whole list */
  const sweep = async (key: KeyPolicy, route: Route): Promise<Census> => {
    const takenAt = now();
    const names = new Set<string>();
    let pages = 1;
    let mostPages = Number.POSITIVE_INFINITY;
    for (let page = 1; page <= pages; page += 1) {
      const answer = await call.sweep({ key, match: sweepMatch(route, page), frontend: undefined, priority: "sweep", signal });
      const { count, businesses } = answer;
      if (!Array.isArray(businesses) || typeof count !== "number" || count < 1 || businesses.length === 0) {
        throw new TypeError("a page of the sweep has no stores");
      }
      for (const name of businesses.flatMap(namesOfBusiness)) names.add(name);
      pages = Math.min(Math.ceil(count / SWEEP_PAGE_SIZE), mostPages);
      if (page === 1) mostPages = pages + 1;
      counters.add("swept_pages");
      await board.keepLease(key.name);
    }
    return { takenAt, names };
  };

  const adopt = (key: KeyPolicy, census: Census): void => {
    const before = known.census(key.name);
    const gone = [...(before?.names ?? [])].filter((name) => !census.names.has(name));
    if (gone.length > 0) void purges.purge({ tags: gone.map(businessTag), hard: true });
    known.learn(key.name, census);
  };

  /** @returns ms until the next look */
  const tend = async (key: KeyPolicy, route: Route, freshMs: number): Promise<number> => {
    const shared = await board.read(key.name);
    const newest = [shared, known.census(key.name)].reduce((a, b) => ((b?.takenAt ?? 0) > (a?.takenAt ?? 0) ? b : a), undefined);
    if (shared !== undefined && shared === newest) adopt(key, shared);
    const dueMs = newest === undefined ? 0 : newest.takenAt + freshMs - now();
    if (dueMs > 0) return dueMs;
    if (!(await board.takeLease(key.name))) return LOOK_MS;
    try {
      const census = await sweep(key, route);
      adopt(key, census);
      await board.publish(key.name, census, freshMs);
      logger.info({ key: key.name, names: census.names.size }, "all stores are held");
      return freshMs;
    } finally {
      await board.dropLease(key.name);
    }
  };

  const run = async (key: KeyPolicy): Promise<void> => {
    const route = key.routes.find(({ template }) => template === BUSINESS_SEARCH.template);
    const freshMs = (singleBusinessRoute(key)?.lifetimes.freshSeconds ?? 0) * 1000;
    if (route === undefined || freshMs === 0) return;
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
        logger.warn(
          { key: key.name, code: fault instanceof Problem ? fault.code : (fault as Error).name, again_s: pauseMs / 1000 },
          "sweep failed",
        );
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

function namesOfBusiness(business: unknown): readonly string[] {
  if (typeof business !== "object" || business === null) return [];
  const { id, code } = business as { id?: unknown; code?: unknown };
  return [...(typeof id === "string" ? [id] : []), ...(typeof code === "string" && code !== "" ? [`c-${code}`] : [])];
}
