/** Reading all stores, page by page, at start, before they stop being fresh, and when they were purged: 5,000 stores cost 50 calls. */
import { setTimeout as sleep } from "node:timers/promises";
import type { KeyPolicy, Policy, Route } from "../policy.ts";
import type { CensusTakerOptions } from "./census-taker.ts";
import { BUSINESS_BY_ID, BUSINESS_SEARCH } from "../partoo/business.ts";
import { Problem } from "../problem.ts";
import { createCensusTaker, freshSecondsOf } from "./census-taker.ts";
import { IncompleteSweep } from "./head-count.ts";
import { TAG_ALL, keyTag, routeTag } from "./tags.ts";

/** Where Redis was emptied or replaced, its connections need a moment: what is read before they are back would be in no other process. */
const SETTLE_MS = 1500;
const BACKOFF_MS = { first: 5000, longest: 300_000 } as const;

export interface Sweeper {
  /** Another policy runs: keys that are new to sweeping begin, others go on, and what they show differently is read again at once. */
  follow(): void;
  /** Ends what is under way. */
  close(): Promise<void>;
}

export interface SweeperOptions extends Omit<CensusTakerOptions, "signal" | "now"> {
  /** The running one. */
  readonly policy: () => Policy;
  /** Whether other processes may share what is held. */
  readonly isShared: boolean;
  /** Redis is there and its purges are known, or that has taken too long. What is stored before is stale for other processes. */
  readonly opened: Promise<void>;
  /** Wall clock, ms. */
  readonly now?: () => number;
}

/** Begins with every key of the policy that has `sweep`, each at its own pace. */
export function startSweeper({ policy, isShared, opened, now = Date.now, ...options }: SweeperOptions): Sweeper {
  const { logger, purges, claims } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const taker = createCensusTaker({ ...options, signal, now });

  const sweeping = new Map<string, Promise<void>>();
  const turned = new Set<() => void>();

  /** As long as the running policy wants it. */
  const run = async (name: string): Promise<void> => {
    await opened;
    let emptiedAt = 0;
    let form: string | undefined;
    let pause = new AbortController();
    const look = (): void => pause.abort();
    turned.add(look);
    const stopListening = purges.onPurge(({ tags }) => {
      if (!isWhole(name, tags)) return;
      emptiedAt = now();
      pause.abort();
    });
    let failures = 0;
    for (let wish = wishOf(policy(), name); wish !== undefined && !signal.aborted; wish = wishOf(policy(), name)) {
      pause = new AbortController();
      const { key, search } = wish;
      // What is held is held in the form of the policy before: stores in another form are yet to be read.
      if (form !== undefined && form !== taker.formOf(key)) emptiedAt = now();
      form = taker.formOf(key);
      let pauseMs: number;
      try {
        pauseMs = await taker.look(key, search, emptiedAt);
        failures = 0;
      } catch (fault) {
        if (signal.aborted) break;
        pauseMs = Math.min(BACKOFF_MS.longest, BACKOFF_MS.first * 2 ** failures);
        failures += 1;
        logger.warn({ key: name, ...describe(fault), again_s: pauseMs / 1000 }, "sweep failed");
      }
      await sleep(pauseMs, undefined, { signal: AbortSignal.any([signal, pause.signal]), ref: false }).catch(() => undefined);
      if (isShared && pause.signal.aborted) await sleep(SETTLE_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
    stopListening();
    turned.delete(look);
    claims.drop(name);
  };

  const begin = (): void => {
    for (const name of policy().keys.keys()) {
      if (wishOf(policy(), name) === undefined || sweeping.has(name)) continue;
      sweeping.set(
        name,
        run(name).finally(() => sweeping.delete(name)),
      );
    }
  };
  begin();
  return {
    follow() {
      for (const look of turned) look();
      begin();
    },
    async close() {
      stopping.abort(new Problem("draining"));
      await Promise.all(sweeping.values());
    },
  };
}

/** The key and its route to read stores by, where the policy wants all of them held. */
function wishOf(policy: Policy, name: string): { readonly key: KeyPolicy; readonly search: Route } | undefined {
  const key = policy.keys.get(name);
  const search = key?.routes.find(({ template }) => template === BUSINESS_SEARCH.template);
  return key?.sweep === true && search !== undefined && freshSecondsOf(key) > 0 ? { key, search } : undefined;
}

/** Whether a purge took all that the key holds of stores. Redis that was emptied or replaced counts as one. */
function isWhole(keyName: string, tags: readonly string[]): boolean {
  return [TAG_ALL, keyTag(keyName), routeTag(BUSINESS_BY_ID.template)].some((tag) => tags.includes(tag));
}

function describe(fault: unknown): { readonly code: string; readonly reason?: string | undefined } {
  if (fault instanceof Problem) return { code: fault.code, reason: fault.reason };
  if (fault instanceof IncompleteSweep) return { code: "sweep-incomplete", reason: fault.message };
  return { code: "internal" };
}
