/** Which stores a key's search may show: what the route forces on every search holds for the directory too. */
import type { Route } from "../policy.ts";

/** Partoo's other spelling (partoo reference §6). */
const SPELLED_ALIKE: Readonly<Record<string, string>> = { closed_temporarily: "temporarily_closed" };
/** Forced values that say how the answer is cut, not who is in it. */
const NO_FILTER: ReadonlySet<string> = new Set(["page", "per_page", "order_by"]);
/** Forced filters that one member of a business answers. */
const BY_MEMBER: ReadonlySet<string> = new Set(["status", "country", "city", "zipcode"]);

type Business = Readonly<Record<string, unknown>>;

/** Stores that have closed for good are never shown. A filter that can't be applied here hides every store. */
export function compileVisibility(search: Route): (business: Business) => boolean {
  const checks = [...forcedFilters(search)].map(([name, values]) => {
    if (!BY_MEMBER.has(name)) return (): boolean => false;
    const allowed = new Set(name === "status" ? values.split(",").map(spelled) : [values]);
    return (business: Business): boolean => allowed.has(spelled(business[name]));
  });
  return (business) => business["status"] !== "closed" && checks.every((check) => check(business));
}

/** Forced values that decide which stores a directory has, by name. */
export function forcedFilters({ force }: Pick<Route, "force">): ReadonlyMap<string, string> {
  return new Map([...force].filter(([name]) => !NO_FILTER.has(name)));
}

/** Of the names of a search's forced values, those of filters that the directory can't apply: with one of them, it has no stores. */
export function filtersNotApplied(forced: Iterable<string>): readonly string[] {
  return [...forced].filter((name) => !NO_FILTER.has(name) && !BY_MEMBER.has(name));
}

function spelled(value: unknown): string {
  const text = typeof value === "string" ? value : "";
  return SPELLED_ALIKE[text] ?? text;
}
