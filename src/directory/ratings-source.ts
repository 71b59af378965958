/** Where a key's ratings come from: its route of review metrics, as far as that may be asked for figures by store. */
import type { KeyPolicy, Route } from "../policy.ts";
import { REVIEW_METRICS } from "../partoo/reviews.ts";

/** Figures of a store's reviews, in Partoo's words (partoo reference §7). */
export type Figure = "average_rating" | "reviews_count";

/** Members of a store's `rating`. */
export const RATING_MEMBERS: Readonly<Record<Figure, string>> = { average_rating: "rating.average", reviews_count: "rating.count" };

export interface RatingsSource {
  readonly route: Route;
  /** Those that may be shown. */
  readonly figures: readonly Figure[];
}

/** The first that may be asked for at once. */
const WISHES: readonly (readonly Figure[])[] = [["average_rating", "reviews_count"], ["average_rating"], ["reviews_count"]];
const SHOWN = ["dimension", "metrics"];

/**
 * A route gives ratings when it shows `dimension` and `metrics`, and may be asked, freely or because it is forced, for the dimension
 * `business` and for one of the figures. Filters that it forces are sent along: the ratings are of those reviews then.
 * @returns undefined: the directory shows no ratings
 */
export function ratingsSourceOf({ routes }: Pick<KeyPolicy, "routes">): RatingsSource | undefined {
  const route = routes.find(({ template }) => template === REVIEW_METRICS.template);
  if (route === undefined || !SHOWN.every((name) => route.selection.fields.includes(name))) return undefined;
  if (!mayAsk(route, "dimensions", ["business"])) return undefined;
  const figures = WISHES.find((wished) => mayAsk(route, "metrics", wished));
  return figures && { route, figures };
}

function mayAsk({ force, query }: Route, name: string, values: readonly string[]): boolean {
  const forced = force.get(name)?.split(",");
  if (forced !== undefined) return values.every((value) => forced.includes(value));
  const parameter = query.get(name);
  return parameter !== undefined && !("fault" in parameter.read(values.join(",")));
}
