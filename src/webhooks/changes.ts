/** What webhooks change in what we hold. No call is made: what is not known for sure is looked at by the next request. */
import type { Business, HeldStores } from "../cache/held-stores.ts";
import type { KnownStores } from "../cache/known-stores.ts";
import type { PurgeLog } from "../cache/purge-log.ts";
import type { Directories } from "../directory/directories.ts";
import type { KeyPolicy, Policy } from "../policy.ts";
import type { HeldStoreChanges } from "./webhook.ts";
import { LRUCache } from "lru-cache";
import { isOlder, readMetadata, singleBusinessRoute } from "../cache/held-stores.ts";
import { businessTag, listTag } from "../cache/tags.ts";

/** However many stores change at once, lists are marked so often. */
const LISTS_PAUSE_MS = 3000;

/** Two processes that are told of one store within so long may each overlook what the other was told. */
const COLLISION_MS = 5000;
const MAX_TOLD = 10_000;

export interface StoreChanges extends HeldStoreChanges {
  /** Ends what waits. */
  close(): void;
}

export interface StoreChangesOptions {
  /** The running one. */
  readonly policy: () => Policy;
  readonly held: HeldStores;
  readonly directories: Pick<Directories, "seen" | "gone">;
  readonly known: KnownStores;
  readonly purges: PurgeLog;
}

export function createStoreChanges({ policy, held, directories, known, purges }: StoreChangesOptions): StoreChanges {
  const inTurn = createTurnsByName();
  const collisions = watchCollisions(purges);
  const keysOf = (organization: string): readonly KeyPolicy[] =>
    [...policy().keys.values()].filter((key) => key.organization.name === organization);

  const replace = async (keys: readonly KeyPolicy[], business: Business): Promise<void> => {
    const seen = readMetadata(business);
    if (seen === undefined) return;
    for (const key of keys) directories.seen(key, business);
    const holding = await Promise.all(keys.map(async (key) => ({ key, before: await held.recall(key, seen.id) })));
    if (holding.some(({ before }) => isOlder(seen, before))) {
      await held.lookAgain(seen.id);
      return;
    }
    const codes = new Set([seen.code, ...holding.map(({ before }) => before?.code)].filter((code) => code !== undefined));
    await purges.purge({ tags: [businessTag(seen.id), ...[...codes].map((code) => businessTag(`c-${code}`))], hard: true });
    const startedAt = purges.currentPoint();
    for (const { key, before } of holding) {
      if (before !== undefined) held.remember(key, business, startedAt);
      // New, or deleted and told late: the next request for it finds out.
      else if (key.sweep) known.add(key.name, seen);
    }
  };

  const forget = async (keys: readonly KeyPolicy[], id: string): Promise<void> => {
    for (const key of keys) directories.gone(key, id);
    const before = await Promise.all(keys.map((key) => held.recall(key, id)));
    const codes = new Set(before.map((metadata) => metadata?.code).filter((code) => code !== undefined));
    for (const key of keys) known.remove(key.name, id);
    await purges.purge({ tags: [businessTag(id), ...[...codes].map((code) => businessTag(`c-${code}`))], hard: true });
  };

  const lists = createPaced(LISTS_PAUSE_MS, (organization) => {
    const tags = keysOf(organization).map(({ name }) => listTag(name));
    if (tags.length > 0) void purges.purge({ tags, hard: false });
  });

  const showing = (organization: string): readonly KeyPolicy[] =>
    keysOf(organization).filter((key) => singleBusinessRoute(key) !== undefined);
  return {
    replace: (organization, business) => {
      const id = String(business["id"]);
      collisions.told(id);
      return inTurn(id, () => replace(showing(organization), business));
    },
    forget: (organization, id) => {
      collisions.told(id);
      return inTurn(id, () => forget(showing(organization), id));
    },
    markListsStale: lists.act,
    close() {
      lists.close();
      collisions.close();
    },
  };
}

/**
 * Another process purges a store that this one was told of a moment ago: it may have been told of an older state, and what it keeps may be
 * that. So what both keep is let go, and the next request asks Partoo. Each webhook does so once at most.
 */
function watchCollisions(purges: PurgeLog): { readonly told: (businessId: string) => void; readonly close: () => void } {
  const told = new LRUCache<string, true>({ max: MAX_TOLD, ttl: COLLISION_MS });
  const close = purges.onPurge(({ tags, hard }, elsewhere) => {
    if (!hard || !elsewhere) return;
    const met = tags.filter((tag) => told.has(tag));
    for (const tag of met) told.delete(tag);
    if (met.length > 0) void purges.purge({ tags: met, hard: true });
  });
  return { told: (businessId) => void told.set(businessTag(businessId), true), close };
}

/** One change of a store after the other, so that the older of two can't overtake the newer one. */
function createTurnsByName(): (name: string, act: () => Promise<void>) => Promise<void> {
  const last = new Map<string, Promise<void>>();
  return async (name, act) => {
    const mine = (last.get(name) ?? Promise.resolve()).then(act, act);
    last.set(name, mine);
    try {
      await mine;
    } finally {
      if (last.get(name) === mine) last.delete(name);
    }
  };
}

/** Acts for a name at once, then once at the end of each pause in which it was called again. */
function createPaced(pauseMs: number, act: (name: string) => void): { readonly act: (name: string) => void; readonly close: () => void } {
  const pauses = new Map<string, { readonly timer: NodeJS.Timeout; again: boolean }>();
  const begin = (name: string): void => {
    act(name);
    pauses.set(name, { timer: setTimeout(() => end(name), pauseMs).unref(), again: false });
  };
  const end = (name: string): void => {
    const again = pauses.get(name)?.again === true;
    pauses.delete(name);
    if (again) begin(name);
  };
  return {
    act(name) {
      const pause = pauses.get(name);
      if (pause === undefined) begin(name);
      else pause.again = true;
    },
    close() {
      for (const { timer } of pauses.values()) clearTimeout(timer);
    },
  };
}
