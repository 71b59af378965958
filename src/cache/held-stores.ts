/** Stores are held, not only responses: a business object that was seen anywhere answers the route of a single business by id and by code. */
import type { KeyRing } from "../keys.ts";
import type { KeyPolicy, Route } from "../policy.ts";
import type { CacheKeys } from "./cache-key.ts";
import type { BusinessMetadata } from "./entry.ts";
import type { KnownStores } from "./known-stores.ts";
import type { PurgeLog } from "./purge-log.ts";
import type { PurgePoint } from "./purge-marks.ts";
import type { Tiers } from "./tiers.ts";
import { BUSINESS_BY_ID } from "../partoo/business.ts";
import { represent } from "../shape/representation.ts";
import { createStoredResponse } from "./entry.ts";
import { createSecondLooks } from "./second-looks.ts";
import { businessTag, keyTag, routeTag } from "./tags.ts";

export type Business = Readonly<Record<string, unknown>>;

export interface HeldStores {
  /**
   * Shapes and stores a business for the key's route of a single business, under its id and its code.
   * @param startedAt what had been purged when the object was asked for
   * @returns its names, or undefined when the key has no such route or the object no id
   */
  remember(key: KeyPolicy, business: Business, startedAt: PurgePoint): BusinessMetadata | undefined;
  /** What is held of a business for the key, in memory or Redis; undefined when nothing usable is. */
  recall(key: KeyPolicy, businessId: string): Promise<BusinessMetadata | undefined>;
  /** An older state of the business was seen than the one that is held, which is stale from now on: now and then, however often that comes. */
  lookAgain(businessId: string): Promise<void>;
}

export interface HeldStoresOptions {
  readonly tiers: Tiers;
  readonly cacheKeys: CacheKeys;
  readonly purges: PurgeLog;
  readonly keys: KeyRing;
  readonly known: KnownStores;
  /** Wall clock, ms. */
  readonly now?: () => number;
}

const BUSINESS_ID = /^[0-9a-f]{24}$/;

export function createHeldStores({ tiers, cacheKeys, purges, keys, known, now = Date.now }: HeldStoresOptions): HeldStores {
  const lookAgain = createSecondLooks(purges, now);
  return {
    lookAgain,
    remember(key, business, startedAt) {
      const route = singleBusinessRoute(key);
      const metadata = readMetadata(business);
      if (route === undefined || metadata === undefined) return undefined;
      const idKey = cacheKeys.of(key, route, `/business/${metadata.id}`);
      const before = tiers.peek(idKey)?.entry.metadata;
      if (isOlder(metadata, before)) {
        void lookAgain(metadata.id);
        return before;
      }
      const representation = represent(route, business, keys);
      const common = {
        found: true,
        storedAt: now(),
        ...lifetimes(route),
        tags: [keyTag(key.name), routeTag(route.template), businessTag(metadata.id)],
        startedAt,
        metadata,
      };
      tiers.set(idKey, createStoredResponse({ ...common, ...representation }));
      const nameKey = codeKey(cacheKeys, key, route, metadata.code);
      if (nameKey !== undefined)
        tiers.set(nameKey, createStoredResponse({ ...common, body: Buffer.alloc(0), hash: representation.hash, alias: idKey }));
      const oldKey = before?.code === metadata.code ? undefined : codeKey(cacheKeys, key, route, before?.code);
      // Unless another store has taken it over.
      if (oldKey !== undefined && tiers.peek(oldKey) === undefined) tiers.delete(oldKey);
      known.add(key.name, metadata);
      return metadata;
    },
    async recall(key, businessId) {
      const route = singleBusinessRoute(key);
      return route && (await tiers.fetch(cacheKeys.of(key, route, `/business/${businessId}`)))?.entry.metadata;
    },
  };
}

/** The route by which this key shows one business, if it has one. */
export function singleBusinessRoute(key: KeyPolicy): Route | undefined {
  return key.routes.find(({ template }) => template === BUSINESS_BY_ID.template);
}

function lifetimes({ lifetimes: { freshSeconds, staleSeconds } }: Route): { readonly freshSeconds: number; readonly staleSeconds: number } {
  return { freshSeconds, staleSeconds };
}

/** @returns undefined when it has no id */
export function readMetadata({ id, code, modified }: Business): BusinessMetadata | undefined {
  if (typeof id !== "string" || !BUSINESS_ID.test(id)) return undefined;
  return {
    id,
    ...(typeof code === "string" && code !== "" ? { code } : {}),
    ...(typeof modified === "number" && Number.isFinite(modified) ? { modified } : {}),
  };
}

/** Whether what was seen is of an earlier state than what is held; false when either does not say. */
export function isOlder(seen: BusinessMetadata, held: BusinessMetadata | undefined): boolean {
  return seen.modified !== undefined && held?.modified !== undefined && seen.modified < held.modified;
}

/** undefined for a code that the route could not be asked for. */
function codeKey(cacheKeys: CacheKeys, key: KeyPolicy, route: Route, ...[code]: [string | undefined]): string | undefined {
  const segment = route.segments.at(-1);
  if (code === undefined || segment === undefined || !("parameter" in segment)) return undefined;
  const result = segment.read(`c-${code}`);
  return "fault" in result ? undefined : cacheKeys.of(key, route, `/business/${encodeURIComponent(result.canonical)}`);
}
