/** One fault of a configuration, and the two ways of printing a list of them. */

export type Severity = "error" | "warning";

/** A place in a file. Lines and columns count from 1. */
export interface Location {
  /** As the operator wrote it: relative to the working directory where possible. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Characters under the caret, at least 1. */
  readonly length?: number;
}

export interface Diagnostic extends Location {
  readonly severity: Severity;
  /** Stable word for pipelines, e.g. `field-unknown`. */
  readonly code: string;
  readonly message: string;
  /** The way out: a suggestion, or what to write instead. */
  readonly hint?: string;
}
