/** One reading of all ratings, page by page: what is kept of each row, and when it ends. Never more than the figures enters. */
import type { Figure } from "./ratings-source.ts";
import { RATINGS_PAGE_SIZE } from "../request/match.ts";

/** Whatever Partoo counts. */
const MOST_PAGES = 2000;
const BEST = 5;

/** A page that is none of ratings. The message is ours, without a value. */
export class UnreadableRatings extends Error {
  override readonly name = "UnreadableRatings";
}

export interface RatingsReading {
  /** Wall clock, ms, when its first page was asked for. */
  readonly takenAt: number;
  /** The page to be read; undefined: that was the last. */
  readonly next: number | undefined;
  /** false: Partoo counts more stores than it has sent. */
  readonly isWhole: boolean;
  /** By id of the store, as `ratingText()` writes them. */
  readonly found: ReadonlyMap<string, string>;
  /** @param answer of /review_analytics/metrics, parsed. @throws UnreadableRatings */
  add(answer: Readonly<Record<string, unknown>>): void;
}

/**
 * Whatever `max_page` says, it ends with a page that is not full, unless Partoo counts more; and with one that brings no other store.
 * Partoo may leave out stores without reviews.
 */
export function startReading(figures: readonly Figure[], takenAt: number): RatingsReading {
  const seen = new Set<string>();
  const found = new Map<string, string>();
  let rows = 0;
  let promised = 0;
  let next: number | undefined = 1;
  return {
    takenAt,
    get next() {
      return next;
    },
    get isWhole() {
      return next === undefined && rows >= promised;
    },
    found,
    add({ data, count }) {
      if (next === undefined || !Array.isArray(data)) throw new UnreadableRatings("a page without rows");
      const before = seen.size;
      for (const { dimension, metrics } of data.filter(isObject)) {
        if (typeof dimension !== "string") continue;
        seen.add(dimension);
        const text = isObject(metrics) ? ratingText(figures, metrics) : undefined;
        if (text === undefined) found.delete(dimension);
        else found.set(dimension, text);
      }
      promised = typeof count === "number" ? count : 0;
      const hasNews = seen.size > before;
      if (hasNews) rows += data.length;
      const isLast = !hasNews || (data.length < RATINGS_PAGE_SIZE && rows >= promised);
      next = isLast || next >= MOST_PAGES ? undefined : next + 1;
    },
  };
}

/**
 * `{"average":4.3,"count":127}`, as far as both may be shown; the average as Partoo rounds it, null where no review has stars.
 * @returns undefined without reviews, and for what can't be figures
 */
export function ratingText(figures: readonly Figure[], metrics: Readonly<Partial<Record<Figure, unknown>>>): string | undefined {
  const [average, count] = [averageOf(metrics.average_rating), countOf(metrics.reviews_count)];
  if (!figures.includes("reviews_count")) return average === null ? undefined : JSON.stringify({ average });
  if (count === 0) return undefined;
  return JSON.stringify(figures.includes("average_rating") ? { average, count } : { count });
}

function averageOf(value: unknown): number | null {
  return typeof value === "number" && value >= 0 && value <= BEST ? value : null;
}

function countOf(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
