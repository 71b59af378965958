/** How many calls to Partoo ended how, how long they took, and how long they waited for their turn, since the process started. */
import type { Counters } from "./counters.ts";
import type { Histogram, HistogramReading } from "./histogram.ts";
import type { Priority } from "./quota/governor.ts";
import { createHistogram } from "./histogram.ts";
import { Problem } from "./problem.ts";

/**
 * `limited`: 429. `refused`: Partoo refuses our key or request. `retried`: failed in a way that may pass, and was tried once more.
 * `abandoned`: nobody waited for the answer any more, or the process stopped.
 */
export type CallOutcome = "ok" | "not-found" | "limited" | "refused" | "failed" | "timeout" | "retried" | "abandoned";

const FAILURES: ReadonlySet<CallOutcome> = new Set(["limited", "refused", "failed", "timeout", "retried"]);
const CALL_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** A miss waits 2 s at most, a sweep for as long as it takes. */
const WAIT_SECONDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60];

/** One request to Partoo after the other, on behalf of one caller. */
export interface CallRecord {
  /** Waits for the turn, and counts the call when it has come. @throws what `turn` throws */
  admitted(turn: Promise<void>): Promise<void>;
  /** How long its turns took to come, all together. */
  waitedMs(): number;
  /** An answer that can be used. */
  succeeded(): void;
  /** @param fault what it failed with; when no call was made it counts for nothing */
  failed(fault: unknown): void;
}

export interface CallTally {
  open(organization: string, priority: Priority): CallRecord;
  calls(): readonly { readonly organization: string; readonly outcome: CallOutcome; readonly count: number }[];
  durations(): readonly { readonly organization: string; readonly reading: HistogramReading }[];
  waits(): readonly { readonly organization: string; readonly priority: Priority; readonly reading: HistogramReading }[];
}

/** @param now milliseconds of a clock that never goes back */
export function createCallTally(counters: Counters, now: () => number = () => performance.now()): CallTally {
  const calls = new Map<string, { readonly organization: string; readonly outcome: CallOutcome; count: number }>();
  const durations = new Map<string, { readonly organization: string; readonly histogram: Histogram }>();
  const waits = new Map<string, { readonly organization: string; readonly priority: Priority; readonly histogram: Histogram }>();

  const ended = (organization: string, outcome: CallOutcome, seconds: number): void => {
    const line = known(calls, `${organization} ${outcome}`, () => ({ organization, outcome, count: 0 }));
    line.count += 1;
    known(durations, organization, () => ({ organization, histogram: createHistogram(CALL_SECONDS) })).histogram.observe(seconds);
    if (FAILURES.has(outcome)) counters.add("calls_failed");
  };
  const waited = (organization: string, priority: Priority, seconds: number): void => {
    const create = () => ({ organization, priority, histogram: createHistogram(WAIT_SECONDS) });
    known(waits, `${organization} ${priority}`, create).histogram.observe(seconds);
  };

  return {
    open(organization, priority) {
      let sentAt: number | undefined;
      let waitedMs = 0;
      const end = (outcome: CallOutcome): void => {
        if (sentAt !== undefined) ended(organization, outcome, (now() - sentAt) / 1000);
        sentAt = undefined;
      };
      return {
        async admitted(turn) {
          end("retried");
          const askedAt = now();
          await turn;
          sentAt = now();
          waitedMs += sentAt - askedAt;
          waited(organization, priority, (sentAt - askedAt) / 1000);
          counters.add("calls");
        },
        waitedMs: () => waitedMs,
        succeeded: () => end("ok"),
        failed: (fault) => end(outcomeOf(fault)),
      };
    },
    calls: () => [...calls.values()],
    durations: () => [...durations.values()].map(({ histogram, ...labels }) => ({ ...labels, reading: histogram.read() })),
    waits: () => [...waits.values()].map(({ histogram, ...labels }) => ({ ...labels, reading: histogram.read() })),
  };
}

function known<T>(map: Map<string, T>, key: string, create: () => T): T {
  const found = map.get(key) ?? create();
  map.set(key, found);
  return found;
}

function outcomeOf(fault: unknown): CallOutcome {
  if (!(fault instanceof Problem) || fault.code === "draining") return "abandoned";
  if (fault.upstreamStatus === 429) return "limited";
  if (fault.code === "not-found") return "not-found";
  if (fault.code === "upstream-refused") return "refused";
  return fault.code === "upstream-timeout" ? "timeout" : "failed";
}
