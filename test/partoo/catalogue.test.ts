/** The catalogue against Partoo's documentation: literal lists, so that a slip of the pen in a table shows. */
import { describe, expect, test } from "vitest";
import { CATALOGUE, findEndpoint, literalSegmentsAt } from "../../src/partoo/catalogue.ts";
import { REFUSED } from "../../src/partoo/refused.ts";

const QUERY: Readonly<Record<string, readonly string[]>> = {
  "/business/search": [
    "query",
    "business__in",
    "code__in",
    "code",
    "groups",
    "country",
    "name",
    "zipcode",
    "city",
    "status",
    "modified__gte",
    "features__in",
    "features__notin",
    "subscribed_to_rm",
    "subscribed_to_pm",
    "subscribed_to_rb",
    "connected_to_gmb_location",
    "connected_to_facebook_location",
    "order_by",
    "page",
    "per_page",
  ],
  "/business/{business_id}": [],
  "/business/{business_id}/attributes": ["category_name", "country"],
  "/business/{business_id}/more_hours": ["category", "country"],
  "/business/{business_id}/place_action_links": [],
  "/business/{business_id}/partner_urls": [],
  "/categories": [
    "country",
    "lang",
    "state",
    "block_push_long_description_on_gmb",
    "search_query",
    "order_by",
    "live__isnull",
    "page",
    "per_page",
    "with_names",
    "with_countries",
  ],
  "/categories/{category_id}": ["lang", "return_live", "with_names", "with_countries"],
  "/attributes/list": ["lang", "category_name", "country"],
  "/posts": ["business__in", "start_datetime", "end_datetime", "summary", "state__in", "topic_type", "topic_type__in", "page", "per_page"],
  "/sections": ["group_name_query", "page"],
  "/reviews": [
    "business__in",
    "business__notin",
    "content__isnull",
    "partner__in",
    "gmb_rating__in",
    "tripadvisor_rating__in",
    "recommended__in",
    "update_date__gte",
    "update_date__lte",
    "state__in",
    "tags",
    "without_tags",
    "keywords",
    "order_by",
    "with_media_links",
    "page",
    "per_page",
  ],
  "/review_analytics/metrics": [
    "metrics",
    "dimensions",
    "order_by",
    "business__in",
    "business__notin",
    "groups",
    "tags",
    "update_date__gte",
    "update_date__lte",
    "page",
    "per_page",
  ],
};

describe("endpoints", () => {
  test("are the thirteen readable ones, each once", () => {
    expect([...CATALOGUE.keys()].toSorted()).toEqual(Object.keys(QUERY).toSorted());
    expect(CATALOGUE.size).toBe(13);
  });

  test.each(Object.entries(QUERY))("%s takes exactly the parameters Partoo documents", (template, names) => {
    expect(Object.keys(findEndpoint(template)?.query ?? {}).toSorted()).toEqual([...names].toSorted());
  });

  test("are never refused as well", () => {
    const refused = new Set(REFUSED.filter(({ method }) => method === "GET").map(({ template }) => template));
    for (const template of CATALOGUE.keys()) expect(refused.has(template)).toBe(false);
  });

  test("describe every parameter of their own path, and no other", () => {
    for (const { template, path } of CATALOGUE.values()) {
      const named = [...template.matchAll(/\{([a-z_]+)\}/g)].map(([, name]) => name);
      expect(Object.keys(path)).toEqual(named);
    }
  });

  test.each([
    ["/business/search", "businesses"],
    ["/business/{business_id}/attributes", "attributes"],
    ["/business/{business_id}/more_hours", "more_hours"],
    ["/business/{business_id}/place_action_links", "place_action_links"],
    ["/categories", "categories"],
    ["/attributes/list", "groups"],
    ["/posts", "posts"],
    ["/sections", "sections"],
    ["/reviews", "reviews"],
    ["/review_analytics/metrics", "data"],
  ])("%s has its items under %s", (template, member) => {
    expect(findEndpoint(template)?.items).toEqual({ at: "member", member });
  });

  test.each(["/business/{business_id}", "/business/{business_id}/partner_urls", "/categories/{category_id}"])(
    "%s is its own item",
    (template) => {
      expect(findEndpoint(template)?.items).toEqual({ at: "body" });
    },
  );

  test("page through lists with page, max_page and count, and only those", () => {
    const paged = [...CATALOGUE.values()].filter(({ paging }) => paging.length > 0);
    expect(paged.map(({ template }) => template)).toEqual([
      "/business/search",
      "/categories",
      "/posts",
      "/sections",
      "/reviews",
      "/review_analytics/metrics",
    ]);
    for (const { paging } of paged) expect(paging).toEqual(["page", "max_page", "count"]);
  });

  test("ask for the permissions that are known, and say how well", () => {
    const needs = Object.fromEntries([...CATALOGUE.values()].map(({ template, permissions }) => [template, permissions]));
    const inferred = (name: string) => [{ name, basis: "inferred" }];
    expect(needs["/reviews"]).toEqual(inferred("review_read"));
    expect(needs["/review_analytics/metrics"]).toEqual(inferred("review_read"));
    expect(needs["/business/{business_id}/attributes"]).toEqual(inferred("business_edit_attributes"));
    expect(Object.values(needs).filter((need) => need?.length === 0)).toHaveLength(10);
  });

  test("name what Partoo answers 400 without", () => {
    const required = [...CATALOGUE.values()].filter(({ requiredQuery }) => requiredQuery !== undefined);
    expect(required.map(({ template, requiredQuery }) => [template, requiredQuery])).toEqual([
      ["/business/{business_id}/attributes", ["country"]],
      ["/attributes/list", ["lang", "category_name"]],
      ["/review_analytics/metrics", ["metrics"]],
    ]);
    for (const { query, requiredQuery } of required) for (const name of requiredQuery ?? []) expect(query[name]).toBeDefined();
  });

  test.each([
    ["/business/search", 600],
    ["/business/{business_id}", 600],
    ["/posts", 600],
    ["/reviews", 1_800],
    ["/review_analytics/metrics", 3_600],
    ["/categories", 86_400],
    ["/categories/{category_id}", 86_400],
    ["/attributes/list", 86_400],
  ])("%s is fresh for %i seconds when a route names no lifetime", (template, seconds) => {
    expect(findEndpoint(template)?.freshSeconds).toBe(seconds);
  });

  test("offer custom fields by name on businesses only", () => {
    const withCustom = [...CATALOGUE.values()].filter(({ customFields }) => customFields).map(({ template }) => template);
    expect(withCustom).toEqual(["/business/search", "/business/{business_id}"]);
  });

  test("find nothing for a template that is not exactly one of theirs", () => {
    for (const template of ["/business/{id}", "/business/search/", "business/search", "/user/me", "__proto__", ""]) {
      expect(findEndpoint(template)).toBeUndefined();
    }
  });
});

describe("literal segments", () => {
  test.each(["search", "connections_stats", "me", "list", "events", "stats", "metrics", "templates", "order", "section", "revoke"])(
    "%s at the second place never fills a parameter",
    (segment) => {
      expect(literalSegmentsAt(1).has(segment)).toBe(true);
    },
  );

  test("come from refused endpoints, too", () => {
    expect(literalSegmentsAt(0).has("api_keys")).toBe(true);
    expect(literalSegmentsAt(2).has("plans")).toBe(true);
    expect(literalSegmentsAt(3).has("options")).toBe(true);
  });

  test("are never parameters", () => {
    for (const position of [0, 1, 2, 3, 4]) {
      for (const segment of literalSegmentsAt(position)) expect(segment).toMatch(/^[a-z_-]+$/);
    }
  });

  test("are none beyond the longest path and before the first", () => {
    for (const position of [9, 1_000, -1, 0.5, Number.NaN]) expect(literalSegmentsAt(position).size).toBe(0);
  });
});
