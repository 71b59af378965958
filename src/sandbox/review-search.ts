/** The filters of /reviews and the numbers of /review_analytics/metrics (partoo reference §7). */
import type { Business } from "./business.ts";
import type { Review } from "./reviews.ts";
import { invalid } from "./answer.ts";
import { choices, flag, instant, list, ordered, paged, text } from "./query.ts";
import { PARTNERS, REVIEW_STATES } from "./reviews.ts";

type Test = (review: Review) => boolean;

const STARS = ["1", "2", "3", "4", "5"];
const METRICS = [
  "average_rating",
  "rating_distribution",
  "reviews_count",
  "reply_time",
  "reply_means",
  "average_rating_distribution",
  "rank",
] as const;
const DIMENSIONS = ["day", "week", "month", "year", "business", "group", "user", "tag"] as const;
const DAY_MS = 86_400_000;
const ORDER = {
  date: (review: Review) => Date.parse(review.date),
  update_date: (review: Review) => Date.parse(review.update_date),
  rating: (review: Review) => review.rating ?? 0,
};

/** The reviews that a query finds, newest first unless it says otherwise. Deleted ones too, unless states are named. @throws Refusal 400 */
export function searchReviews(reviews: readonly Review[], query: URLSearchParams): readonly Review[] {
  const tests = [...commonTests(query), ...contentTests(query), ...ratingTests(query)];
  const partners = choices(query, "partner__in", PARTNERS);
  if (partners !== undefined) tests.push((review) => partners.has(review.partner));
  const states = choices(query, "state__in", REVIEW_STATES);
  if (states !== undefined) tests.push((review) => states.has(review.state));
  const found = ordered(
    query,
    reviews.filter((review) => tests.every((test) => test(review))),
    ORDER,
  );
  return query.get("with_media_links") === "true" ? found : found.map(withoutMedia);
}

/** The answer of /review_analytics/metrics: `{page, max_page, count, data}`. @throws Refusal 400 */
export function reviewMetrics(reviews: readonly Review[], stores: readonly Business[], query: URLSearchParams): unknown {
  const metrics = choices(query, "metrics", METRICS);
  if (metrics === undefined) throw invalid({ metrics: "Missing data for required field." });
  if (metrics.has("rank") && text(query, "order_by") === undefined) throw invalid({ order_by: "Required with rank." });
  const dimension = [...(choices(query, "dimensions", DIMENSIONS) ?? [])][0] ?? null;
  const tests = commonTests(query);
  const kept = reviews.filter((review) => review.state !== "deleted" && tests.every((test) => test(review)));
  const byId = new Map(stores.map((store) => [store.id, store]));
  const rows = [...Map.groupBy(kept, (review) => dimensionOf(review, dimension, byId))].map(([value, members]) => ({
    dimension: value,
    ...described(dimension, value, byId),
    metrics: Object.fromEntries([...metrics].map((name) => [name, metricOf(name, members)])),
  }));
  return paged(query, "data", rows);
}

/** Links to pictures are sent only where they are asked for. */
function withoutMedia(review: Review): Review {
  return Object.fromEntries(Object.entries(review).filter(([name]) => name !== "media_links")) as unknown as Review;
}

function commonTests(query: URLSearchParams): Test[] {
  const tests: Test[] = [];
  const ids = list(query, "business__in");
  if (ids !== undefined) tests.push((review) => ids.has(review.business_id));
  const others = list(query, "business__notin");
  if (others !== undefined) tests.push((review) => !others.has(review.business_id));
  const from = instant(query, "update_date__gte");
  if (from !== undefined) tests.push((review) => Date.parse(review.update_date) >= from);
  const until = instant(query, "update_date__lte");
  if (until !== undefined) tests.push((review) => Date.parse(review.update_date) <= until);
  const tags = list(query, "tags");
  if (tags !== undefined)
    tests.push((review) => review.tags.some(({ label }) => [...tags].some((part) => label.toLowerCase().includes(part.toLowerCase()))));
  return tests;
}

function contentTests(query: URLSearchParams): Test[] {
  const tests: Test[] = [];
  const empty = flag(query, "content__isnull");
  if (empty !== undefined) tests.push((review) => (review.content === null) === empty);
  const keywords = list(query, "keywords");
  if (keywords !== undefined)
    tests.push((review) => [...keywords].some((word) => (review.content ?? "").toLowerCase().includes(word.toLowerCase())));
  const untagged = flag(query, "without_tags");
  if (untagged === true) tests.push((review) => review.tags.length === 0);
  return tests;
}

function ratingTests(query: URLSearchParams): Test[] {
  const tests: Test[] = [];
  const ratings = {
    google_my_business: choices(query, "gmb_rating__in", STARS),
    tripadvisor: choices(query, "tripadvisor_rating__in", STARS),
  };
  const recommended = list(query, "recommended__in");
  if (ratings.google_my_business ?? ratings.tripadvisor ?? recommended) {
    tests.push((review) =>
      review.partner === "facebook"
        ? recommended?.has(String(review.recommended)) === true
        : ratings[review.partner]?.has(String(review.rating)) === true,
    );
  }
  return tests;
}

function dimensionOf(review: Review, dimension: string | null, byId: ReadonlyMap<string, Business>): string | number | null {
  switch (dimension) {
    case "business":
      return review.business_id;
    case "group":
      return byId.get(review.business_id)?.groups[0] ?? null;
    case "tag":
      return review.tags[0]?.label ?? null;
    case "user":
      return replierOf(review);
    case "day":
      return review.update_date.slice(0, 10);
    case "week":
      return mondayOf(review.update_date);
    case "month":
      return review.update_date.slice(0, 7);
    case "year":
      return review.update_date.slice(0, 4);
    case null:
    default:
      return null;
  }
}

/** Who replied: a person. */
function replierOf(review: Review): string | null {
  const first = Array.isArray(review.comments) ? review.comments[0] : review.comments;
  return (first as { readonly author_name?: string } | null | undefined)?.author_name ?? null;
}

function mondayOf(date: string): string {
  const at = Date.parse(date.slice(0, 10));
  const sinceMonday = (new Date(at).getUTCDay() + 6) % 7;
  return new Date(at - sinceMonday * DAY_MS).toISOString().slice(0, 10);
}

function described(dimension: string | null, value: string | number | null, byId: ReadonlyMap<string, Business>) {
  const store = dimension === "business" ? byId.get(String(value)) : undefined;
  if (store === undefined) return { dimension_name: value === null ? null : String(value), dimension_info: null };
  const { name, address_full, city, zipcode, code } = store;
  return { dimension_name: name, dimension_info: { address_full, city, zipcode, code } };
}

function metricOf(name: string, reviews: readonly Review[]): unknown {
  const ratings = reviews.flatMap((review) => (review.rating === null ? [] : [review.rating]));
  if (name === "reviews_count") return reviews.length;
  if (name === "average_rating")
    return ratings.length === 0 ? null : Number((ratings.reduce((sum, rating) => sum + rating, 0) / ratings.length).toFixed(2));
  if (name === "rating_distribution")
    return Object.fromEntries(STARS.map((stars) => [stars, ratings.filter((rating) => String(rating) === stars).length]));
  return null;
}
