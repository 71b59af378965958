/** Stage g: an answer from what is held where that is possible, and one call for everybody who waits where it is not. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Counters } from "../counters.ts";
import type { Frontend } from "../policy.ts";
import type { Priority } from "../quota/governor.ts";
import type { RouteMatch } from "../request/match.ts";
import type { CacheKeys } from "./cache-key.ts";
import type { StoredResponse } from "./entry.ts";
import type { FlightPlan, Waiter } from "./flights.ts";
import type { KnownStores } from "./known-stores.ts";
import type { MemoryTier } from "./memory-tier.ts";
import type { Fetched, PartooCall } from "./partoo-call.ts";
import type { PurgeLog } from "./purge-log.ts";
import type { PurgePoint } from "./purge-marks.ts";
import type { Held, Tiers } from "./tiers.ts";
import { Problem, problem } from "../problem.ts";
import { businessMatch } from "../request/match.ts";
import { ageSeconds, ttlSeconds } from "./entry.ts";
import { createFlights } from "./flights.ts";
import { createHits } from "./hits.ts";
import { tagsOf } from "./partoo-call.ts";

/** How long a request waits for the refresh of a response that is stale for long. */
const REFRESH_WAIT_MS = 1000;
/** After a failed refresh: the first pause, and the longest. */
const BACKOFF_MS = { first: 5000, longest: 300_000 } as const;
/** Status in Cache-Status when no answer of Partoo says otherwise. */
const UNAVAILABLE = 503;

/** What is asked for. */
export interface Wanted {
  readonly frontend: Frontend;
  readonly match: RouteMatch;
}

export interface Question extends Wanted {
  /** Asked for only when the request has to wait. */
  readonly waiter: () => Waiter;
}

/** What a request is answered with. The same object for hits of an entry within the same second of its life. */
export interface Reply {
  readonly entry: StoredResponse;
  /** Where the entry is stored; undefined: nowhere. */
  readonly storedAs: string | undefined;
  /** Value of Cache-Status (RFC 9211). */
  readonly cacheStatus: string;
  /** One word for the log. */
  readonly outcome: "hit" | "stale" | "miss" | "unknown";
  /** How long the call behind it waited for the organization's quota, if one was made. */
  readonly quotaWaitMs?: number | undefined;
}

export interface Responses {
  /** A fresh stored response, if memory holds one: what most requests get, and nothing is waited for. */
  peek(wanted: Wanted): Reply | undefined;
  /** @throws Problem when there is neither a usable stored response nor an answer */
  find(question: Question): Promise<Reply>;
}

export interface ResponsesOptions {
  readonly tiers: Tiers;
  readonly memory: MemoryTier;
  readonly cacheKeys: CacheKeys;
  readonly purges: PurgeLog;
  readonly call: PartooCall;
  readonly known: KnownStores;
  readonly counters: Counters;
  /** Wall clock, ms. */
  readonly now?: () => number;
}

export function createResponses(options: ResponsesOptions): Responses {
  const { tiers, memory, cacheKeys, purges, call, known, counters, now = Date.now } = options;
  const flights = createFlights<Fetched>();
  const hits = createHits();
  const countHit = (reply: Reply): Reply => {
    counters.add("hits");
    if (reply.entry.metadata !== undefined) counters.add("held_hits");
    return reply;
  };
  const hit = (held: Pick<Held, "key" | "entry">): Reply => countHit(hits.make(held, { now: now(), point: purges.currentPoint() }));

  const planOf = (key: string, { frontend, match }: Wanted, priority: Priority): FlightPlan<Fetched> => ({
    startedAt: purges.currentPoint(),
    isOutdated: (startedAt) => purges.changedSince(startedAt, tagsOf(frontend.key, match)),
    look: async () => {
      const held = await tiers.fetch(key);
      if (held === undefined || (priority !== "miss" && !held.fresh)) return undefined;
      counters.add("second_tier_hits");
      return { ...held, stored: true, ...(held.fresh && { wasHeld: true }) };
    },
    call: (signal) => call.fetch({ key: frontend.key, match, frontend, priority, signal }),
  });

  /** By whichever of its names it is asked for, what is stored is refreshed once. @returns the new one, or why there is none. Never throws */
  const refresh = async (held: Held, question: Question): Promise<Fetched | Problem> => {
    const { frontend, match } = question;
    const { key, entry } = held;
    const own = entry.metadata === undefined ? match : businessMatch(match.route, entry.metadata.id);
    const plan = planOf(key, { frontend, match: own }, "refresh");
    let isOurs = false;
    const begin = (signal: AbortSignal): Promise<Fetched> => {
      isOurs = true;
      counters.add("refreshes");
      return plan.call(signal);
    };
    try {
      return await flights.launch(key, { ...plan, call: begin });
    } catch (fault) {
      counters.add("refreshes_failed");
      backOff(memory, held, { now: now(), failedAt: purges.currentPoint() });
      return fault instanceof Problem ? fault : problem("internal", { cause: fault });
    } finally {
      if (!isOurs) counters.add("stale_without_refresh");
    }
  };

  const answerStale = async (key: string, held: Held, question: Question): Promise<Reply> => {
    const { entry } = held;
    const asHeld = (cacheStatus: string): Reply => {
      counters.add("stale_answers");
      return { entry, storedAs: held.key, cacheStatus, outcome: "stale" };
    };
    const stale = (): Reply => asHeld(`partoo-bff; hit; ttl=${Math.min(-1, ttlSeconds(entry, now()))}`);
    const isAwaited = held.verdict === "outdated" || held.verdict === "named";
    const { backoff } = entry;
    const isPurgedSince = isAwaited && backoff !== undefined && purges.changedSince(backoff.failedAt, entry.tags);
    if (backoff !== undefined && now() < backoff.retryAt && !isPurgedSince) {
      counters.add("stale_without_refresh");
      return stale();
    }
    const refreshing = refresh(held, question);
    if (ageSeconds(entry, now()) < 2 * entry.freshSeconds && !isAwaited) return stale();
    const timer = new AbortController();
    const refreshed = await Promise.race([
      refreshing,
      sleep(REFRESH_WAIT_MS, undefined, { signal: timer.signal, ref: false }).catch(() => undefined),
    ]);
    timer.abort();
    if (refreshed === undefined) return asHeld(`partoo-bff; fwd=stale; fwd-status=${UNAVAILABLE}`);
    if (refreshed instanceof Problem) return asHeld(`partoo-bff; fwd=stale; fwd-status=${refreshed.upstreamStatus ?? UNAVAILABLE}`);
    // The store has another code by now, or is no more: whether another one has this code, Partoo knows.
    if (key !== held.key && tiers.peek(key) === undefined) return answerMiss(key, question);
    counters.add("misses");
    return {
      entry: refreshed.entry,
      storedAs: storedAs(refreshed),
      cacheStatus: `partoo-bff; fwd=stale${suffix(refreshed)}`,
      outcome: "miss",
      quotaWaitMs: refreshed.quotaWaitMs,
    };
  };

  const answerMiss = async (key: string, question: Question): Promise<Reply> => {
    const { value, collapsed } = await flights.join(key, planOf(key, question, "miss"), question.waiter());
    const found = tiers.peek(key);
    if (found !== undefined && found.entry === value.entry && !found.fresh) return answerStale(key, found, question);
    if (value.wasHeld) return hit(value);
    counters.add(collapsed ? "collapsed" : "misses");
    return {
      entry: value.entry,
      storedAs: storedAs(value),
      cacheStatus: `partoo-bff; fwd=miss${suffix(value)}${collapsed ? "; collapsed" : ""}`,
      outcome: "miss",
      quotaWaitMs: value.quotaWaitMs,
    };
  };

  return {
    peek({ frontend, match }) {
      const key = cacheKeys.ofMatch(frontend.key, match);
      const made = hits.find(memory.get(key), { now: now(), point: purges.currentPoint() });
      if (made !== undefined) return countHit(made);
      const held = tiers.peek(key);
      return held?.fresh === true ? hit(held) : undefined;
    },
    async find(question) {
      const { frontend, match } = question;
      const key = cacheKeys.ofMatch(frontend.key, match);
      const held = tiers.peek(key);
      if (held?.fresh === true) return hit(held);
      if (held !== undefined) return answerStale(key, held, question);
      const unknown = known.replyTo(frontend.key, match);
      if (unknown !== undefined) {
        counters.add("unknown_ids");
        return { entry: unknown, storedAs: undefined, cacheStatus: "partoo-bff; hit", outcome: "unknown" };
      }
      return answerMiss(key, question);
    },
  };
}

function storedAs({ key, stored }: Fetched): string | undefined {
  return stored ? key : undefined;
}

function suffix({ stored }: Fetched): string {
  return stored ? "; stored" : "";
}

/** Each failure doubles the pause, with jitter, so that instances and entries do not knock together. */
function backOff(
  memory: MemoryTier,
  { key, entry }: Held,
  { now, failedAt }: { readonly now: number; readonly failedAt: PurgePoint },
): void {
  const failures = (entry.backoff?.failures ?? 0) + 1;
  const pause = Math.min(BACKOFF_MS.longest, BACKOFF_MS.first * 2 ** (failures - 1)) * (0.9 + Math.random() * 0.2);
  if (memory.get(key)?.hash === entry.hash) memory.set(key, { ...entry, backoff: { failures, retryAt: now + pause, failedAt } });
}
