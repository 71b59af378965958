/** Webhooks: who wants to be told of which event, and the signed telling (partoo reference §9). */
import type { KeyObject } from "node:crypto";
import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

/** Events that can be asked for; only those of businesses ever happen here. */
export const EVENT_TYPES = [
  "business_created",
  "business_updated",
  "business_deleted",
  "review_created",
  "review_updated",
  "message_created",
  "message_updated",
  "lead_received",
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** One URL for one event of one organization. */
export interface Subscription {
  readonly id: number;
  readonly url: string;
  readonly event_type: EventType;
  readonly org_id: number;
  /** Sent along with each delivery. */
  readonly custom_headers: Readonly<Record<string, string>>;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface Webhooks {
  /** Verifies the signatures: Ed25519, SPKI DER, base64. The same for the same seed. */
  readonly publicKey: string;
  list(organization: number): readonly Subscription[];
  /** Adds a subscription, or replaces the organization's one for the same event. */
  set(subscription: Pick<Subscription, "url" | "event_type" | "org_id" | "custom_headers">): Subscription;
  remove(id: number): void;
  /** Tells whoever asked, in the background. Never throws. */
  emit(organization: number, event: EventType, payload: unknown): void;
}

export interface WebhookOptions {
  readonly seed: number;
  /** Stops deliveries and their retries. */
  readonly signal: AbortSignal;
  /** Wait before the first retry; doubles each time. */
  readonly retryMs: number;
}

/** After an answer of 5xx or none: so many further attempts. */
const RETRIES = 5;
const TIMEOUT_MS = 5_000;
/** PKCS #8 wrapping of a bare Ed25519 seed (RFC 8410 §7). */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

export function createWebhooks(options: WebhookOptions): Webhooks {
  const privateKey = signingKey(options.seed);
  const subscriptions = new Map<number, Subscription>();
  let lastId = 0;
  const list = (organization: number): readonly Subscription[] =>
    [...subscriptions.values()].filter(({ org_id }) => org_id === organization);
  return {
    publicKey: createPublicKey(privateKey).export({ type: "spki", format: "der" }).toString("base64"),
    list,
    set: (wanted) => {
      const before = list(wanted.org_id).find(({ event_type }) => event_type === wanted.event_type);
      const now = new Date().toISOString();
      const made: Subscription = { ...wanted, id: before?.id ?? (lastId += 1), created_at: before?.created_at ?? now, updated_at: now };
      subscriptions.set(made.id, made);
      return made;
    },
    remove: (id) => void subscriptions.delete(id),
    emit: (organization, event, payload) => {
      const body = Buffer.from(JSON.stringify({ type: event, payload }));
      const signature = sign(null, body, privateKey).toString("base64");
      const wanted = list(organization).filter(({ event_type }) => event_type === event);
      for (const subscription of wanted) void deliver(subscription, { body, signature }, options).catch(() => undefined);
    },
  };
}

async function deliver(
  subscription: Subscription,
  message: { readonly body: Buffer; readonly signature: string },
  options: WebhookOptions,
): Promise<void> {
  for (let attempt = 0; attempt <= RETRIES; attempt += 1) {
    if (attempt > 0) await sleep(options.retryMs * 2 ** (attempt - 1), undefined, { signal: options.signal, ref: false });
    const status = await post(subscription, message, options.signal);
    if (status < 500) return;
  }
}

/** The status answered; 599 when there was no answer. */
async function post(
  { url, custom_headers }: Subscription,
  { body, signature }: { readonly body: Buffer; readonly signature: string },
  signal: AbortSignal,
): Promise<number> {
  const headers = { ...custom_headers, "content-type": "application/json", "x-partoo-signature-v1": signature };
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers,
      body: new Uint8Array(body),
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await answer.body?.cancel();
    return answer.status;
  } catch {
    return 599;
  }
}

/** Made from the seed, so that a configuration can hold the public key. Protects nothing. */
function signingKey(seed: number): KeyObject {
  const bytes = createHash("sha256").update(`made-up webhook key ${seed}`).digest();
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, bytes]), format: "der", type: "pkcs8" });
}
