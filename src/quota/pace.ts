/**
 * A process's own part of the set-aside tenth: one call at a time with a fixed gap between them, the first one a whole gap after the
 * process started. Pure, with the time passed in.
 *
 * Why not so many calls a window, as soon as they are wanted: a process that starts anew does not know what the one before it spent. With
 * the gap it need not know: whatever lived in its place ended before it began, so two calls are never closer than the gap, however often
 * processes and Redis die together. `calls` in a window is what a gap of window ÷ calls allows, restarts or not, and the first minute
 * after a cold start serves some callers instead of none.
 */

export interface Pacer {
  readonly startedMs: number;
  /** When the newest call of each frontend goes; "" holds that of the process. */
  readonly newest: Map<string, number>;
}

export interface PaceQuestion {
  readonly gapMs: number;
  readonly maxWaitMs: number;
  /** A frontend's own, longer gap. */
  readonly cap?: { readonly frontend: string; readonly gapMs: number };
  /** Nobody goes before this. */
  readonly pausedUntilMs: number;
}

export interface Paced {
  readonly verdict: "booked" | "budget" | "share" | "pause";
  /** When the call goes, or could have gone. Infinite when the process has no part at all. */
  readonly atMs: number;
  /** Takes the booking back while it is the newest; a gap that somebody is already waiting behind is lost. */
  readonly cancel: () => void;
}

const WHOLE = "";

export function createPacer(startedMs: number): Pacer {
  return { startedMs, newest: new Map() };
}

/** Books one call if it may go soon enough. Changes the pacer. */
export function pace(pacer: Pacer, { gapMs, maxWaitMs, cap, pausedUntilMs }: PaceQuestion, nowMs: number): Paced {
  const atMs = Math.max(nowMs, pausedUntilMs, freeAt(pacer, WHOLE, gapMs));
  if (atMs - nowMs > maxWaitMs) return refused(pausedUntilMs - nowMs > maxWaitMs ? "pause" : "budget", atMs);
  if (cap !== undefined) {
    const capFreeAt = freeAt(pacer, cap.frontend, cap.gapMs);
    if (capFreeAt > atMs) return refused("share", capFreeAt);
  }
  const undo = [put(pacer, WHOLE, atMs), ...(cap === undefined ? [] : [put(pacer, cap.frontend, atMs)])];
  return { verdict: "booked", atMs, cancel: () => undo.forEach((take) => take()) };
}

function freeAt({ newest, startedMs }: Pacer, name: string, gapMs: number): number {
  return (newest.get(name) ?? startedMs) + gapMs;
}

function put({ newest }: Pacer, name: string, atMs: number): () => void {
  const before = newest.get(name);
  newest.set(name, atMs);
  return () => {
    if (newest.get(name) !== atMs) return;
    if (before === undefined) newest.delete(name);
    else newest.set(name, before);
  };
}

function refused(verdict: Paced["verdict"], atMs: number): Paced {
  return { verdict, atMs, cancel: () => {} };
}
