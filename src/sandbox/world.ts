/** All that lives as long as one sandbox: keys, organizations, counters, faults, webhooks. */
import type { CallCounter } from "./counters.ts";
import type { FaultPlan } from "./faults.ts";
import type { KeyBook } from "./key-book.ts";
import type { SandboxKey } from "./keys.ts";
import type { Organization } from "./organization.ts";
import type { WindowKind } from "./quota.ts";
import type { Router } from "./router.ts";
import type { Webhooks } from "./webhooks.ts";
import { BUSINESS_ENDPOINTS } from "./business-endpoints.ts";
import { createCallCounter } from "./counters.ts";
import { createFaultPlan } from "./faults.ts";
import { createKeyBook } from "./key-book.ts";
import { FIRST_ORGANIZATION, MADE_UP_KEYS, OTHER_ORGANIZATION } from "./keys.ts";
import { MANAGING_ENDPOINTS } from "./managing-endpoints.ts";
import { createOrganization } from "./organization.ts";
import { createQuota } from "./quota.ts";
import { READING_ENDPOINTS } from "./reading-endpoints.ts";
import { createRouter } from "./router.ts";
import { createWebhooks } from "./webhooks.ts";

export interface WorldOptions {
  readonly stores: number;
  readonly seed: number;
  readonly window: WindowKind;
  readonly windowMs: number;
  readonly limitPerMinute: number;
  readonly fail: string | null;
  readonly keys: readonly SandboxKey[];
  /** Stops what runs in the background. */
  readonly signal: AbortSignal;
}

export interface World {
  readonly keys: KeyBook;
  readonly organizations: ReadonlyMap<number, Organization>;
  readonly counter: CallCounter;
  readonly faults: FaultPlan;
  readonly webhooks: Webhooks;
  readonly router: Router;
  readonly now: () => number;
}

const OTHER_STORES = 24;
const WEBHOOK_RETRY_MS = 1_000;

/** @throws RangeError for faults nobody understands */
export function createWorld(options: WorldOptions): World {
  const { seed, windowMs, signal } = options;
  const now = Date.now;
  const webhooks = createWebhooks({ seed, signal, retryMs: WEBHOOK_RETRY_MS });
  const organization = (id: number, brand: string, stores: number): Organization => {
    const quota = createQuota({ limit: options.limitPerMinute, kind: options.window, windowMs, now });
    return createOrganization({ id, brand, stores, seed: seed * 1000 + id, today: new Date(now()), quota, webhooks });
  };
  const organizations = [
    organization(FIRST_ORGANIZATION, "Acme", options.stores),
    organization(OTHER_ORGANIZATION, "Bellavista", Math.min(options.stores, OTHER_STORES)),
  ];
  return {
    keys: createKeyBook([...MADE_UP_KEYS, ...options.keys], now),
    organizations: new Map(organizations.map((one) => [one.id, one])),
    counter: createCallCounter(windowMs, now),
    faults: createFaultPlan(seed, options.fail),
    webhooks,
    router: createRouter([...BUSINESS_ENDPOINTS, ...READING_ENDPOINTS, ...MANAGING_ENDPOINTS]),
    now,
  };
}
