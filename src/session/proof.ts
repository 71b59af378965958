/** What minting a session asks for: one interface for every kind of proof. */

/** How long a client has to solve a challenge. */
export const CHALLENGE_SECONDS = 120;
/** Iterations of each attempt at an ALTCHA challenge, half a millisecond on a server; 256 attempts are needed on average. */
export const DEFAULT_ALTCHA_COST = 5000;
/** `keepMs` of what remembers the used ones: a little longer than any can be used, since clocks don't run alike. */
export const KEEP_USED_MS = (CHALLENGE_SECONDS + 30) * 1000;

/**
 * `unavailable`: nobody can tell now, because what is needed to tell can't be reached. It is no session either; trying again later helps.
 * `reason` is a word of ours for the log.
 */
export type ProofVerdict =
  | { readonly verdict: "accepted" }
  | { readonly verdict: "refused"; readonly reason: string }
  | { readonly verdict: "unavailable"; readonly reason: string; readonly retryAfterSeconds: number };

export interface Proof {
  /** What the client has to solve first, as JSON; absent: it has its proof from elsewhere. @param now ms since 1970 */
  readonly challenge?: (now: number) => Promise<object>;
  /** Never throws, never rejects. @param submission as sent, of any length. @param now ms since 1970 */
  verify(submission: string, now: number): Promise<ProofVerdict>;
}

export const ACCEPTED: ProofVerdict = { verdict: "accepted" };

/** Short form of a refusal. */
export function refused(reason: string): ProofVerdict {
  return { verdict: "refused", reason };
}
