/** One difference between two configurations, in what callers and Partoo notice. */

/**
 * What a change is to be looked at for: `personal` data about people begins to leave; `opens` more callers, paths, parameters or
 * fields; `breaks` what worked; `load` changes how much may be asked; `none`.
 */
export type Risk = "personal" | "opens" | "breaks" | "load" | "none";

/** Most serious first. */
export const RISKS: readonly Risk[] = ["personal", "opens", "breaks", "load", "none"];

export interface Change {
  /** Stable word for pipelines, e.g. `field-exposed`. */
  readonly kind: string;
  readonly frontend: string;
  /** `GET /business/search`; null: the whole frontend. */
  readonly route: string | null;
  readonly detail: string;
  readonly risk: Risk;
}

/** A change before it is known whom it reaches. */
export type Difference = Omit<Change, "frontend" | "route">;

/** What a set gained and lost, in order. */
export function compareNames(
  before: Iterable<string>,
  after: Iterable<string>,
): { readonly added: readonly string[]; readonly removed: readonly string[] } {
  const [old, current] = [new Set(before), new Set(after)];
  return { added: [...current].filter((name) => !old.has(name)), removed: [...old].filter((name) => !current.has(name)) };
}

/** One difference when two values that print alike are not the same. */
export function compareValues(before: string, after: string, difference: (words: string) => Difference): readonly Difference[] {
  return before === after ? [] : [difference(`${before} → ${after}`)];
}
