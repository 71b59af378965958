/** How an organization's quota stands, for the operator page and the metrics. */
import type { FrontendTally } from "./tally.ts";

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
  /** Those of them whose turn did not come at once. */
  readonly waited: number;
  readonly refused: number;
  /** Until Partoo may be called again; 0: no pause. */
  readonly pausedSeconds: number;
  /** Until a young log books; 0: it does. */
  readonly youngSeconds: number;
  readonly frontends: ReadonlyMap<string, FrontendTally>;
}
