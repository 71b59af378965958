/** One look after the ratings of a key: takes over what another process has read, or reads them where that is due and nobody else does. */
import type { CensusBoard } from "../cache/census-board.ts";
import type { PartooCall } from "../cache/partoo-call.ts";
import type { Counters } from "../counters.ts";
import type { Logger } from "../log.ts";
import type { KeyPolicy } from "../policy.ts";
import type { Directories } from "./directories.ts";
import type { Ratings } from "./ratings.ts";
import type { RatingsReading } from "./ratings-reading.ts";
import type { RatingsSource } from "./ratings-source.ts";
import { Problem } from "../problem.ts";
import { ratingsMatch } from "../request/match.ts";
import { UnreadableRatings, startReading } from "./ratings-reading.ts";
import { ratingsSourceOf } from "./ratings-source.ts";

/** However short the route's freshness lifetime is. */
const MOST_OFTEN_MS = 60_000;
const BACKOFF_MS = 60_000;

export interface RatingsTaker {
  /** Never throws. */
  look(key: KeyPolicy): Promise<void>;
}

export interface RatingsTakerOptions {
  readonly directories: Pick<Directories, "of" | "ratings">;
  readonly call: Pick<PartooCall, "read">;
  readonly board: Pick<CensusBoard, "takeLease" | "dropLease">;
  readonly counters: Counters;
  readonly logger: Logger;
  /** Ends a reading. */
  readonly signal: AbortSignal;
  /** Wall clock, ms. */
  readonly now: () => number;
}

interface Failures {
  readonly code: string;
  readonly count: number;
  /** Wall clock, ms. */
  readonly at: number;
}

export function createRatingsTaker({ directories, call, board, counters, logger, signal, now }: RatingsTakerOptions): RatingsTaker {
  /** Both by form. What a failure has stopped goes on where it was. */
  const begun = new Map<string, RatingsReading>();
  const failures = new Map<string, Failures>();

  const isDue = ({ form, takenAt }: Ratings, everyMs: number): boolean => {
    const failed = failures.get(form);
    if (failed !== undefined && now() - failed.at < Math.min(everyMs, BACKOFF_MS * 2 ** (failed.count - 1))) return false;
    return now() - takenAt >= everyMs;
  };
  const readingOf = ({ form }: Ratings, { figures }: RatingsSource, everyMs: number): RatingsReading => {
    const left = begun.get(form);
    const reading = left !== undefined && now() - left.takenAt < everyMs ? left : startReading(figures, now());
    begun.set(form, reading);
    return reading;
  };
  /** @returns false when another process has taken over, or another policy runs that reads them otherwise */
  const readPages = async (key: KeyPolicy, ratings: Ratings, { source, reading }: PagesOptions): Promise<boolean> => {
    for (let page = reading.next; page !== undefined; page = reading.next) {
      if (directories.ratings(key) !== ratings || !(await board.takeLease(leaseOf(ratings)))) return false;
      counters.add("rating_pages");
      reading.add(await call.read({ key, match: ratingsMatch(source, page), frontend: undefined, priority: "sweep", signal }));
    }
    return true;
  };
  const read = async (key: KeyPolicy, ratings: Ratings, source: RatingsSource): Promise<void> => {
    const reading = readingOf(ratings, source, everyMsOf(source));
    try {
      if (!(await readPages(key, ratings, { source, reading }))) return;
      begun.delete(ratings.form);
      failures.delete(ratings.form);
      await ratings.take(reading, (id) => directories.of(key)?.has(id) === true);
      logger.info({ key: key.name, stores: reading.found.size }, "ratings are held");
    } catch (fault) {
      if (signal.aborted) return;
      const code = codeOf(fault);
      const before = failures.get(ratings.form);
      failures.set(ratings.form, { code, count: (before?.count ?? 0) + 1, at: now() });
      if (before?.code !== code) logger.warn({ key: key.name, code }, "ratings not read: those from before are shown");
    }
  };
  return {
    async look(key) {
      const [source, ratings] = [ratingsSourceOf(key), directories.ratings(key)];
      if (source === undefined || ratings === undefined || directories.of(key)?.asOf === undefined) return;
      if (!isDue(ratings, everyMsOf(source))) return;
      const isMine = await board.takeLease(leaseOf(ratings));
      await ratings.look();
      if (!isMine) return;
      if (isDue(ratings, everyMsOf(source))) await read(key, ratings, source);
      await board.dropLease(leaseOf(ratings));
    },
  };
}

interface PagesOptions {
  readonly source: RatingsSource;
  readonly reading: RatingsReading;
}

function leaseOf({ form }: Ratings): string {
  return `${form}:ratings`;
}

/** From one reading to the next. */
export function everyMsOf({ route }: RatingsSource): number {
  return Math.max(MOST_OFTEN_MS, route.lifetimes.freshSeconds * 1000);
}

function codeOf(fault: unknown): string {
  if (fault instanceof Problem) return fault.code;
  return fault instanceof UnreadableRatings ? "ratings-unreadable" : "internal";
}
