/** What arrived at the sandbox: the numbers that tests and the demo read to know what really was called. */
import type { SlidingLog } from "./sliding-log.ts";
import { createSlidingLog } from "./sliding-log.ts";

/** The answer of `GET /_sandbox/counters`. Calls of `/_sandbox/…` itself are not in it. */
export interface Counters {
  /** All calls, whatever became of them. */
  readonly calls: number;
  /** Calls answered 429. */
  readonly limited: number;
  /** The most calls with a good key that one organization made in any window, refused ones included. */
  readonly max_rolling_minute: number;
  /** Calls by path as it arrived, not decoded, without query. */
  readonly by_path: Readonly<Record<string, number>>;
}

export interface CallCounter {
  /** A call arrived; `path` as in the request line, `call` its method and whole target. */
  arrived(path: string, call: string): void;
  /** Method and target of the last calls, queries included, oldest first. */
  lastCalls(): readonly string[];
  /** It carried a good key of this organization. */
  identified(organization: number): void;
  limited(): void;
  read(): Counters;
  reset(): void;
}

const MAX_LAST_CALLS = 1000;
/** Paths counted by name; what comes after them is counted together. */
const MAX_PATHS = 100_000;

/** @param now milliseconds of the wall clock */
export function createCallCounter(windowMs: number, now: () => number): CallCounter {
  let calls = 0;
  let limited = 0;
  let most = 0;
  const byPath = new Map<string, number>();
  let last: string[] = [];
  const logs = new Map<number, SlidingLog>();
  const logOf = (organization: number): SlidingLog => {
    const known = logs.get(organization) ?? createSlidingLog(windowMs);
    logs.set(organization, known);
    return known;
  };
  return {
    arrived: (path, call) => {
      calls += 1;
      if (last.push(call) > 2 * MAX_LAST_CALLS) last = last.slice(-MAX_LAST_CALLS);
      const name = byPath.size < MAX_PATHS || byPath.has(path) ? path : "(further paths)";
      byPath.set(name, (byPath.get(name) ?? 0) + 1);
    },
    identified: (organization) => {
      const at = now();
      const log = logOf(organization);
      log.push(at);
      most = Math.max(most, log.count(at));
    },
    lastCalls: () => last.slice(-MAX_LAST_CALLS),
    limited: () => void (limited += 1),
    read: () => ({ calls, limited, max_rolling_minute: most, by_path: Object.fromEntries(byPath) }),
    reset: () => {
      calls = limited = most = 0;
      last = [];
      byPath.clear();
      logs.clear();
    },
  };
}
