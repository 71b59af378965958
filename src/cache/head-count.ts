/** Adds up the pages of a sweep, and tells whether they can be all stores. Whoever is missing from the result is answered not-found. */
import type { BusinessMetadata } from "./entry.ts";
import { SWEEP_PAGE_SIZE } from "../request/match.ts";
import { namesOf } from "./known-stores.ts";

/** Of a sweep that can't tell which stores there are not. The message is ours, without a value. */
export class IncompleteSweep extends Error {
  override readonly name = "IncompleteSweep";
}

export interface HeadCount {
  /** How many pages there are to read, as far as is known. One more than the first page promised, at most. */
  readonly pages: number;
  /** @param answer of /business/search, parsed. @throws IncompleteSweep */
  add(answer: Readonly<Record<string, unknown>>): void;
  /** Every name of every store. @throws IncompleteSweep */
  finish(): ReadonlySet<string>;
}

export function createHeadCount(): HeadCount {
  const ids = new Set<string>();
  const names = new Set<string>();
  let stores = 0;
  let pages = 1;
  let mostPages: number | undefined;
  return {
    get pages() {
      return pages;
    },
    add({ count, businesses }) {
      if (!Array.isArray(businesses) || businesses.length === 0 || typeof count !== "number" || count < 1) {
        throw new IncompleteSweep("a page without stores");
      }
      // What stood behind it has moved up, perhaps past a page that was already read.
      if (count < stores) throw new IncompleteSweep("a store went away meanwhile");
      stores = count;
      for (const store of businesses.map(readNames)) {
        if (store === undefined) continue;
        ids.add(store.id);
        for (const name of namesOf(store)) names.add(name);
      }
      const promised = Math.ceil(count / SWEEP_PAGE_SIZE);
      mostPages ??= promised + 1;
      pages = Math.min(promised, mostPages);
    },
    finish() {
      if (ids.size < stores) throw new IncompleteSweep("fewer stores than Partoo counts");
      return names;
    },
  };
}

function readNames(business: unknown): BusinessMetadata | undefined {
  if (typeof business !== "object" || business === null) return undefined;
  const { id, code } = business as { id?: unknown; code?: unknown };
  if (typeof id !== "string") return undefined;
  return typeof code === "string" && code !== "" ? { id, code } : { id };
}
