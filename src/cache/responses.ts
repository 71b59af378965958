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
import { ageSeconds, ttlSeconds } from "./entry.ts";
import { createFlights } from "./flights.ts";
import { tagsOf } from "./partoo-call.ts";

/** How long a request waits for the refresh of a response that is stale for long. */
const REFRESH_WAIT_MS = 1000;
/** After a failed refresh: the first pause, and the longest. */
const BACKOFF_MS = { first: 5000, longest: 300_000 } as const;
/** Status in Cache-Status when no answer of Partoo says otherwise. */
const UNAVAILABLE = 503;

export interface Question {
  readonly frontend: Frontend;
  readonly match: RouteMatch;
  /** Asked for only when the request has to wait. */
  readonly waiter: () => Waiter;
}

/** What a request is answered with. */
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
  /** A fresh response that is held in memory comes at once. @throws Problem when there is neither a usable stored response nor an answer */
  find(question: Question): Reply | Promise<Reply>;
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

  const planOf = (key: string, { frontend, match }: Question, priority: Priority): FlightPlan<Fetched> => ({
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

  /** @returns the refreshed response, or why there is none. Never throws */
  const refresh = async (key: string, held: Held, question: Question): Promise<Fetched | Problem> => {
    const plan = planOf(key, question, refreshPriority(held, question));
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
    const asHeld = (cacheStatus: string): Reply => ({ entry, storedAs: held.key, cacheStatus, outcome: "stale" });
    const stale = asHeld(`partoo-bff; hit; ttl=${Math.min(-1, ttlSeconds(entry, now()))}`);
    const isAwaited = held.verdict === "outdated" || held.verdict === "named";
    const { backoff } = entry;
    const isPurgedSince = isAwaited && backoff !== undefined && purges.changedSince(backoff.failedAt, entry.tags);
    if (backoff !== undefined && now() < backoff.retryAt && !isPurgedSince) {
      counters.add("stale_without_refresh");
      return stale;
    }
    const refreshing = refresh(key, held, question);
    if (ageSeconds(entry, now()) < 2 * entry.freshSeconds && !isAwaited) return stale;
    const timer = new AbortController();
    const refreshed = await Promise.race([
      refreshing,
      sleep(REFRESH_WAIT_MS, undefined, { signal: timer.signal, ref: false }).catch(() => undefined),
    ]);
    timer.abort();
    if (refreshed === undefined) return asHeld(`partoo-bff; fwd=stale; fwd-status=${UNAVAILABLE}`);
    if (refreshed instanceof Problem) return asHeld(`partoo-bff; fwd=stale; fwd-status=${refreshed.upstreamStatus ?? UNAVAILABLE}`);
    return {
      entry: refreshed.entry,
      storedAs: storedAs(refreshed),
      cacheStatus: `partoo-bff; fwd=stale${suffix(refreshed)}`,
      outcome: "miss",
      quotaWaitMs: refreshed.quotaWaitMs,
    };
  };

  const findElsewhere = async (key: string, held: Held | undefined, question: Question): Promise<Reply> => {
    const { frontend, match, waiter } = question;
    if (held !== undefined) return counted(await answerStale(key, held, question), counters);
    const unknown = known.replyTo(frontend.key, match);
    if (unknown !== undefined) {
      counters.add("unknown_ids");
      return { entry: unknown, storedAs: undefined, cacheStatus: "partoo-bff; hit", outcome: "unknown" };
    }
    const { value, collapsed } = await flights.join(key, planOf(key, question, "miss"), waiter());
    const found = tiers.peek(key);
    if (found !== undefined && found.entry === value.entry && !found.fresh)
      return counted(await answerStale(key, found, question), counters);
    if (value.wasHeld) return hit(value, now(), counters);
    if (collapsed) counters.add("collapsed");
    else counters.add("misses");
    return {
      entry: value.entry,
      storedAs: storedAs(value),
      cacheStatus: `partoo-bff; fwd=miss${suffix(value)}${collapsed ? "; collapsed" : ""}`,
      outcome: "miss",
      quotaWaitMs: value.quotaWaitMs,
    };
  };

  return {
    find(question) {
      const { frontend, match } = question;
      const key = cacheKeys.of(frontend.key, match.route, match.target);
      const held = tiers.peek(key);
      return held?.fresh === true ? hit(held, now(), counters) : findElsewhere(key, held, question);
    },
  };
}

function counted(reply: Reply, counters: Counters): Reply {
  counters.add(reply.outcome === "stale" ? "stale_answers" : "misses");
  return reply;
}

function hit({ key, entry }: Pick<Held, "key" | "entry">, now: number, counters: Counters): Reply {
  counters.add("hits");
  if (entry.metadata !== undefined) counters.add("held_hits");
  return { entry, storedAs: key, cacheStatus: `partoo-bff; hit; ttl=${ttlSeconds(entry, now)}`, outcome: "hit" };
}

function storedAs({ key, stored }: Fetched): string | undefined {
  return stored ? key : undefined;
}

function suffix({ stored }: Fetched): string {
  return stored ? "; stored" : "";
}

/** Where all stores were purged at once the sweep brings them: one by one they must not take the budget that it waits for. */
function refreshPriority({ entry, verdict }: Held, { frontend }: Question): Priority {
  return verdict === "outdated" && entry.metadata !== undefined && frontend.key.sweep ? "operator" : "refresh";
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
