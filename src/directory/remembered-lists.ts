/** Lists that many ask for, such as those of a town's name: made once until something in them changes. Nobody's position is kept. */
import { LRUCache } from "lru-cache";
import { ownBytes } from "../cache/entry.ts";
import type { StoresAnswer } from "./answers.ts";
import type { StoreQuery } from "./find-stores.ts";
import type { Holdings } from "./holdings.ts";

const MOST_BYTES = 16_000_000;

/** What else a list depends on. */
interface Moment {
  /** Unix ms. */
  readonly at: number;
  /** When the ratings in it were read; undefined: none are shown. */
  readonly ratedAt: number | undefined;
}

interface Remembered {
  readonly answer: StoresAnswer;
  readonly bytes: number;
  readonly version: number;
  readonly from: number;
}

export interface RememberedLists {
  find(query: StoreQuery, moment: Moment, make: () => StoresAnswer): StoresAnswer;
}

export function createRememberedLists(holdings: Pick<Holdings, "shelf">): RememberedLists {
  const lists = new LRUCache<string, Remembered>({ maxSize: MOST_BYTES, sizeCalculation: ({ bytes }) => bytes });
  return {
    find(query, { at, ratedAt }, make) {
      if (query.near !== undefined || query.bounds !== undefined) return make();
      const name = JSON.stringify([query, ratedAt]);
      const { index } = holdings.shelf;
      const known = lists.get(name);
      if (known?.version === index.version && at >= known.from && at < known.answer.validUntil) return known.answer;
      const made = make();
      const whole = ownBytes(made.body());
      const answer = { ...made, body: () => whole };
      lists.set(name, { answer, bytes: whole.length + name.length + 500, version: index.version, from: at });
      return answer;
    },
  };
}
