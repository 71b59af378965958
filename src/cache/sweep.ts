/** Reading all stores, page by page, at start, before they stop being fresh, and when they were purged: 5,000 stores cost 50 calls. */
import { setTimeout as sleep } from "node:timers/promises";
import type { KeyPolicy, Policy } from "../policy.ts";
import type { Breaker } from "./breaker.ts";
import type { CensusTakerOptions } from "./census-taker.ts";
import { BUSINESS_BY_ID, BUSINESS_SEARCH } from "../partoo/business.ts";
import { Problem } from "../problem.ts";
import { createCensusBoard } from "./census-board.ts";
import { createCensusTaker, freshSecondsOf } from "./census-taker.ts";
import { IncompleteSweep } from "./head-count.ts";
import { TAG_ALL, keyTag, routeTag } from "./tags.ts";

const BACKOFF_MS = { first: 5000, longest: 300_000 } as const;

export interface Sweeper {
  /** Ends what is under way. */
  close(): Promise<void>;
}

export interface SweeperOptions extends Omit<CensusTakerOptions, "board" | "signal" | "now"> {
  readonly policy: Policy;
  /** undefined: each process sweeps for itself. */
  readonly redis: { readonly breaker: Breaker; readonly prefix: string } | undefined;
  /** Redis is there and its purges are known, or that has taken too long. What is stored before is stale for other processes. */
  readonly opened: Promise<void>;
  /** Wall clock, ms. */
  readonly now?: () => number;
}

/** Begins with every key of the policy that has `sweep`, each at its own pace. */
export function startSweeper({ policy, redis, opened, now = Date.now, ...options }: SweeperOptions): Sweeper {
  const { logger, purges, claims } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const board = createCensusBoard(redis);
  const taker = createCensusTaker({ ...options, board, signal, now });

  const run = async (key: KeyPolicy): Promise<void> => {
    const search = key.routes.find(({ template }) => template === BUSINESS_SEARCH.template);
    if (search === undefined || freshSecondsOf(key) === 0) return;
    await opened;
    let emptiedAt = 0;
    let pause = new AbortController();
    const stopListening = purges.onPurge(({ tags }) => {
      if (!isWhole(key, tags)) return;
      emptiedAt = now();
      pause.abort();
    });
    for (let failures = 0; !signal.aborted;) {
      pause = new AbortController();
      let pauseMs: number;
      try {
        pauseMs = await taker.look(key, search, emptiedAt);
        failures = 0;
      } catch (fault) {
        if (signal.aborted) break;
        pauseMs = Math.min(BACKOFF_MS.longest, BACKOFF_MS.first * 2 ** failures);
        failures += 1;
        logger.warn({ key: key.name, ...describe(fault), again_s: pauseMs / 1000 }, "sweep failed");
      }
      await sleep(pauseMs, undefined, { signal: AbortSignal.any([signal, pause.signal]), ref: false }).catch(() => undefined);
    }
    stopListening();
    claims.set(key, false);
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

/** Whether a purge took all that the key holds of stores. Redis that was emptied or replaced counts as one. */
function isWhole(key: KeyPolicy, tags: readonly string[]): boolean {
  return [TAG_ALL, keyTag(key.name), routeTag(BUSINESS_BY_ID.template)].some((tag) => tags.includes(tag));
}

function describe(fault: unknown): { readonly code: string; readonly reason?: string | undefined } {
  if (fault instanceof Problem) return { code: fault.code, reason: fault.reason };
  if (fault instanceof IncompleteSweep) return { code: "sweep-incomplete", reason: fault.message };
  return { code: "internal" };
}
