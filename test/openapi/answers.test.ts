/** What leaves a running proxy is what its description says, to the last member. */
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { RunningSandbox } from "../../src/sandbox/sandbox.ts";
import type { TestGateway } from "../support/gateway.ts";
import type { Document, Json } from "./support.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { until } from "../support/cli.ts";
import { startGateway } from "../support/gateway.ts";
import { ORIGIN } from "../support/proxy.ts";
import { documentOf, EVERYTHING_ALLOWED, frontendOf, keyWith, resolveResponse } from "./support.ts";

const SITE = `key: locator-read\norigins: [${ORIGIN}]\nlimits: { requests: 100000/min, misses: 100000/min }\nstores: true\n`;

let sandbox: RunningSandbox;
let proxy: TestGateway;
let document: Document;
beforeAll(async () => {
  sandbox = await startSandbox({ stores: 60, limitPerMinute: 10_000 });
  proxy = await startGateway({
    upstream: sandbox.url,
    bff: EVERYTHING_ALLOWED,
    frontends: { everything: SITE, careful: SITE.replace("misses: 100000/min", "misses: 1/min") },
    env: { PARTOO_KEY_LOCATOR_READ: "sandbox-everything" },
  });
  document = documentOf(frontendOf(proxy.instance.policy(), "everything"));
  // The stores are read first, then their ratings.
  await until(async () => (await (await ask("/stores", "limit=100")).text()).includes('"rating":{'));
});
afterAll(async () => {
  await proxy.close();
  await sandbox.close();
});

/** Nothing but what is described. The served description leaves the door open, so that a new field breaks no strict reader. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, closed(inner)]));
  const isObjectSchema =
    typeof members["properties"] === "object" && members["type"] !== undefined && [members["type"]].flat().includes("object");
  return isObjectSchema ? { additionalProperties: false, ...members } : members;
}

/** @param isClosed false where schemas are joined: each would refuse the other's members */
function validatorOf(schema: Json, isClosed = true, of = document): ReturnType<Ajv2020["compile"]> {
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: false });
  const described = { components: of.components, ...schema };
  return ajv.compile((isClosed ? closed(described) : described) as object);
}

interface Asked {
  readonly path: string;
  /** Default: application/json. */
  readonly accept?: string;
  readonly query?: string;
  /** How many answers hold, at least: of whole lists, so that many a store's oddities are in them. */
  readonly items?: number;
}

/** For each operation, requests whose answers have much in them. */
const ASKED: Readonly<Record<string, () => readonly Asked[]>> = {
  storesNear: () => [
    { path: "/stores", query: "limit=100", items: 50 },
    { path: "/stores", query: "near=48.86,2.35&limit=100", items: 50 },
    { path: "/stores", query: "near=0,-160&radius=10", items: 1 },
    { path: "/stores", query: "q=acme&open_now=true&custom.Parking=true&limit=5" },
  ],
  storesAll: () => [{ path: "/stores/all", items: 50 }],
  storeById: () => shownStores().flatMap((path) => [{ path }, { path, accept: "application/ld+json" }]),
  businessSearch: () => [
    { path: "/v2/business/search", query: "per_page=100&status=open,closed,temporarily_closed,opening_soon", items: 60 },
    { path: "/v2/business/search", query: "query=acme&per_page=5&page=2" },
  ],
  businessById: () => sandbox.stores.slice(0, 40).map(({ id }) => ({ path: `/v2/business/${String(id)}` })),
  businessAttributes: () => stores("attributes?country=FR"),
  businessMoreHours: () => stores("more_hours"),
  businessPlaceActionLinks: () => stores("place_action_links"),
  businessPartnerUrls: () => stores("partner_urls"),
  categories: () => [{ path: "/v2/categories", query: "with_names=true&with_countries=true&lang=fr", items: 1 }],
  categoriesById: () => [{ path: "/v2/categories/gcid:supermarket", query: "with_names=true" }],
  attributesList: () => [{ path: "/v2/attributes/list", query: "lang=en&category_name=gcid:supermarket&country=FR", items: 1 }],
  posts: () => [{ path: "/v2/posts", query: "per_page=100", items: 1 }],
  sections: () => [{ path: "/v2/sections", items: 1 }],
  reviews: () => [{ path: "/v2/reviews", query: "per_page=100&with_media_links=true", items: 50 }],
  reviewAnalyticsMetrics: () => [
    {
      path: "/v2/review_analytics/metrics",
      query: "metrics=average_rating,reviews_count,rating_distribution&dimensions=business",
      items: 20,
    },
    { path: "/v2/review_analytics/metrics", query: "metrics=average_rating,reviews_count" },
  ],
};

function stores(rest: string): readonly Asked[] {
  const [name = "", query = ""] = rest.split("?");
  return sandbox.stores.slice(0, 8).map(({ id }) => ({ path: `/v2/business/${String(id)}/${name}`, query }));
}

/** The directory shows none that has closed for good. */
function shownStores(): readonly string[] {
  return sandbox.stores.filter(({ status }) => status !== "closed").map(({ id }) => `/stores/${String(id)}`);
}

const ask = (path: string, query = "", init: RequestInit = {}): Promise<Response> => proxy.get(`/everything${path}?${query}`, init);

describe.each(Object.entries(ASKED))("%s", (operationId, asked) => {
  test("answers as described, and with the described header fields", async () => {
    const operation = Object.values(document.paths).find(({ get }) => get.operationId === operationId)?.get;
    const described = resolveResponse(document, operation?.responses["200"]);
    const validators = new Map(Object.entries(described.content ?? {}).map(([type, { schema }]) => [type, validatorOf(schema)]));
    for (const { path, query, accept = "application/json", items = 0 } of asked()) {
      const validate = validators.get(accept) as ReturnType<typeof validatorOf>;
      const answer = await ask(path, query, { headers: { origin: ORIGIN, accept } });
      expect(answer.headers.get("content-type")).toBe(`${accept}; charset=utf-8`);
      const body = (await answer.json()) as Json;
      expect([path, answer.status, validate(body), validate.errors]).toEqual([path, 200, true, null]);
      const list = Object.values(body).find((member) => Array.isArray(member)) as readonly unknown[] | undefined;
      expect(list?.length ?? 0).toBeGreaterThanOrEqual(items);
      const absent = Object.keys(described.headers ?? {}).filter((name) => !answer.headers.has(name));
      expect(absent).toEqual([]);
      const again = await ask(path, query, {
        headers: { origin: ORIGIN, accept, "if-none-match": answer.headers.get("etag") ?? "" },
      });
      expect([again.status, await again.text()]).toEqual([304, ""]);
      expect(operation?.responses["304"]).toBeDefined();
    }
  });
});

test("where little is shown the directory's answers have just that", async () => {
  const fields = "GET /business/search: { fields: [name, lat] }";
  const bff = keyWith([fields, "GET /business/{business_id}: { fields: [id, address_full, open_hours] }"]);
  const gateway = await startGateway({
    upstream: sandbox.url,
    bff,
    frontends: { little: SITE },
    env: { PARTOO_KEY_LOCATOR_READ: "sandbox-everything" },
  });
  onTestFinished(() => gateway.close());
  await until(async () => (await gateway.get("/little/stores/all")).status === 200);
  const little = documentOf(frontendOf(gateway.instance.policy(), "little"));
  const names = (schema: string): readonly string[] => Object.keys(little.components.schemas[schema]?.["properties"] ?? {});
  expect([names("Store"), names("StorePin"), names("StoreDetail"), names("Open")]).toEqual([
    ["name", "lat", "open"],
    ["name", "lat", "open"],
    ["id", "address_full", "open_hours", "open", "as_of"],
    ["now", "until", "next_change"],
  ]);
  expect(names("LocalBusiness")).toEqual(["@context", "@type", "address", "openingHoursSpecification"]);
  for (const [template, path, accept] of [
    ["/stores", "/stores?near=48.86,2.35", "application/json"],
    ["/stores/all", "/stores/all", "application/json"],
    ["/stores/{store}", `/stores/${String(sandbox.stores[0]?.["id"])}`, "application/json"],
    ["/stores/{store}", `/stores/${String(sandbox.stores[0]?.["id"])}`, "application/ld+json"],
  ] as const) {
    const body = (await (await gateway.get(`/little${path}`, { headers: { origin: ORIGIN, accept } })).json()) as Json;
    const validate = validatorOf(little.paths[template]?.get.responses["200"]?.content?.[accept]?.schema ?? {}, true, little);
    expect([path, validate(body), validate.errors]).toEqual([path, true, null]);
  }
});

test("every described operation was asked", () => {
  const described = Object.values(document.paths).map(({ get }) => get.operationId);
  expect(described.filter((name) => !Object.hasOwn(ASKED, name))).toEqual([]);
});

test.each<[string, number, string, () => Promise<Response>]>([
  ["an unknown parameter", 400, "parameter-unknown", () => ask("/v2/business/search", "cty=Paris")],
  ["a wrong value", 400, "parameter-invalid", () => ask("/v2/business/search", "per_page=101")],
  ["an odd encoding", 400, "path-encoding", () => ask("/v2/business/..%2Fapi_keys")],
  ["a foreign page", 403, "origin-not-allowed", () => ask("/v2/business/search", "", { headers: { origin: "https://elsewhere.example" } })],
  ["an image", 403, "fetch-metadata-refused", () => ask("/v2/sections", "", { headers: { "sec-fetch-site": "cross-site" } })],
  ["a store that is none", 404, "not-found", () => ask(`/v2/business/${"0".repeat(24)}`)],
  ["a word of Partoo's in place of an id", 404, "route-not-allowed", () => ask("/v2/business/locations")],
  ["a long target", 414, "target-too-long", () => ask("/v2/business/search", `query=${"a".repeat(9000)}`)],
  ["a failing Partoo", 502, "upstream-failed", () => failing("status=500")],
  ["more misses than an address may cause", 429, "rate-limited", () => exceeding()],
])("%s is answered with a described problem", async (_name, status, code, request) => {
  const answer = await request();
  const described = resolveResponse(document, document.paths["/v2/business/{business_id}"]?.get.responses[status]);
  const schema = described.content?.["application/problem+json"]?.schema ?? {};
  const body = (await answer.json()) as Json;
  expect([answer.status, body["code"], answer.headers.get("content-type")]).toEqual([status, code, "application/problem+json"]);
  expect([validatorOf(schema, false)(body), validatorOf(document.components.schemas["Problem"] ?? {})(body)]).toEqual([true, true]);
  const required = ["Cache-Control", "X-Request-Id", ...(status === 429 ? ["Retry-After", "RateLimit", "RateLimit-Policy"] : [])];
  expect(Object.keys(described.headers ?? {})).toEqual(expect.arrayContaining(required));
  expect(required.filter((name) => !answer.headers.has(name))).toEqual([]);
});

async function failing(fault: string): Promise<Response> {
  sandbox.fail(fault);
  try {
    return await ask("/v2/sections", "group_name_query=nobody");
  } finally {
    sandbox.fail(null);
  }
}

async function exceeding(): Promise<Response> {
  await proxy.get("/careful/v2/sections?group_name_query=one");
  return proxy.get("/careful/v2/sections?group_name_query=two");
}
