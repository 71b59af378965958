/** What administrators do: API keys and webhooks (partoo reference §2, §9). Nothing here ever answers with a key's value. */
import type { Call, SandboxEndpoint } from "./endpoint.ts";
import type { HeldKey, KeyRecord } from "./key-book.ts";
import type { Role } from "./keys.ts";
import type { Subscription } from "./webhooks.ts";
import { forbidden, invalid, missing, ok } from "./answer.ts";
import { effectivePermissions, isExpired, timestamp } from "./key-book.ts";
import { readKeySettings } from "./key-settings.ts";
import { choices, flag, paged, text } from "./query.ts";
import { readWebhookItems, readWebhookUpdate } from "./webhook-settings.ts";
import { EVENT_TYPES } from "./webhooks.ts";

const ADMINISTRATORS: readonly Role[] = ["PROVIDER", "ORG_ADMIN"];

export const MANAGING_ENDPOINTS: readonly SandboxEndpoint[] = [
  { method: "GET", template: "/api_keys", errors: "errors", handle: listKeys },
  { method: "POST", template: "/api_keys", errors: "errors", roles: ADMINISTRATORS, handle: createKey },
  { method: "GET", template: "/api_keys/{api_key_id}", errors: "errors", handle: (call) => ok(shown(keyOf(call), call.query)) },
  { method: "PUT", template: "/api_keys/{api_key_id}", errors: "errors", roles: ADMINISTRATORS, handle: updateKey },
  { method: "POST", template: "/api_keys/revoke/{api_key_id}", errors: "errors", roles: ADMINISTRATORS, handle: revokeKey },
  { method: "GET", template: "/webhooks", errors: "error", roles: ADMINISTRATORS, handle: listWebhooks },
  { method: "POST", template: "/webhooks", errors: "error", roles: ADMINISTRATORS, handle: createWebhooks },
  { method: "GET", template: "/webhooks/events", errors: "error", roles: ADMINISTRATORS, handle: () => ok({ events: EVENT_TYPES }) },
  { method: "GET", template: "/webhooks/{webhook_id}", errors: "error", roles: ADMINISTRATORS, handle: (call) => ok(webhookOf(call)) },
  { method: "PUT", template: "/webhooks/{webhook_id}", errors: "error", roles: ADMINISTRATORS, handle: updateWebhook },
  { method: "DELETE", template: "/webhooks/{webhook_id}", errors: "error", roles: ADMINISTRATORS, handle: removeWebhook },
];

function listKeys(call: Call) {
  const { query, now } = call;
  const states = choices(query, "status", ["active", "inactive", "disabled", "expired"]);
  const types = choices(query, "type", ["bot", "user"]);
  const wanted = text(query, "search_text")?.toLowerCase();
  const found = visibleKeys(call).filter(({ value, record }) => {
    if (types?.has(record.user_type) === false) return false;
    if (states !== undefined && !statesOf(record, now).some((state) => states.has(state))) return false;
    return wanted === undefined || record.label.toLowerCase().includes(wanted) || value === query.get("search_text");
  });
  return ok(
    paged(
      query,
      "api_keys",
      found.map((key) => shown(key, query)),
    ),
  );
}

function createKey(call: Call) {
  refuseRestricted(call);
  const key = call.keys.create(call.organization.id, readKeySettings(call.body, call.now));
  return { status: 201, body: shown(key, new URLSearchParams("include_all_permissions=true")) };
}

function updateKey(call: Call) {
  refuseRestricted(call);
  const key = keyOf(call);
  key.record = { ...key.record, ...readKeySettings(call.body, call.now) };
  return ok(shown(key, call.query));
}

function revokeKey(call: Call) {
  refuseRestricted(call);
  const key = keyOf(call);
  const { user_id, user_name, label } = call.key.record;
  key.record = { ...key.record, disabled: true, revoked_by: user_id, revoked_by_name: user_name ?? label, revoked_at: timestamp(call.now) };
  return ok({ id: key.record.id, status: "success" });
}

/** Administrators see all keys of the organization; others those of their own user. */
function visibleKeys({ key, keys, organization }: Call): readonly HeldKey[] {
  const all = keys.ofOrganization(organization.id);
  if (key.record.has_restricted_permissions) throw forbidden();
  if (ADMINISTRATORS.includes(key.record.user_role)) return all;
  return all.filter(({ record }) => record.user_id === key.record.user_id);
}

function keyOf(call: Call): HeldKey {
  const found = visibleKeys(call).find(({ record }) => String(record.id) === call.parameters["api_key_id"]);
  if (found === undefined) throw missing();
  return found;
}

function refuseRestricted({ key }: Call): void {
  if (key.record.has_restricted_permissions) throw forbidden();
}

/** Permissions are shown as they work now, or as they were set. */
function shown({ record }: HeldKey, query: URLSearchParams): KeyRecord {
  const raw = flag(query, "include_all_permissions") === true;
  return raw ? record : { ...record, permissions: record.has_restricted_permissions ? effectivePermissions(record) : [] };
}

function statesOf(record: KeyRecord, now: number): readonly string[] {
  const states = [...(record.disabled ? ["disabled"] : []), ...(isExpired(record, now) ? ["expired"] : [])];
  return states.length === 0 ? ["active"] : ["inactive", ...states];
}

function listWebhooks({ webhooks, organization, query }: Call) {
  return ok(paged(query, "items", webhooks.list(organization.id)));
}

function createWebhooks({ webhooks, organization, body }: Call) {
  const items = readWebhookItems(body);
  const taken = new Set(webhooks.list(organization.id).map(({ event_type }) => event_type));
  const twice = items.filter(({ event_type }) => taken.has(event_type));
  if (twice.length > 0)
    throw invalid({ items: { event_type: `Already registered: ${twice.map(({ event_type }) => event_type).join(", ")}.` } });
  return { status: 201, body: { items: items.map((item) => webhooks.set({ ...item, org_id: organization.id })) } };
}

function updateWebhook(call: Call) {
  const before = webhookOf(call);
  return ok(call.webhooks.set({ ...before, ...readWebhookUpdate(call.body) }));
}

function removeWebhook(call: Call) {
  const { id } = webhookOf(call);
  call.webhooks.remove(id);
  return ok({ status: "success", id });
}

function webhookOf({ webhooks, organization, parameters }: Call): Subscription {
  const found = webhooks.list(organization.id).find(({ id }) => String(id) === parameters["webhook_id"]);
  if (found === undefined) throw missing();
  return found;
}
