/** One attempt to book a call, in each of the three places where calls are counted. */
import type { Budget, Caps, Priority } from "./budget.ts";
import type { Lane } from "./lane.ts";
import type { Pacer } from "./pace.ts";
import type { Reply, WindowLog, WindowRules } from "./window.ts";
import { gapOf, lineOf } from "./budget.ts";
import { pace } from "./pace.ts";
import { book, cancel } from "./window.ts";

/** What is wanted, with the budget as the running policy cuts it. */
export interface Wish {
  readonly priority: Priority;
  readonly frontend: string | undefined;
  readonly budget: Budget;
  /** undefined: the frontend has no cap. */
  readonly caps: Caps | undefined;
  readonly maxWaitMs: number;
}

/** When the call goes by this process's clock, or how long until it could. */
export type Attempt = Booking | Refusal;

export interface Booking {
  readonly isBooked: true;
  readonly dueMs: number;
  /** Later than this it must not go. */
  readonly latestMs: number;
  readonly lane: Lane;
  readonly cancel: () => void;
}

export interface Refusal {
  readonly isBooked: false;
  /** For the log. */
  readonly because: string;
  /** May be infinite. */
  readonly retryInMs: number;
}

/** What a process has for booking. */
export interface Desk {
  readonly rules: WindowRules;
  readonly lateMs: number;
  readonly now: () => number;
}

/** A frontend with its cap in one of the three places. */
export function capOf({ frontend, caps }: Wish, place: keyof Caps): { cap: { frontend: string; count: number } } | undefined {
  return frontend === undefined || caps === undefined ? undefined : { cap: { frontend, count: caps[place] } };
}

/** Without Redis: the process's own log. */
export function bookAlone(wish: Wish, log: WindowLog, lane: Lane, { rules, lateMs, now }: Desk): Attempt {
  const cap = capOf(wish, "alone");
  const line = lineOf(wish.priority, wish.budget.alone);
  const { verdict, atMs, nowMs } = book(log, { take: true, line, maxWaitMs: wish.maxWaitMs, pauseMs: 0, ...cap }, now(), rules);
  if (verdict !== "booked") return { isBooked: false, because: verdict, retryInMs: atMs - nowMs };
  const undo = (): void => cancel(log, atMs, cap?.cap.frontend);
  return { isBooked: true, dueMs: atMs, latestMs: atMs + lateMs, lane, cancel: undo };
}

/** While the shared log can't be used: the process's own part, one call at a time. */
export function bookPaced(
  wish: Wish,
  { pacer, lane, pausedUntilMs }: { readonly pacer: Pacer; readonly lane: Lane; readonly pausedUntilMs: number },
  { rules, lateMs, now }: Desk,
): Attempt {
  const gap = (calls: number): number => gapOf(wish.priority, calls < 1 ? Number.POSITIVE_INFINITY : rules.windowMs / calls);
  const capped = capOf(wish, "own")?.cap;
  const cap = capped === undefined ? {} : { cap: { frontend: capped.frontend, gapMs: gap(capped.count) } };
  const nowMs = now();
  const {
    verdict,
    atMs,
    cancel: undo,
  } = pace(pacer, { gapMs: gap(wish.budget.own), maxWaitMs: wish.maxWaitMs, pausedUntilMs, ...cap }, nowMs);
  if (verdict !== "booked") return { isBooked: false, because: `${verdict}, set aside`, retryInMs: atMs - nowMs };
  return { isBooked: true, dueMs: atMs, latestMs: atMs + lateMs, lane, cancel: undo };
}

/**
 * What the shared log answered, by this process's clock. Redis booked some time after it was asked: counted from then, a call that is not
 * late by `latestMs` is not late by Redis's clock either.
 */
export function readShared(
  { verdict, atMs, nowMs }: Reply,
  { askedMs, lane, undo }: { readonly askedMs: number; readonly lane: Lane; readonly undo: () => void },
  { lateMs, now }: Desk,
): Attempt {
  const waitMs = atMs - nowMs;
  if (verdict !== "booked") return { isBooked: false, because: verdict, retryInMs: waitMs };
  return { isBooked: true, dueMs: now() + waitMs, latestMs: askedMs + waitMs + lateMs, lane, cancel: undo };
}
