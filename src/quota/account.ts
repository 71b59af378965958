/** The budget of one organization in this process: chooses where a call is booked, waits for its time, and books anew what came too late. */
import type { Logger } from "../log.ts";
import type { Organization } from "../policy.ts";
import type { Budget, Caps, Priority } from "./budget.ts";
import type { Lane } from "./lane.ts";
import type { SharedLog } from "./shared-log.ts";
import type { FrontendTally } from "./tally.ts";
import type { Question, Reply, WindowRules } from "./window.ts";
import { problem } from "../problem.ts";
import { budgetOf, capsOf, gapOf, lineOf } from "./budget.ts";
import { createLane } from "./lane.ts";
import { createPacer, pace } from "./pace.ts";
import { createTally } from "./tally.ts";
import { book, cancel, createWindowLog, MAX_PAUSE_MS } from "./window.ts";

export interface AdmitRequest {
  readonly organization: string;
  /** Whose call it is; undefined: our own. */
  readonly frontend?: string;
  /** The most of L that this frontend may spend, 0 to 1. Default 1. */
  readonly share?: number;
  readonly priority: Priority;
  /** Aborted when the call is not wanted any more: admit() throws its reason. */
  readonly signal?: AbortSignal;
}

/** `redis`: the shared log. `local`: no Redis is configured. `set-aside`: Redis can't be used, or its log is young. */
export type QuotaMode = "redis" | "local" | "set-aside";

export interface QuotaState {
  readonly organization: string;
  readonly mode: QuotaMode;
  /** L, calls a window. */
  readonly budget: number;
  /** The part of L that is to be had in this mode: by all processes together (redis), or by this one. */
  readonly available: number;
  /** Calls that count now: of all processes (redis, at the last look), or of this one. */
  readonly used: number;
  /** Callers of this process who wait for their turn. */
  readonly waiting: number;
  /** Since the start, in this process. */
  readonly admitted: number;
  readonly refused: number;
  /** Until Partoo may be called again; 0: no pause. */
  readonly pausedSeconds: number;
  /** Until a young log books; 0: it does. */
  readonly youngSeconds: number;
  readonly frontends: ReadonlyMap<string, FrontendTally>;
}

export interface AccountOptions {
  readonly name: string;
  /** undefined: no Redis is configured. */
  readonly shared: SharedLog | undefined;
  readonly rules: WindowRules;
  readonly maxWaitMs: number;
  /** A call that would go later than this after its booked time is booked anew. */
  readonly lateMs: number;
  readonly startedMs: number;
  readonly now: () => number;
  readonly logger: Logger;
}

export interface Account {
  admit(organization: Organization, request: AdmitRequest): Promise<void>;
  pause(milliseconds: number): Promise<void>;
  /** Asks Redis how things are: begins a log where there is none, hands on a pause, brings `used` up to date. */
  look(): Promise<void>;
  state(organization: Organization): QuotaState;
  close(reason: unknown): void;
}

/** One attempt: when the call goes by this process's clock, or how long until it could. */
type Attempt =
  | { readonly booked: true; readonly dueMs: number; readonly lateAtMs: number; readonly lane: Lane; readonly cancel: () => void }
  | { readonly booked: false; readonly because: string; readonly retryInMs: number };

interface Wish {
  readonly budget: Budget;
  readonly caps: Caps | undefined;
  readonly request: AdmitRequest;
  readonly maxWaitMs: number;
}

export function createAccount(options: AccountOptions): Account {
  const { name, shared, rules, now, lateMs, logger } = options;
  const { windowMs } = rules;
  const pacer = createPacer(options.startedMs);
  const ownLog = createWindowLog(Number.NEGATIVE_INFINITY);
  const lanes = { log: createLane(now), pace: createLane(now) };
  const tally = createTally(windowMs, now);
  const closing = new AbortController();
  let mode: QuotaMode = shared === undefined ? "local" : "set-aside";
  let last: Reply | undefined;
  let pausedUntil = 0;
  /** A pause that Redis has not heard of yet. */
  let unsentPause = 0;

  const ask = async (question: Omit<Question, "pauseMs">): Promise<Reply | undefined> => {
    const pauseMs = Math.max(0, Math.ceil(unsentPause - now()));
    const reply = await shared?.ask(name, { ...question, pauseMs });
    mode = reply !== undefined && reply.youngMs === 0 ? "redis" : "set-aside";
    if (reply === undefined) return undefined;
    if (pauseMs > 0) unsentPause = 0;
    pausedUntil = Math.max(pausedUntil, now() + reply.pausedMs);
    reportYouth(last, reply);
    last = reply;
    return reply;
  };
  const reportYouth = (before: Reply | undefined, { youngMs }: Reply): void => {
    if (youngMs === 0 || (before?.youngMs ?? 0) >= youngMs) return;
    const seconds = Math.ceil(youngMs / 1000);
    logger.warn(
      { quota: "young", organization: name, seconds },
      "the shared log of calls is new; until it is a minute old little is spent",
    );
  };

  const bookAlone = ({ budget, caps, request, maxWaitMs }: Wish): Attempt => {
    const cap = capOf(request, caps?.alone);
    const question: Question = { take: true, line: lineOf(request.priority, budget.alone), maxWaitMs, pauseMs: 0, ...cap };
    const { verdict, atMs, nowMs } = book(ownLog, question, now(), rules);
    if (verdict !== "booked") return { booked: false, because: verdict, retryInMs: atMs - nowMs };
    const undo = (): void => cancel(ownLog, atMs, cap?.cap.frontend);
    return { booked: true, dueMs: atMs, lateAtMs: atMs + lateMs, lane: lanes.log, cancel: undo };
  };
  const bookPaced = ({ budget, caps, request, maxWaitMs }: Wish): Attempt => {
    const gap = (calls: number): number => gapOf(request.priority, calls < 1 ? Number.POSITIVE_INFINITY : windowMs / calls);
    const capped = caps !== undefined && request.frontend !== undefined;
    const cap = capped ? { cap: { frontend: request.frontend, gapMs: gap(caps.own) } } : {};
    const nowMs = now();
    const paced = pace(pacer, { gapMs: gap(budget.own), maxWaitMs, pausedUntilMs: pausedUntil, ...cap }, nowMs);
    if (paced.verdict !== "booked") return { booked: false, because: `${paced.verdict}, set aside`, retryInMs: paced.atMs - nowMs };
    return { booked: true, dueMs: paced.atMs, lateAtMs: paced.atMs + lateMs, lane: lanes.pace, cancel: paced.cancel };
  };
  const bookShared = async (wish: Wish): Promise<Attempt> => {
    const { budget, caps, request, maxWaitMs } = wish;
    const cap = capOf(request, caps?.shared);
    const askedMs = now();
    const reply = await ask({ take: true, line: lineOf(request.priority, budget.shared), maxWaitMs, ...cap });
    if (reply === undefined || reply.verdict === "young") return bookPaced(wish);
    const waitMs = reply.atMs - reply.nowMs;
    if (reply.verdict !== "booked") return { booked: false, because: reply.verdict, retryInMs: waitMs };
    const undo = (): void => void shared?.cancel(name, reply.atMs, cap?.cap.frontend);
    // Redis booked after it was asked: counted from then, the call is at most this late.
    return { booked: true, dueMs: now() + waitMs, lateAtMs: askedMs + waitMs + lateMs, lane: lanes.log, cancel: undo };
  };
  const attempt = async (wish: Wish): Promise<Attempt> => {
    const pausedMs = pausedUntil - now();
    if (pausedMs > wish.maxWaitMs) return { booked: false, because: "pause", retryInMs: pausedMs };
    return shared === undefined ? bookAlone(wish) : bookShared(wish);
  };
  /** Waits for the booked time. @returns whether the call may go now; otherwise the booking is taken back */
  const honour = async (booking: Attempt & { booked: true }, signal: AbortSignal | undefined): Promise<boolean> => {
    try {
      await booking.lane.wait(booking.dueMs, signal);
    } catch (reason) {
      booking.cancel();
      throw reason;
    }
    if (now() <= booking.lateAtMs && pausedUntil <= now()) return true;
    booking.cancel();
    return false;
  };

  return {
    async admit(organization, request) {
      const budget = budgetOf(organization);
      const caps = request.frontend === undefined ? undefined : capsOf(request.share, budget, organization.instances);
      const longest = request.priority === "miss" ? options.maxWaitMs : 0;
      const startedMs = now();
      for (let waitedMs = 0; ; waitedMs = now() - startedMs) {
        const wish = { budget, caps, request, maxWaitMs: Math.max(0, longest - waitedMs) };
        const made = await attempt(wish);
        if (made.booked) {
          if (!(await honour(made, request.signal))) continue;
          return tally.admitted(request.frontend);
        }
        if (request.priority !== "sweep") {
          tally.refused(request.frontend);
          throw exhausted(made.because, made.retryInMs, windowMs);
        }
        await pauseSweep(made.retryInMs, windowMs, [closing.signal, request.signal]);
      }
    },
    async pause(milliseconds) {
      pausedUntil = Math.max(pausedUntil, now() + Math.min(milliseconds, MAX_PAUSE_MS));
      ownLog.pausedUntilMs = pausedUntil;
      unsentPause = pausedUntil;
      if (shared !== undefined) await ask(LOOK);
    },
    async look() {
      if (shared !== undefined) await ask(LOOK);
    },
    state(organization) {
      const budget = budgetOf(organization);
      const { used, admitted, refused } = tally.total();
      return {
        organization: name,
        mode,
        budget: budget.whole,
        available: { redis: budget.shared, local: budget.alone, "set-aside": budget.own }[mode],
        used: mode === "redis" ? (last?.used ?? used) : used,
        waiting: lanes.log.waiting + lanes.pace.waiting,
        admitted,
        refused,
        pausedSeconds: Math.max(0, Math.ceil((pausedUntil - now()) / 1000)),
        youngSeconds: mode === "set-aside" ? Math.ceil((last?.youngMs ?? 0) / 1000) : 0,
        frontends: tally.frontends(),
      };
    },
    close(reason) {
      closing.abort(reason);
      lanes.log.close(reason);
      lanes.pace.close(reason);
    },
  };
}

const LOOK: Omit<Question, "pauseMs"> = { take: false, line: 0, maxWaitMs: 0 };

function capOf({ frontend }: AdmitRequest, count: number | undefined): { cap: { frontend: string; count: number } } | undefined {
  return frontend === undefined || count === undefined ? undefined : { cap: { frontend, count } };
}

/** A sweep tries again when a call could go; sooner when that is far off, because much can change. */
async function pauseSweep(retryInMs: number, windowMs: number, signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  const signal = AbortSignal.any(signals.filter((one) => one !== undefined));
  const waitMs = Math.min(Math.max(retryInMs, windowMs / 1000), windowMs / 10);
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, waitMs);
  const leave = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", leave, { once: true });
  await promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", leave);
  });
}

function exhausted(because: string, retryInMs: number, windowMs: number) {
  const waitMs = Number.isFinite(retryInMs) ? retryInMs : windowMs;
  return problem("quota-exhausted", { retryAfterSeconds: Math.ceil(waitMs / 1000), reason: because });
}
