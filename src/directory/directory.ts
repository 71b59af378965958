/** The stores of one key: what is fed to it, what can be asked of it, and how old it is. Nothing here calls Partoo. */
import type { KeyRing } from "../keys.ts";
import type { AnswerMoment, StoresAnswer } from "./answers.ts";
import type { Holdings, HoldingsOptions } from "./holdings.ts";
import type { DirectoryRoutes, StoreRecord } from "./store-record.ts";
import type { StoresRequest } from "./stores-request.ts";
import type { Ratings } from "./ratings.ts";
import type { Problem } from "../problem.ts";
import { problem } from "../problem.ts";
import { createStoreAnswers } from "./answers.ts";
import { createRememberedLists } from "./remembered-lists.ts";
import { createHoldings } from "./holdings.ts";
import { createRecordReader } from "./store-record.ts";

/** Nobody keeps an answer for longer: a store may change at Partoo at any time. */
const LONGEST_SECONDS = 60;
/** Until all stores were read for the first time, callers are asked to come again. */
const READING_SECONDS = 5;

export interface Directory extends Omit<Holdings, "shelf"> {
  /** Stores that it holds. */
  readonly size: number;
  /** Whether it holds the store of an id. */
  has(id: string): boolean;
  /** @throws Problem not-found; quota-exhausted while not all stores were read yet */
  answer(request: StoresRequest, options?: AnswerOptions): DirectoryAnswer;
}

export interface AnswerOptions {
  /** Of one store: in the words of schema.org. */
  readonly form?: "json-ld" | undefined;
  /** undefined: none are shown. */
  readonly ratings?: Pick<Ratings, "textOf" | "takenAt"> | undefined;
}

export type DirectoryAnswer = Omit<StoresAnswer, "validUntil"> & {
  /** Whole seconds until a store in it opens or closes, 60 at most. */
  readonly maxAgeSeconds: number;
  /** How long it may be used from now on; negative when the directory is older than it should be. */
  readonly ttlSeconds: number;
  /** The request's field that another answer might have been chosen by. */
  readonly varies?: "Accept";
};

export interface DirectoryOptions extends Partial<Pick<HoldingsOptions, "onChange" | "now">> {
  readonly routes: DirectoryRoutes;
  readonly keys: KeyRing;
  /** What is older says so. Seconds. */
  readonly lateAfterSeconds: number;
}

export function createDirectory({
  routes,
  keys,
  lateAfterSeconds,
  onChange = () => undefined,
  now = Date.now,
}: DirectoryOptions): Directory {
  const holdings = createHoldings({ reader: createRecordReader(routes, keys), onChange, now });
  const answers = createStoreAnswers(routes);
  const lists = createRememberedLists(holdings);
  const momentOf = (at: number): AnswerMoment & { readonly ageSeconds: number } => {
    const { asOf } = holdings;
    if (asOf === undefined) throw stillReading();
    const ageSeconds = Math.max(0, Math.floor((at - asOf) / 1000));
    return ageSeconds > lateAfterSeconds ? { at, asOf, ageSeconds } : { at, ageSeconds };
  };
  const named = (name: string): StoreRecord => {
    const record = holdings.shelf.index.named(name);
    if (record === undefined) throw problem("not-found", { detail: "There is no such store." });
    return record;
  };
  const answerOf = (request: StoresRequest, moment: AnswerMoment, { form, ratings }: AnswerOptions): StoresAnswer => {
    const { index, finder } = holdings.shelf;
    if (request.kind === "all") return answers.all(index, moment);
    if (request.kind === "one") {
      const record = named(request.name);
      return form === "json-ld" ? answers.oneAsJsonLd(record, moment) : answers.one(record, moment);
    }
    const { query } = request;
    const make = (): StoresAnswer => answers.list(finder.find(query, moment.at), query.page, moment);
    return moment.asOf === undefined ? lists.find(query, { at: moment.at, ratedAt: ratings?.takenAt }, make) : make();
  };

  return {
    feed: holdings.feed,
    get size() {
      return holdings.shelf.index.size;
    },
    has: (id) => holdings.shelf.index.named(id)?.id === id,
    get asOf() {
      return holdings.asOf;
    },
    get wholeAsOf() {
      return holdings.wholeAsOf;
    },
    get isBehind() {
      return holdings.isBehind;
    },
    get changedSince() {
      return holdings.changedSince;
    },
    answer(request, options = {}) {
      const { ageSeconds, ...moment } = momentOf(now());
      const { validUntil, ...answer } = answerOf(request, { ...moment, ratings: options.ratings }, options);
      const maxAgeSeconds = Math.max(0, Math.min(LONGEST_SECONDS, Math.floor((validUntil - moment.at) / 1000)));
      return {
        ...answer,
        maxAgeSeconds,
        ttlSeconds: moment.asOf === undefined ? maxAgeSeconds : lateAfterSeconds - ageSeconds,
        ...(request.kind === "one" ? { varies: "Accept" } : {}),
      };
    },
    snapshot: () => holdings.snapshot(),
    restore: (snapshot) => holdings.restore(snapshot),
    follow: (snapshot) => holdings.follow(snapshot),
    apply: (change) => holdings.apply(change),
    missed: () => holdings.missed(),
    fallBehind: () => holdings.fallBehind(),
  };
}

/** What callers are told until all stores were read for the first time. */
export function stillReading(): Problem {
  return problem("quota-exhausted", { detail: "The stores are still being read from Partoo.", retryAfterSeconds: READING_SECONDS });
}
