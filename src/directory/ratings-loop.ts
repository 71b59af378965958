/** Ratings of all directories that may show them: read once in the freshness lifetime of their route, by one process. 5,000 stores are 51 calls. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Policy } from "../policy.ts";
import type { RatingsTakerOptions } from "./ratings-taker.ts";
import { Problem } from "../problem.ts";
import { createRatingsTaker } from "./ratings-taker.ts";

const LOOK_MS = 1000;

export interface RatingsLoop {
  /** Ends what is under way. */
  close(): Promise<void>;
}

export interface RatingsLoopOptions extends Omit<RatingsTakerOptions, "signal" | "now"> {
  /** The running one. */
  readonly policy: () => Policy;
}

export function startRatings({ policy, ...options }: RatingsLoopOptions): RatingsLoop {
  const stopping = new AbortController();
  const { signal } = stopping;
  const taker = createRatingsTaker({ ...options, signal, now: Date.now });
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await sleep(LOOK_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await Promise.all([...policy().keys.values()].map((key) => taker.look(key)));
    }
  };
  const running = run();
  return {
    async close() {
      stopping.abort(new Problem("draining"));
      await running;
    },
  };
}
