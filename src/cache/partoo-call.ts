/** One call to Partoo and what it leaves: a stored response, and every store that was seen in the answer. */
import type { CallTally } from "../call-tally.ts";
import type { Counters } from "../counters.ts";
import type { Directories } from "../directory/directories.ts";
import type { KeyRing } from "../keys.ts";
import type { Logger } from "../log.ts";
import type { Frontend, KeyPolicy } from "../policy.ts";
import type { Governor, Priority } from "../quota/governor.ts";
import type { RouteMatch } from "../request/match.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { CacheKeys } from "./cache-key.ts";
import type { CensusClaims } from "./census-claims.ts";
import type { StoredResponse } from "./entry.ts";
import type { Business, HeldStores } from "./held-stores.ts";
import type { PurgeLog } from "./purge-log.ts";
import type { PurgePoint } from "./purge-marks.ts";
import type { Tiers } from "./tiers.ts";
import { BUSINESS_BY_ID, BUSINESS_SEARCH } from "../partoo/business.ts";
import { Problem } from "../problem.ts";
import { parseAnswer, represent } from "../shape/representation.ts";
import { createStoredResponse } from "./entry.ts";
import { businessTag, keyTag, listTag, routeTag } from "./tags.ts";

/** How long it is remembered that Partoo has no such resource, in seconds. */
const NOT_FOUND_SECONDS = 60;

export interface CallRequest {
  readonly key: KeyPolicy;
  readonly match: RouteMatch;
  /** On whose behalf; undefined: our own. */
  readonly frontend: Frontend | undefined;
  readonly priority: Priority;
  readonly signal: AbortSignal;
}

export interface Fetched {
  readonly entry: StoredResponse;
  /** Where it is stored. */
  readonly key: string;
  /** false: Partoo forbids it; the answer is for those who wait and for nobody else. */
  readonly stored: boolean;
  /** Found in the second tier, still fresh: no call was made. */
  readonly wasHeld?: true;
  /** How long the call waited for the organization's quota, all attempts together. */
  readonly quotaWaitMs?: number;
}

export interface PartooCall {
  /** @throws Problem for whatever is neither an answer nor a 404 */
  fetch(request: CallRequest): Promise<Fetched>;
  /** @returns the parsed answer, of which nothing is stored */
  read(request: CallRequest): Promise<Business>;
  /** A page of stores: each is remembered. @returns the parsed answer */
  sweep(request: CallRequest): Promise<Business>;
}

export interface PartooCallOptions {
  readonly upstream: Upstream;
  readonly governor: Governor;
  readonly keys: KeyRing;
  readonly tiers: Tiers;
  readonly cacheKeys: CacheKeys;
  readonly held: HeldStores;
  readonly directories: Pick<Directories, "seen">;
  readonly purges: PurgeLog;
  readonly claims: CensusClaims;
  readonly counters: Counters;
  readonly calls: CallTally;
  readonly logger: Logger;
  /** Wall clock, ms. */
  readonly now?: () => number;
}

export function createPartooCall(options: PartooCallOptions): PartooCall {
  const {
    upstream,
    governor,
    keys,
    tiers,
    cacheKeys,
    held,
    directories,
    purges,
    claims,
    counters,
    calls,
    logger,
    now = Date.now,
  } = options;
  const told = new Set<string>();

  const send = async ({ key, match, frontend, priority, signal }: CallRequest) => {
    const spender = frontend === undefined ? {} : { frontend: frontend.name, share: frontend.share };
    const call = calls.open(key.organization.name, priority);
    const admit = (until: AbortSignal): Promise<void> =>
      call.admitted(
        governor.admit({ organization: key.organization.name, priority: claims.yielded(key, priority), signal: until, ...spender }),
      );
    try {
      const answer = await upstream.send(match, key.name, { waiting: signal, admit });
      call.succeeded();
      return { ...answer, quotaWaitMs: call.waitedMs() };
    } catch (fault) {
      call.failed(fault);
      if (!(fault instanceof Problem)) throw fault;
      if (fault.upstreamStatus === 429) {
        counters.add("pauses");
        await governor.pause(key.organization.name, fault.retryAfterSeconds ?? 60);
      }
      throw fault;
    }
  };

  const read = async (request: CallRequest): Promise<Business> => {
    const parsed = parseAnswer((await send(request)).body);
    return isObject(parsed) ? parsed : {};
  };

  const rememberAll = (key: KeyPolicy, stores: readonly unknown[], startedAt: PurgePoint): void => {
    for (const store of stores) {
      if (!isObject(store)) continue;
      directories.seen(key, store);
      if (held.remember(key, store, startedAt) !== undefined) counters.add("remembered_stores");
    }
  };

  const mayStore = ({ match: { route } }: CallRequest, mustNotStore: boolean): boolean => {
    if (!mustNotStore || route.lifetimes.ignoreUpstream) return true;
    if (!told.has(route.template))
      logger.warn({ route: route.template }, "Partoo forbids storing its answers; cache: { upstream: ignore } overrides that");
    told.add(route.template);
    return false;
  };

  const kept = (cacheKey: string, entry: StoredResponse): Fetched => {
    tiers.set(cacheKey, entry);
    return { entry, key: cacheKey, stored: true };
  };

  /** What was stored before is out of date, and refreshing it would be a call for every request. */
  const passedOn = (cacheKey: string, entry: StoredResponse): Fetched => {
    const outdated = tiers.peek(cacheKey);
    if (outdated !== undefined) tiers.delete(outdated.key);
    return { entry, key: cacheKey, stored: false };
  };

  return {
    async fetch(request) {
      const { key, match } = request;
      const { route } = match;
      const cacheKey = cacheKeys.of(key, route, match.target);
      const birth = { startedAt: purges.currentPoint(), tags: tagsOf(key, match) };
      try {
        const answer = await send(request);
        const { quotaWaitMs } = answer;
        const parsed = parseAnswer(answer.body);
        const { freshSeconds, staleSeconds } = route.lifetimes;
        const entry = createStoredResponse({
          ...birth,
          storedAt: now(),
          freshSeconds,
          staleSeconds,
          found: true,
          ...represent(route, parsed, keys),
        });
        if (!mayStore(request, answer.mustNotStore)) return { ...passedOn(cacheKey, entry), quotaWaitMs };
        if (route.template === BUSINESS_SEARCH.template && isObject(parsed)) rememberAll(key, listOf(parsed), birth.startedAt);
        if (route.template === BUSINESS_BY_ID.template) rememberAll(key, [parsed], birth.startedAt);
        const remembered = tiers.peek(cacheKey);
        if (route.template === BUSINESS_BY_ID.template && remembered !== undefined) return { ...remembered, stored: true, quotaWaitMs };
        return { ...kept(cacheKey, entry), quotaWaitMs };
      } catch (fault) {
        if (!(fault instanceof Problem) || fault.code !== "not-found") throw fault;
        const entry = createStoredResponse({ ...birth, storedAt: now(), freshSeconds: NOT_FOUND_SECONDS, staleSeconds: 0, ...NOTHING });
        return mayStore(request, fault.mustNotStore) ? kept(cacheKey, entry) : passedOn(cacheKey, entry);
      }
    },
    read,
    async sweep(request) {
      const startedAt = purges.currentPoint();
      const page = await read(request);
      rememberAll(request.key, listOf(page), startedAt);
      return page;
    },
  };
}

const NOTHING = { found: false, body: Buffer.alloc(0), hash: "" } as const;

/** Names by which this response is purged. */
export function tagsOf(key: KeyPolicy, { route, target }: RouteMatch): readonly string[] {
  const common = [keyTag(key.name), routeTag(route.template)];
  if (route.template === BUSINESS_SEARCH.template) return [...common, listTag(key.name)];
  const business = /^\/business\/([^/?]+)/.exec(target)?.[1];
  return business === undefined ? common : [...common, businessTag(decodeURIComponent(business))];
}

function listOf(answer: Business): readonly unknown[] {
  const { businesses } = answer;
  return Array.isArray(businesses) ? businesses : [];
}

function isObject(value: unknown): value is Business {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
