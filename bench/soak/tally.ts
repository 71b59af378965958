/** What became of every request: counts by time and outcome, and how long answers took. */
import type { RawAnswer } from "./connection.ts";
import type { Target } from "./targets.ts";

/** Seconds of one slot of time. */
export const SLOT_SECONDS = 10;
/** A request that leaves later than this after its time is late: the load, not the proxies, was too slow. */
const LATE_MS = 50;

/** Requests that were due in one slot and came to the same end. */
export interface Cell {
  readonly slot: number;
  readonly kind: Target["kind"];
  /** 0: no answer. */
  readonly status: number;
  /** For 2xx what the cache did, else the problem's code. */
  readonly outcome: string;
  count: number;
}

/** Milliseconds from the time a request was due to its last byte. */
export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** All that one load measured. */
export interface LoadResult {
  readonly cells: readonly Cell[];
  /** By minute, answers of all kinds. */
  readonly latencies: readonly Latency[];
  readonly due: number;
  /** Left more than 50 ms after their time. */
  readonly late: number;
  readonly worstLatenessMs: number;
  readonly connections: number;
}

export interface Tally {
  /** @param latenessMs how long after its time it left */
  sent(latenessMs: number): void;
  /** `dueMs` since the start, `tookMs` since it was due. */
  answered(request: { readonly dueMs: number; readonly kind: Target["kind"]; readonly tookMs: number }, answer: RawAnswer): void;
  /** Requests without an answer so far. */
  waiting(): number;
  cells(): readonly Cell[];
  result(connections: number): LoadResult;
}

export function createTally(): Tally {
  const cells = new Map<string, Cell>();
  const took: number[][] = [];
  let [due, done, late, worstLatenessMs] = [0, 0, 0, 0];
  return {
    sent(latenessMs) {
      due += 1;
      if (latenessMs > LATE_MS) late += 1;
      worstLatenessMs = Math.max(worstLatenessMs, latenessMs);
    },
    answered({ dueMs, kind, tookMs }, answer) {
      done += 1;
      const [slot, outcome] = [Math.floor(dueMs / 1000 / SLOT_SECONDS), outcomeOf(answer)];
      const name = `${slot} ${kind} ${answer.status} ${outcome}`;
      const cell = cells.get(name);
      if (cell === undefined) cells.set(name, { slot, kind, status: answer.status, outcome, count: 1 });
      else cell.count += 1;
      (took[Math.floor(dueMs / 60_000)] ??= []).push(tookMs);
    },
    waiting: () => due - done,
    cells: () => [...cells.values()],
    result: (connections) => ({
      cells: [...cells.values()],
      latencies: took.map(latencyOf),
      due,
      late,
      worstLatenessMs,
      connections,
    }),
  };
}

function outcomeOf({ status, head, content }: RawAnswer): string {
  if (status === 0) return head;
  if (status > 299) return /"code":"([a-z-]+)"/.exec(content)?.[1] ?? "no code";
  return cacheOutcome(/\r\ncache-status: ([^\r]*)/i.exec(head)?.[1] ?? "");
}

/** The Cache-Status field (RFC 9211) in a few words. */
function cacheOutcome(field: string): string {
  if (/; hit; ttl=-/.test(field)) return "stale";
  if (/; hit/.test(field)) return "hit";
  if (/; collapsed/.test(field)) return "collapsed";
  if (/; fwd=miss/.test(field)) return "miss";
  if (/; fwd=stale; fwd-status/.test(field)) return "stale, refresh failed";
  if (/; fwd=stale/.test(field)) return "refreshed";
  return "none";
}

/** Nearest rank. */
function latencyOf(times: readonly number[]): Latency {
  const sorted = Float64Array.from(times).toSorted();
  const rank = (part: number): number => sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN;
  return { p50Ms: rank(0.5), p99Ms: rank(0.99) };
}
