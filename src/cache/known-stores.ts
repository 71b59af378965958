/** Which stores there are, once a sweep has seen them all: a made-up id costs no call then. */
import type { KeyPolicy } from "../policy.ts";
import type { RouteMatch } from "../request/match.ts";
import type { StoredResponse } from "./entry.ts";
import type { BusinessMetadata } from "./entry.ts";
import { BUSINESS_BY_ID } from "../partoo/business.ts";
import { createStoredResponse } from "./entry.ts";
import { singleBusinessRoute } from "./held-stores.ts";
import { BEGINNING } from "./purge-marks.ts";

/** A census is believed for so many sweeps' time; then a made-up id costs a call again, and a new store is found. */
const BELIEVED_SWEEPS = 3;
/** As long as an answer of Partoo that there is none. */
const NOT_FOUND_SECONDS = 60;

export interface Census {
  /** Wall clock, ms, when it was begun. */
  readonly takenAt: number;
  /** Ids, and `c-` and code, of every store. */
  readonly names: ReadonlySet<string>;
}

export interface KnownStores {
  /** The result of a complete sweep. Stores that were seen since it was begun are known besides. */
  learn(keyName: string, census: Census): void;
  census(keyName: string): Census | undefined;
  /** A store that Partoo has just shown. */
  add(keyName: string, store: BusinessMetadata): void;
  /** A store that is no more. Its code stays known, at the cost of a call: another store may have taken it over. */
  remove(keyName: string, id: string): void;
  /** @returns a not-found response when the match asks for a store that does not exist */
  replyTo(key: KeyPolicy, match: RouteMatch): StoredResponse | undefined;
}

/** @param now wall clock, ms */
export function createKnownStores(now: () => number = Date.now): KnownStores {
  const censuses = new Map<string, Census & { readonly names: Set<string> }>();
  /** Wall clock, ms, by name: since the census of the key was begun. */
  const sightings = new Map<string, Map<string, number>>();
  return {
    learn(keyName, { takenAt, names }) {
      const seen = sightings.get(keyName) ?? new Map<string, number>();
      for (const [name, seenAt] of seen) if (seenAt < takenAt) seen.delete(name);
      censuses.set(keyName, { takenAt, names: new Set([...names, ...seen.keys()]) });
    },
    census: (keyName) => censuses.get(keyName),
    add(keyName, store) {
      const census = censuses.get(keyName);
      const seen = sightings.get(keyName) ?? new Map<string, number>();
      sightings.set(keyName, seen);
      for (const name of namesOf(store)) {
        census?.names.add(name);
        seen.set(name, now());
      }
    },
    remove(keyName, id) {
      censuses.get(keyName)?.names.delete(id);
      sightings.get(keyName)?.delete(id);
    },
    replyTo(key, { route, target }) {
      if (route.template !== BUSINESS_BY_ID.template) return undefined;
      const census = censuses.get(key.name);
      const believedMs = (singleBusinessRoute(key)?.lifetimes.freshSeconds ?? 0) * BELIEVED_SWEEPS * 1000;
      if (census === undefined || now() - census.takenAt > believedMs) return undefined;
      const name = decodeURIComponent(target.slice(target.lastIndexOf("/") + 1));
      return census.names.has(name) ? undefined : notFound(now());
    },
  };
}

/** What a store may be asked for by. */
export function namesOf({ id, code }: BusinessMetadata): readonly string[] {
  return code === undefined ? [id] : [id, `c-${code}`];
}

function notFound(storedAt: number): StoredResponse {
  return createStoredResponse({
    found: false,
    body: Buffer.alloc(0),
    hash: "",
    storedAt,
    freshSeconds: NOT_FOUND_SECONDS,
    staleSeconds: 0,
    tags: [],
    startedAt: { ...BEGINNING, generation: "" },
  });
}
