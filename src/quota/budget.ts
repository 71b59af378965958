/** What may be spent where: an organization's budget, cut so that the parts never add up to more than the whole. */
import type { Organization } from "../policy.ts";

/**
 * Who wants a call: a visitor's miss, a refresh behind a stale answer, the sweep over all stores, a person at the operator page. `census` is a
 * sweep without which no store is held as fresh, `yielding` a miss or refresh while one is under way: that leaves it three fifths.
 */
export type Priority = "miss" | "census" | "refresh" | "sweep" | "yielding" | "operator";

/** Calls in one window. `shared + own × instances ≤ whole` and `alone × instances ≤ whole`. */
export interface Budget {
  /** L: quota − reserve. */
  readonly whole: number;
  /** Through the log in Redis, all processes together. */
  readonly shared: number;
  /** Set aside for each process: what it may spend while the shared log can't be used. */
  readonly own: number;
  /** For each process when there is no Redis at all. */
  readonly alone: number;
}

/** Part of L that is set aside with Redis (design: one tenth). */
const SET_ASIDE = 1 / 10;

/** How far each priority may fill the budget. The lowest has what the sweep's line leaves. */
const LINES: Readonly<Record<Priority, number>> = { miss: 1, census: 1, refresh: 0.9, sweep: 0.6, yielding: 0.4, operator: 0.4 };

/**
 * Cuts L. Every fraction is rounded down. A process whose part of the tenth is less than one call gets one call all the same when at
 * least half of L is left to the shared log; otherwise it has none, and makes no call while Redis can't be used.
 */
export function budgetOf({ quotaPerMinute, reservePerMinute, instances }: Organization): Budget {
  const whole = Math.max(0, Math.floor(quotaPerMinute - reservePerMinute));
  const processes = Math.max(1, Math.ceil(instances));
  const part = Math.floor(Math.floor(whole * SET_ASIDE) / processes);
  const own = part === 0 && processes * 2 <= whole ? 1 : part;
  return { whole, shared: whole - own * processes, own, alone: Math.floor(whole / processes) };
}

/** The line of a priority: so many calls of `calls` it may fill. At least one where there is one, so that no priority is shut out for ever. */
export function lineOf(priority: Priority, calls: number): number {
  return calls < 1 ? 0 : Math.max(1, Math.floor(calls * LINES[priority]));
}

/** The paced form of the same: a lower priority needs a longer gap than `intervalMs`. */
export function gapOf(priority: Priority, intervalMs: number): number {
  return intervalMs / LINES[priority];
}

/** A frontend's caps, cut like the budget; undefined: no cap. A share below one call a window is one call. */
export interface Caps {
  readonly shared: number;
  readonly own: number;
  readonly alone: number;
}

/** @param share 0 to 1, of L; 0 shuts the frontend out */
export function capsOf(share: number | undefined, budget: Budget, instances: number): Caps | undefined {
  if (share === undefined || share >= 1) return undefined;
  if (share <= 0) return { shared: 0, own: 0, alone: 0 };
  const whole = Math.max(1, Math.floor(budget.whole * share));
  const own = Math.floor(budget.own * share);
  return { shared: whole - own * instances, own, alone: Math.max(1, Math.floor(whole / instances)) };
}
