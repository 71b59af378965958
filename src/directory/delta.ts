/** Reading what changed since the last reading: one call when nothing or little has, and never more than a few. */
import { SWEEP_PAGE_SIZE } from "../request/match.ts";
import type { StoreFeed } from "./holdings.ts";

/** More changes than fit on so many pages are left to the next sweep. */
const MOST_PAGES = 10;

export interface DeltaOptions {
  /** Reads a page of the stores modified since, and tells the feed of each. @returns the parsed answer */
  readonly readPage: (page: number) => Promise<Readonly<Record<string, unknown>>>;
  readonly feed: Pick<StoreFeed, "caughtUp">;
  /** Wall clock, ms. */
  readonly now?: () => number;
}

/**
 * Whatever `max_page` says, it ends with a page that is not full.
 * @returns whether all changes were read; false: only a sweep can tell
 * @throws whatever `readPage` throws
 */
export async function readChanges({ readPage, feed, now = Date.now }: DeltaOptions): Promise<boolean> {
  const takenAt = now();
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const { businesses } = await readPage(page);
    if (!Array.isArray(businesses)) return false;
    if (businesses.length >= SWEEP_PAGE_SIZE) continue;
    feed.caughtUp(takenAt);
    return true;
  }
  return false;
}
