/**
 * The booking of calls on a list of times: pure, with the time passed in. The script in Redis does the same (book-script.ts), and a
 * process without Redis keeps such a list of its own.
 *
 * Every entry is the time at which a call goes. A new call goes at the latest of: now; the newest entry (order is arrival); and one
 * window after the N-th newest entry, so that no window holds more than N. The list is never cut to N entries: after a cancelled
 * booking the older ones count again.
 *
 * A log knows when it was born and on which server. One that is younger than `youthMs` books nothing: its predecessor may have been
 * lost with calls in it that still count.
 */

/** What all calls of one log have in common. Milliseconds. */
export interface WindowRules {
  /** How long a call counts from its admission. */
  readonly windowMs: number;
  /** A log younger than this books nothing. 0: books from the start. */
  readonly youthMs: number;
  /** No booking of anybody lies further ahead. */
  readonly horizonMs: number;
  /** An entry further ahead than `horizonMs` by more than this shows that the clock was set back: the log begins anew. */
  readonly clockStepMs: number;
}

export interface Question {
  /** false: nothing is booked, only the state is told. */
  readonly take: boolean;
  /** N: so many calls in a window, this one included. */
  readonly line: number;
  /** Refused when it would have to wait longer. At most `horizonMs`. */
  readonly maxWaitMs: number;
  /** The cap of a frontend in the same window; a call beyond it is refused whatever it would wait. */
  readonly cap?: { readonly frontend: string; readonly count: number };
  /** Nobody goes for so long from now. 0: no pause. */
  readonly pauseMs: number;
}

export type Verdict = "looked" | "booked" | "budget" | "share" | "pause" | "young";

/** Times are those of the log's clock. */
export interface Reply {
  readonly verdict: Verdict;
  readonly nowMs: number;
  /** When the call goes, or could have gone; `nowMs` after a look. */
  readonly atMs: number;
  /** Entries that count now, those to come included. */
  readonly used: number;
  readonly pausedMs: number;
  /** Until the log books. */
  readonly youngMs: number;
}

export interface WindowLog {
  birthMs: number;
  readonly server: string;
  pausedUntilMs: number;
  /** Sorted. */
  times: number[];
  readonly frontends: Map<string, number[]>;
}

/** Partoo's longest pause that is believed; a longer one in a log is a clock that was set back. */
export const MAX_PAUSE_MS = 300_000;

/** A call forgets at most so many old entries, so that no call is slow. */
const FORGET_AT_ONCE = 32;

export function createWindowLog(birthMs: number, server = "-"): WindowLog {
  return { birthMs, server, pausedUntilMs: 0, times: [], frontends: new Map() };
}

/** The log as it may be used at this time on this server: itself, or a new one when there is none, or when it can't be trusted. */
export function soundLog(log: WindowLog | undefined, server: string, nowMs: number, rules: WindowRules): WindowLog {
  if (log === undefined) return createWindowLog(nowMs, server);
  if (log.pausedUntilMs > nowMs + MAX_PAUSE_MS) log.pausedUntilMs = 0;
  const isStrange = log.server !== server || log.birthMs > nowMs + rules.clockStepMs || isAhead(log.times, nowMs, rules);
  if (!isStrange) return log;
  const fresh = createWindowLog(nowMs, server);
  fresh.pausedUntilMs = log.pausedUntilMs;
  for (const [frontend, times] of log.frontends) fresh.frontends.set(frontend, times);
  return fresh;
}

/** Answers one question and books the call if it may go. Changes the log. */
export function book(log: WindowLog, question: Question, nowMs: number, rules: WindowRules): Reply {
  if (question.pauseMs > 0) log.pausedUntilMs = Math.max(log.pausedUntilMs, nowMs + question.pauseMs);
  forget(log.times, nowMs - rules.windowMs);
  const youngMs = Math.max(0, log.birthMs + rules.youthMs - nowMs);
  const reply = (verdict: Verdict, atMs: number): Reply => ({
    verdict,
    nowMs,
    atMs,
    used: log.times.length,
    pausedMs: Math.max(0, log.pausedUntilMs - nowMs),
    youngMs,
  });
  if (!question.take) return reply("looked", nowMs);
  if (youngMs > 0) return reply("young", nowMs + youngMs);

  const atMs = Math.max(nowMs, log.pausedUntilMs, log.times.at(-1) ?? 0, freeAt(log.times, question.line, nowMs, rules));
  if (atMs - nowMs > question.maxWaitMs) return reply(log.pausedUntilMs - nowMs > question.maxWaitMs ? "pause" : "budget", atMs);
  if (question.cap !== undefined) {
    const times = frontendTimes(log, question.cap.frontend, nowMs, rules);
    const capFreeAt = freeAt(times, question.cap.count, nowMs, rules);
    if (capFreeAt > atMs) return reply("share", capFreeAt);
    times.push(atMs);
  }
  log.times.push(atMs);
  return reply("booked", atMs);
}

/** Takes back a booking whose call was never sent. Equal times are alike: any one of them may go. */
export function cancel(log: WindowLog, atMs: number, frontend?: string): void {
  removeOne(log.times, atMs);
  if (frontend !== undefined) removeOne(log.frontends.get(frontend) ?? [], atMs);
}

/** When one more call would be the `count`-th of its window at most. */
function freeAt(times: readonly number[], count: number, nowMs: number, { windowMs }: WindowRules): number {
  if (count < 1) return nowMs + windowMs;
  const nth = times[times.length - count];
  return nth === undefined ? 0 : nth + windowMs;
}

function frontendTimes(log: WindowLog, frontend: string, nowMs: number, rules: WindowRules): number[] {
  let times = log.frontends.get(frontend) ?? [];
  if (isAhead(times, nowMs, rules)) times = [];
  forget(times, nowMs - rules.windowMs);
  log.frontends.set(frontend, times);
  return times;
}

function isAhead(times: readonly number[], nowMs: number, { horizonMs, clockStepMs }: WindowRules): boolean {
  return (times.at(-1) ?? 0) > nowMs + horizonMs + clockStepMs;
}

function forget(times: number[], untilMs: number): void {
  let gone = 0;
  while (gone < FORGET_AT_ONCE && (times[gone] ?? Number.POSITIVE_INFINITY) <= untilMs) gone += 1;
  if (gone > 0) times.splice(0, gone);
}

function removeOne(times: number[], time: number): void {
  const at = times.lastIndexOf(time);
  if (at >= 0) times.splice(at, 1);
}
