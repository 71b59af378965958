/** What is read beside stores: reviews, their metrics, posts, categories, attributes, sections, permissions, the key's user. */
import type { Call, SandboxEndpoint } from "./endpoint.ts";
import type { Role } from "./keys.ts";
import { missing, ok } from "./answer.ts";
import { attributeList, categoryByReference, categoryList } from "./categories.ts";
import { SECTIONS } from "./groups.ts";
import { PERMISSION_TREE } from "./permissions.ts";
import { searchPosts } from "./posts.ts";
import { paged, text } from "./query.ts";
import { reviewMetrics, searchReviews } from "./review-search.ts";

const MANAGERS: readonly Role[] = ["PROVIDER", "ORG_ADMIN", "ORG_MANAGER", "GROUP_MANAGER", "BUSINESS_MANAGER"];

export const READING_ENDPOINTS: readonly SandboxEndpoint[] = [
  { method: "GET", template: "/reviews", errors: "errors", roles: MANAGERS, permission: "review_read", handle: reviews },
  { method: "GET", template: "/review_analytics/metrics", errors: "error", roles: MANAGERS, permission: "review_read", handle: metrics },
  { method: "GET", template: "/posts", errors: "error", roles: MANAGERS, handle: posts },
  { method: "GET", template: "/categories", errors: "errors", handle: ({ query }) => ok(categoryList(query)) },
  { method: "GET", template: "/categories/{category_id}", errors: "errors", handle: category },
  { method: "GET", template: "/attributes/list", errors: "errors", handle: ({ query }) => ok(attributeList(query)) },
  { method: "GET", template: "/sections", errors: "error", handle: sections },
  { method: "GET", template: "/sections/{section_id}", errors: "error", handle: (call) => ok(sectionOf(call)) },
  { method: "GET", template: "/sections/{section_id}/groups/{group_id}", errors: "error", handle: group },
  { method: "GET", template: "/permissions", errors: "error", roles: ["PROVIDER", "ORG_ADMIN"], handle: () => ok(PERMISSION_TREE) },
  { method: "GET", template: "/user/me", errors: "errors", handle: me },
];

function reviews({ organization, stores, key, query }: Call) {
  return ok(paged(query, "reviews", searchReviews(ofStores(organization.reviews, stores, key.assigned), query)));
}

function metrics({ organization, stores, key, query }: Call) {
  return ok(reviewMetrics(ofStores(organization.reviews, stores, key.assigned), stores, query));
}

function posts({ organization, stores, key, query }: Call) {
  return ok(paged(query, "posts", searchPosts(ofStores(organization.posts, stores, key.assigned), query)));
}

/** Only what belongs to assigned stores, for users who have such. */
function ofStores<T extends { readonly business_id: string }>(
  all: readonly T[],
  stores: Call["stores"],
  assigned: number | undefined,
): readonly T[] {
  if (assigned === undefined) return all;
  const ids = new Set(stores.map(({ id }) => id));
  return all.filter(({ business_id }) => ids.has(business_id));
}

function category({ parameters, query }: Call) {
  const found = categoryByReference(parameters["category_id"] ?? "", query);
  if (found === undefined) throw missing();
  return ok(found);
}

function sections({ query }: Call) {
  const wanted = text(query, "group_name_query")?.toLowerCase();
  const found = SECTIONS.map((section) => ({
    ...section,
    groups: section.groups.filter(({ name }) => wanted === undefined || name.toLowerCase().includes(wanted)),
  }));
  const shown = found.filter(({ groups }) => groups.length > 0).map((section) => ({ ...section, can_edit: false, has_puller: false }));
  return ok(paged(query, "sections", shown));
}

function sectionOf({ parameters }: Call) {
  const found = SECTIONS.find(({ id }) => String(id) === parameters["section_id"]);
  if (found === undefined) throw missing();
  return found;
}

function group(call: Call) {
  const found = sectionOf(call).groups.find(({ id }) => String(id) === call.parameters["group_id"]);
  if (found === undefined) throw missing();
  return ok({ ...found, business_ids: call.stores.filter(({ groups }) => groups.includes(found.id)).map(({ id }) => id) });
}

function me({ key, stores }: Call) {
  const { user_id, user_name, user_role, user_type } = key.record;
  const [first, last] = (user_name ?? "Integration Bot").split(" ");
  return ok({
    id: user_id,
    org_id: key.organization,
    first_name: first,
    last_name: last,
    email: user_type === "bot" ? `bot-${user_id}@sandbox.example` : "camille.lefevre@acme.example",
    lang: "fr",
    role: user_role,
    provider: "sandbox",
    status: "active",
    business_ids: key.assigned === undefined ? [] : stores.map(({ id }) => id),
    created_at: 1_615_299_414,
  });
}
