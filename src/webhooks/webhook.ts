/** What a webhook of Partoo changes in what we hold. It is only ever a reason to look again: safe twice, safe late, safe out of order. */
import { problem } from "../problem.ts";

/** What can be done with held stores; each is idempotent. */
export interface HeldStoreChanges {
  /** Puts a full business object in the place of what is held of it. Resolves when the next request sees it. */
  replace(organization: string, business: Readonly<Record<string, unknown>>): Promise<void>;
  /** The business is gone: forget all its names. */
  forget(organization: string, businessId: string): Promise<void>;
  /** Answers that list stores may have changed; called often, acts at most once every few seconds. */
  markListsStale(organization: string): void;
}

const BUSINESS_ID = /^[0-9a-f]{24}$/;

/**
 * Applies one verified webhook. Events we do not hold anything of are accepted and change nothing.
 * @param body the raw JSON: `{"type": "business_updated", "payload": {"business": {…}}}`
 * @throws Problem request-malformed when it is not that
 */
export async function applyWebhook(organization: string, body: Buffer, changes: HeldStoreChanges): Promise<void> {
  const { type, business } = readEvent(body);
  if (!type.startsWith("business_")) return;
  const id = business?.["id"];
  if (business === undefined || typeof id !== "string" || !BUSINESS_ID.test(id)) throw malformed();
  if (type === "business_deleted") await changes.forget(organization, id);
  else await changes.replace(organization, business);
  changes.markListsStale(organization);
}

function readEvent(body: Buffer): { readonly type: string; readonly business: Readonly<Record<string, unknown>> | undefined } {
  const event = asObject(parse(body));
  const type = event?.["type"];
  if (event === undefined || typeof type !== "string") throw malformed();
  return { type, business: asObject(asObject(event["payload"])?.["business"]) };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw malformed();
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}

function malformed(): Error {
  return problem("request-malformed", { detail: "The body is no webhook of Partoo." });
}
