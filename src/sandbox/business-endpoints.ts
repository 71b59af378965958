/** /business/…: search, one store and what belongs to it, and the writes that tests change stores with (partoo reference §6). */
import type { Business } from "./business.ts";
import type { Call, SandboxEndpoint } from "./endpoint.ts";
import type { Role } from "./keys.ts";
import { forbidden, missing, ok } from "./answer.ts";
import { createdStore, editedStore } from "./business-edit.ts";
import { attributesOf } from "./categories.ts";
import { paged } from "./query.ts";
import { searchStores } from "./search.ts";
import { moreHoursOf, partnerUrlsOf, placeActionLinksOf } from "./store-links.ts";

/** Roles that may write `c-{code}` in place of an id. */
const CODE_ROLES: ReadonlySet<Role> = new Set(["ORG_ADMIN", "GROUP_MANAGER", "BUSINESS_MANAGER"]);
const WRITERS: readonly Role[] = ["PROVIDER", "ORG_ADMIN", "ORG_MANAGER", "GROUP_MANAGER", "BUSINESS_MANAGER"];
const CREATORS: readonly Role[] = ["PROVIDER", "ORG_ADMIN", "ORG_MANAGER"];

export const BUSINESS_ENDPOINTS: readonly SandboxEndpoint[] = [
  { method: "GET", template: "/business/search", errors: "errors", handle: search },
  { method: "GET", template: "/business/{business_id}", errors: "errors", handle: (call) => ok(storeOf(call)) },
  { method: "POST", template: "/business", errors: "errors", roles: CREATORS, permission: "business_edit", handle: create },
  { method: "POST", template: "/business/{business_id}", errors: "errors", roles: WRITERS, permission: "business_edit", handle: edit },
  { method: "DELETE", template: "/business/{business_id}", errors: "errors", roles: WRITERS, permission: "business_edit", handle: remove },
  {
    method: "GET",
    template: "/business/{business_id}/attributes",
    errors: "errors",
    permission: "business_edit_attributes",
    handle: (call) => ok(attributesOf(storeOf(call))),
  },
  { method: "GET", template: "/business/{business_id}/partner_urls", errors: "errors", handle: (call) => ok(partnerUrlsOf(storeOf(call))) },
  { method: "GET", template: "/business/{business_id}/more_hours", errors: "error", handle: (call) => ok(moreHoursOf(storeOf(call))) },
  {
    method: "GET",
    template: "/business/{business_id}/place_action_links",
    errors: "error",
    handle: (call) => ok(placeActionLinksOf(storeOf(call))),
  },
];

function search({ stores, query, organization }: Call) {
  const page = paged(query, "businesses", searchStores(stores, query, organization.book.wordsOf));
  const businesses = page["businesses"] as readonly Business[];
  // The search leaves `features` out (partoo reference §6), and JSON leaves out what is undefined.
  return ok({ ...page, businesses: businesses.map((store) => ({ ...store, features: undefined })) });
}

/** The store that the path names, when the key's user may see it. @throws Refusal 403, 404 */
function storeOf({ parameters, key, organization, stores }: Call): Business {
  const reference = parameters["business_id"] ?? "";
  if (reference.startsWith("c-") && !CODE_ROLES.has(key.record.user_role)) throw forbidden();
  const store = organization.book.find(reference);
  if (store === undefined) throw missing();
  if (key.assigned !== undefined && !stores.includes(store)) throw forbidden();
  return store;
}

function create({ organization, body, now }: Call) {
  const store = createdStore(body, { organization: organization.id, now });
  organization.book.put(store);
  return ok({ status: "success", id: store.id });
}

function edit(call: Call) {
  const store = storeOf(call);
  call.organization.book.put(editedStore(store, call.body, call.now));
  return ok({ status: "success", id: store.id });
}

function remove(call: Call) {
  const store = storeOf(call);
  call.organization.book.remove(store);
  return ok({ status: "success", id: store.id });
}
