/** The budget of one organization in this process: chooses where a call is booked, waits for its time, and books anew what came too late. */
import type { Logger } from "../log.ts";
import type { Organization } from "../policy.ts";
import type { Problem } from "../problem.ts";
import type { Attempt, Booking, Desk, Refusal, Wish } from "./attempt.ts";
import type { Priority } from "./budget.ts";
import type { SharedLog } from "./shared-log.ts";
import type { QuotaMode, QuotaState } from "./state.ts";
import type { Question, Reply } from "./window.ts";
import { problem } from "../problem.ts";
import { bookAlone, bookPaced, capOf, readShared } from "./attempt.ts";
import { budgetOf, capsOf, lineOf } from "./budget.ts";
import { createLane } from "./lane.ts";
import { createPacer } from "./pace.ts";
import { createTally } from "./tally.ts";
import { createWindowLog, MAX_PAUSE_MS } from "./window.ts";

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

export interface AccountOptions {
  readonly name: string;
  /** undefined: no Redis is configured. */
  readonly shared: SharedLog | undefined;
  readonly desk: Desk;
  /** The longest a miss waits. */
  readonly maxWaitMs: number;
  readonly startedMs: number;
  readonly logger: Logger;
}

const LOOK: Omit<Question, "pauseMs"> = { take: false, line: 0, maxWaitMs: 0 };

/** One organization's calls in this process. */
export class Account {
  readonly #options: AccountOptions;
  readonly #now: () => number;
  readonly #pacer;
  readonly #log = createWindowLog(Number.NEGATIVE_INFINITY);
  readonly #lanes;
  readonly #tally;
  readonly #closing = new AbortController();
  #mode: QuotaMode;
  #last: Reply | undefined;
  #pausedUntil = 0;
  /** A pause that Redis has not heard of yet. */
  #unsentPause = 0;
  #waited = 0;

  constructor(options: AccountOptions) {
    const { now, rules } = options.desk;
    this.#options = options;
    this.#now = now;
    this.#pacer = createPacer(options.startedMs);
    this.#lanes = { log: createLane(now), pace: createLane(now) };
    this.#tally = createTally(rules.windowMs, now);
    this.#mode = options.shared === undefined ? "local" : "set-aside";
  }

  /** Books a call and waits for its time. @throws Problem quota-exhausted; the signal's reason; the reason of close() */
  async admit(organization: Organization, { frontend, share, priority, signal }: AdmitRequest): Promise<void> {
    const budget = budgetOf(organization);
    const caps = frontend === undefined ? undefined : capsOf(share, budget, organization.instances);
    const longest = priority === "miss" ? this.#options.maxWaitMs : 0;
    const startedMs = this.#now();
    let hasWaited = false;
    for (let waitedMs = 0; ; waitedMs = this.#now() - startedMs) {
      const attempt = await this.#attempt({ priority, frontend, budget, caps, maxWaitMs: Math.max(0, longest - waitedMs) });
      if (attempt.isBooked) {
        hasWaited ||= attempt.dueMs > this.#now();
        if (await this.#honour(attempt, signal)) break;
      } else if (priority === "sweep" || priority === "census") {
        hasWaited = true;
        await this.#rest(attempt, signal);
      } else {
        this.#tally.refused(frontend);
        throw this.#exhausted(attempt);
      }
    }
    this.#tally.admitted(frontend);
    if (hasWaited) this.#waited += 1;
  }

  /** Nobody goes for so long. Redis hears of it now or with the next question that reaches it. */
  async pause(milliseconds: number): Promise<void> {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#now() + Math.min(milliseconds, MAX_PAUSE_MS));
    this.#log.pausedUntilMs = this.#pausedUntil;
    this.#unsentPause = this.#pausedUntil;
    await this.look();
  }

  /** Asks Redis how things are: begins a log where there is none, hands on a pause, brings `used` up to date. */
  async look(): Promise<void> {
    if (this.#options.shared !== undefined) await this.#ask(this.#options.shared, LOOK);
  }

  state(organization: Organization): QuotaState {
    const { whole, shared, own, alone } = budgetOf(organization);
    const mode = this.#mode;
    const { used, admitted, refused } = this.#tally.total();
    return {
      organization: this.#options.name,
      mode,
      budget: whole,
      available: { redis: shared, local: alone, "set-aside": own }[mode],
      used: mode === "redis" ? (this.#last?.used ?? used) : used,
      waiting: this.#lanes.log.waiting + this.#lanes.pace.waiting,
      admitted,
      waited: this.#waited,
      refused,
      pausedSeconds: Math.max(0, Math.ceil((this.#pausedUntil - this.#now()) / 1000)),
      youngSeconds: mode === "set-aside" ? Math.ceil((this.#last?.youngMs ?? 0) / 1000) : 0,
      frontends: this.#tally.frontends(),
    };
  }

  /** Whoever waits gets this reason. */
  close(reason: Problem): void {
    this.#closing.abort(reason);
    this.#lanes.log.close(reason);
    this.#lanes.pace.close(reason);
  }

  async #attempt(wish: Wish): Promise<Attempt> {
    const pausedMs = this.#pausedUntil - this.#now();
    if (pausedMs > wish.maxWaitMs) return { isBooked: false, because: "pause", retryInMs: pausedMs };
    const { shared, desk } = this.#options;
    return shared === undefined ? bookAlone(wish, this.#log, this.#lanes.log, desk) : this.#bookShared(wish, shared);
  }

  async #bookShared(wish: Wish, shared: SharedLog): Promise<Attempt> {
    const { name, desk } = this.#options;
    const cap = capOf(wish, "shared");
    const askedMs = this.#now();
    const line = lineOf(wish.priority, wish.budget.shared);
    const reply = await this.#ask(shared, { take: true, line, maxWaitMs: wish.maxWaitMs, ...cap });
    if (reply === undefined || reply.verdict === "young") {
      return bookPaced(wish, { pacer: this.#pacer, lane: this.#lanes.pace, pausedUntilMs: this.#pausedUntil }, desk);
    }
    const undo = (): void => void shared.cancel(name, reply.atMs, cap?.cap.frontend);
    return readShared(reply, { askedMs, lane: this.#lanes.log, undo }, desk);
  }

  async #ask(shared: SharedLog, question: Omit<Question, "pauseMs">): Promise<Reply | undefined> {
    const unsent = this.#unsentPause;
    const pauseMs = Math.max(0, Math.ceil(unsent - this.#now()));
    const reply = await shared.ask(this.#options.name, { ...question, pauseMs });
    this.#mode = reply !== undefined && reply.youngMs === 0 ? "redis" : "set-aside";
    if (reply === undefined) return undefined;
    if (this.#unsentPause === unsent) this.#unsentPause = 0;
    if (reply.pausedMs > 0) this.#pausedUntil = Math.max(this.#pausedUntil, this.#now() + reply.pausedMs);
    this.#reportYouth(reply);
    this.#last = reply;
    return reply;
  }

  #reportYouth({ youngMs }: Reply): void {
    if (youngMs === 0 || (this.#last?.youngMs ?? 0) >= youngMs) return;
    const seconds = Math.ceil(youngMs / 1000);
    this.#options.logger.warn(
      { quota: "young", organization: this.#options.name, seconds },
      "the shared log of calls is new; until it is a minute old each process spends its own small part",
    );
  }

  /** Waits for the booked time. @returns whether the call may go now; otherwise the booking is taken back */
  async #honour(booking: Booking, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      await booking.lane.wait(booking.dueMs, signal);
    } catch (reason) {
      booking.cancel();
      throw reason;
    }
    const now = this.#now();
    if (now <= booking.latestMs && this.#pausedUntil <= now) return true;
    booking.cancel();
    return false;
  }

  /** A sweep tries again when a call could go; sooner when that is far off, because much can change. */
  async #rest({ retryInMs }: Refusal, wanted: AbortSignal | undefined): Promise<void> {
    const { windowMs } = this.#options.desk.rules;
    const signal = wanted === undefined ? this.#closing.signal : AbortSignal.any([this.#closing.signal, wanted]);
    await sleep(Math.min(Math.max(retryInMs, windowMs / 1000), windowMs / 10), signal);
  }

  #exhausted({ because, retryInMs }: Refusal): Problem {
    const waitMs = Number.isFinite(retryInMs) ? retryInMs : this.#options.desk.rules.windowMs;
    return problem("quota-exhausted", { retryAfterSeconds: Math.ceil(waitMs / 1000), reason: because });
  }
}

/** @throws the signal's reason */
async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const leave = (): void => reject(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  await promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", leave);
  });
}
