/** Holds the stores of one organization: by id, by code, in their order; and says when one changes. */
import type { Business } from "./business.ts";
import type { WordsOf } from "./search.ts";
import { words } from "./search.ts";

export type StoreEvent = "business_created" | "business_updated" | "business_deleted";

/** The stores that calls read and edit. Objects in it are never changed, only replaced. */
export interface StoreBook {
  /** All stores, oldest entry first. The same array until something changes. */
  all(): readonly Business[];
  /** By 24-hex id, or by `c-{code}`. */
  find(reference: string): Business | undefined;
  /** Adds the store, or replaces the one with its id. */
  put(store: Business): void;
  remove(store: Business): void;
  readonly wordsOf: WordsOf;
}

/** @param report told of every change, after it happened */
export function createStoreBook(stores: readonly Business[], report: (event: StoreEvent, store: Business) => void): StoreBook {
  const byId = new Map(stores.map((store) => [store.id, store]));
  const idByCode = new Map(stores.map((store) => [store.code, store.id]));
  const kept = new WeakMap<Business, readonly string[]>();
  let all: readonly Business[] | undefined = stores;

  const put = (store: Business): void => {
    const before = byId.get(store.id);
    if (before !== undefined) idByCode.delete(before.code);
    byId.set(store.id, store);
    idByCode.set(store.code, store.id);
    all = undefined;
    report(before === undefined ? "business_created" : "business_updated", store);
  };
  const remove = (store: Business): void => {
    byId.delete(store.id);
    idByCode.delete(store.code);
    all = undefined;
    report("business_deleted", store);
  };
  const wordsOf = (store: Business): readonly string[] => {
    let found = kept.get(store);
    if (found === undefined) kept.set(store, (found = words(`${store.city} ${store.zipcode ?? ""} ${store.name}`)));
    return found;
  };
  return {
    all: () => (all ??= [...byId.values()]),
    find: (reference) => byId.get(reference.startsWith("c-") ? (idByCode.get(reference.slice(2)) ?? "") : reference),
    put,
    remove,
    wordsOf,
  };
}
