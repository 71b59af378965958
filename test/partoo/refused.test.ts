/** Endpoints of Partoo that can't be allowed: each is known, and says why. */
import { describe, expect, test } from "vitest";
import { allTemplates, findRefused, REFUSED } from "../../src/partoo/refused.ts";

test("132 endpoints are refused, each once, each with a reason", () => {
  expect(REFUSED).toHaveLength(132);
  expect(new Set(REFUSED.map(({ method, template }) => `${method} ${template}`)).size).toBe(132);
  for (const { method, template, reason } of REFUSED) {
    expect(["GET", "POST", "PUT", "DELETE"]).toContain(method);
    expect(template).toMatch(/^(\/([a-z_-]+|\{[a-z_]+\}))+$/);
    expect(reason.length).toBeGreaterThan(15);
    expect(reason).not.toMatch(/\.$/);
  }
});

test("what writes is refused, whatever it writes", () => {
  const writes = REFUSED.filter(({ method }) => method !== "GET");
  expect(writes).toHaveLength(66);
  expect(findRefused("POST", "/business")?.reason).toMatch(/^changes data/);
  expect(findRefused("DELETE", "/business/{business_id}")?.reason).toMatch(/^changes data/);
});

test.each([
  ["GET", "/api_keys", /API keys/],
  ["GET", "/authorize/list", /API keys/],
  ["GET", "/user/me", /personal data of staff/],
  ["GET", "/user/search", /personal data of staff/],
  ["POST", "/connection/generate_token", /logs people in/],
  ["GET", "/permissions", /permissions/],
  ["GET", "/org/search", /organization/],
  ["GET", "/reviews/fetch-suggestion/{review_id}/{index}", /AI/],
  ["GET", "/presence_analytics_export", /e-mail/],
  ["POST", "/review_booster/send_invitation", /SMS/],
  ["GET", "/conversations", /messages/],
  ["GET", "/webhooks", /events/],
  ["GET", "/reviews/stats", /deprecated; use \/review_analytics\/metrics/],
  ["GET", "/category/search", /deprecated; use \/categories$/],
  ["GET", "/google_posts", /deprecated; use \/posts/],
  ["GET", "/groups", /deprecated; use \/sections/],
])("%s %s is refused for its own reason", (method, template, reason) => {
  expect(findRefused(method, template)?.template).toBe(template);
  expect(findRefused(method, template)?.reason).toMatch(reason);
});

describe("a path as people write it", () => {
  test.each([
    ["/user/{id}", "/user/{user_id}"],
    ["/user/123", "/user/{user_id}"],
    ["/user/me", "/user/me"],
    ["/user/me/", "/user/me"],
    ["/v2/user/me", "/user/me"],
    ["/api/v2/permissions", "/permissions"],
    ["https://api.partoo.co/v2/api_keys?search_text=x", "/api_keys"],
    ["/api_keys/12", "/api_keys/{api_key_id}"],
    ["/business/{id}/plans", "/business/{business_id}/plans"],
    ["/business/search/stats", "/business/search/stats"],
    ["/sections/4/groups/2", "/sections/{section_id}/groups/{group_id}"],
  ])("%s is %s", (written, template) => {
    expect(findRefused("GET", written)?.template).toBe(template);
  });

  test.each([
    "/business/search",
    "/business/{business_id}",
    "/business/{id}",
    "/business/5409c35a97bbc544d8e26737",
    "/business/{id}/attributes",
    "/categories/gcid:bank",
    "/reviews",
    "/v2/reviews?page=1",
  ])("%s is not refused", (written) => {
    expect(findRefused("GET", written)).toBeUndefined();
  });

  test("the method counts, in any letter case", () => {
    expect(findRefused("head", "/user/me")?.method).toBe("GET");
    expect(findRefused("post", "/business/12")?.template).toBe("/business/{business_id}");
    expect(findRefused("PATCH", "/user/me")).toBeUndefined();
  });

  test.each(["", "/", "//", "user/me", "/nothing", "/user/me/extra/deep", "/{a}/{b}", "https://", "/v2", "\n"])(
    "%j is nothing we know of",
    (written) => {
      expect(findRefused("GET", written)).toBeUndefined();
    },
  );

  test("a long one is judged at once", () => {
    const started = performance.now();
    findRefused("GET", `/user${"/".repeat(100_000)}?x`);
    findRefused("GET", `/user/${"?#".repeat(50_000)}`);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

test("suggestions come from every known template, the allowed ones first", () => {
  const templates = allTemplates();
  expect(templates[0]).toBe("/business/search");
  expect(templates.slice(0, 13)).toContain("/reviews");
  expect(templates.slice(13)).toContain("/user/me");
  expect(new Set(templates).size).toBe(templates.length);
});
