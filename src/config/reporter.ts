/** Collects the faults of one reading of a configuration, so that all are listed at once. */
import type { Diagnostic, Location, Severity } from "./diagnostic.ts";

/** Where to point, and what of the line must not be shown. */
type Pointer = Location & Pick<Diagnostic, "hiddenFrom">;

/** Takes faults; each is kept once however many aliases lead to its place. */
export interface Reporter {
  readonly error: (at: Pointer, code: string, message: string, hint?: string) => void;
  readonly warning: (at: Pointer, code: string, message: string, hint?: string) => void;
  /** All faults so far, by file, line and column. */
  readonly sorted: () => readonly Diagnostic[];
}

/** An empty collection of faults. */
export function createReporter(): Reporter {
  const kept = new Map<string, Diagnostic>();
  const add = (severity: Severity, at: Pointer, fault: { code: string; message: string; hint: string | undefined }): void => {
    const { code, message, hint } = fault;
    const identity = JSON.stringify([at.file, at.line, at.column, code, hint ?? message]);
    if (kept.has(identity)) return;
    kept.set(identity, Object.freeze({ ...at, severity, code, message, ...(hint === undefined ? {} : { hint }) }));
  };
  return {
    error: (at, code, message, hint) => add("error", at, { code, message, hint }),
    warning: (at, code, message, hint) => add("warning", at, { code, message, hint }),
    sorted: () => [...kept.values()].toSorted(byPlace),
  };
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
