import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { describeFrontend, descriptionOf } from "../../src/openapi/describe.ts";
import { itemNamesOf, operationIdOf } from "../../src/openapi/names.ts";
import { CATALOGUE } from "../../src/partoo/catalogue.ts";
import type { Document, OperationObject } from "./support.ts";
import {
  documentOf,
  frontendWith,
  EVERYTHING_ALLOWED,
  frontendOf,
  keyWith,
  NARROWED,
  ownParameters,
  policyOf,
  resolveResponse,
} from "./support.ts";

const SITE = "key: locator-read\norigins: [https://stores.acme.example]\n";
const JWT = "proof: { jwt: { issuer: https://login.acme.example/, audience: bff, jwks: https://login.acme.example/keys } }\n";
const WITH_SESSIONS = {
  "no-proof": "session: on-miss\n",
  solved: "session: required\nproof: altcha\nservers: [renderer]\n",
  apps: `apps: true\nsession: on-miss\n${JWT}`,
};
const shipped = loadConfig("config").policy;
const FRONTENDS = [
  ...(shipped?.frontends.values() ?? []),
  frontendOf(policyOf(EVERYTHING_ALLOWED, { everything: SITE }), "everything"),
  frontendOf(policyOf(NARROWED, { narrowed: SITE }), "narrowed"),
  ...Object.entries(WITH_SESSIONS).map(([name, lines]) => ({ ...frontendWith(lines), name })),
].flatMap((frontend) => [
  { ...frontend, stores: true },
  { ...frontend, stores: false, name: `${frontend.name} without stores` },
]);

function operationsOf({ paths }: Document): readonly OperationObject[] {
  return Object.values(paths).flatMap(({ get, post }) => [get, post].filter((operation) => operation !== undefined));
}

/** With the schemas of a document. */
function validatorOf(document: Document): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false, strictTypes: false, validateFormats: false });
  ajv.addKeyword("components");
  ajv.addSchema({ $id: "description", components: document.components }, "description");
  return ajv;
}

describe.each(FRONTENDS.map((frontend) => [frontend.name, frontend] as const))("the description of %s", (_name, frontend) => {
  const document = documentOf(frontend);

  test("is OpenAPI 3.1, says an independent validator", async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document) as unknown as Record<string, unknown>)).toMatchObject({ valid: true });
    expect(validator.version).toBe("3.1");
  });

  test("has an example for each answer and problem, and each fits its schema", () => {
    const ajv = validatorOf(document);
    const contents = operationsOf(document).flatMap(({ operationId, responses }) =>
      Object.values(responses).flatMap((response) =>
        Object.values(resolveResponse(document, response).content ?? {}).map((content) => ({ operationId, ...content })),
      ),
    );
    for (const { operationId, schema, examples = {} } of contents) {
      const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"description#/')) as object);
      expect(Object.keys(examples)).not.toEqual([]);
      for (const { value } of Object.values(examples)) {
        expect([operationId, validate(value), validate.errors]).toEqual([operationId, true, null]);
      }
    }
  });

  test("tells nothing of keys, organizations, origins and forced values", () => {
    const text = JSON.stringify(document);
    expect(text).not.toMatch(/locator-read|PARTOO_KEY|organizations|https:\/\/stores\.acme\.example"/);
    const forced = frontend.routes.flatMap(({ template, force }) => [...force.keys()].map((name) => [template, name] as const));
    for (const [template, name] of forced) {
      const operation = document.paths[`/v2${template}`]?.get;
      expect(operation === undefined ? [name] : ownParameters(operation).map((parameter) => parameter.name)).not.toContain(name);
    }
  });

  test("names every schema that it refers to, and refers to every one that it names", () => {
    const text = JSON.stringify(document);
    const used = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name));
    expect(new Set(Object.keys(document.components.schemas))).toEqual(used);
  });
});

test("operations have names to call them by, each its own", () => {
  const everything = documentOf(frontendOf(policyOf(EVERYTHING_ALLOWED, { everything: SITE }), "everything"));
  expect(Object.entries(everything.paths).map(([path, { get }]) => [path, get.operationId])).toEqual([
    ["/v2/business/search", "businessSearch"],
    ["/v2/business/{business_id}", "businessById"],
    ["/v2/business/{business_id}/attributes", "businessAttributes"],
    ["/v2/business/{business_id}/more_hours", "businessMoreHours"],
    ["/v2/business/{business_id}/place_action_links", "businessPlaceActionLinks"],
    ["/v2/business/{business_id}/partner_urls", "businessPartnerUrls"],
    ["/v2/categories", "categories"],
    ["/v2/categories/{category_id}", "categoriesById"],
    ["/v2/attributes/list", "attributesList"],
    ["/v2/posts", "posts"],
    ["/v2/sections", "sections"],
    ["/v2/reviews", "reviews"],
    ["/v2/review_analytics/metrics", "reviewAnalyticsMetrics"],
  ]);
  for (const template of CATALOGUE.keys()) {
    const fallback = operationIdOf(template);
    expect(itemNamesOf(template)[0].toLowerCase()).not.toBe(fallback.toLowerCase());
  }
});

test("a store has one type in list and page where both show the same, and two where they do not", () => {
  const same = keyWith(["GET /business/search: { fields: [id, name] }", "GET /business/{business_id}: { fields: [id, name] }"]);
  const other = keyWith(["GET /business/search: { fields: [id, name] }", "GET /business/{business_id}: { fields: [id, code] }"]);
  const names = (bff: string): readonly string[] =>
    Object.keys(documentOf(frontendOf(policyOf(bff, { site: SITE }), "site")).components.schemas);
  expect(names(same)).toEqual(["Business", "BusinessList", "Problem"]);
  expect(names(other)).toEqual(["Business", "BusinessDetail", "BusinessList", "Problem"]);
});

test("the order in which routes are written changes nothing", () => {
  const routes = [
    "GET /business/search: { fields: [id, name], custom_fields: [Parking] }",
    "GET /business/{business_id}: { fields: [id, code], custom_fields: [Drive] }",
    "GET /categories: { fields: [id] }",
    "GET /categories/{category_id}: { fields: [name] }",
  ];
  const text = (written: readonly string[]): string =>
    JSON.stringify(documentOf(frontendOf(policyOf(keyWith(written), { site: SITE }), "site")));
  expect(text(routes.toReversed())).toBe(text(routes));
});

test("a frontend of fewer routes has fewer paths", () => {
  const app = documentOf(frontendOf(shipped as NonNullable<typeof shipped>, "mobile-app"));
  const paths = "/stores /stores/all /stores/{store} /v2/business/search /v2/business/{business_id}";
  expect(Object.keys(app.paths)).toEqual(paths.split(" "));
  expect(app.servers).toEqual([{ url: "/mobile-app" }]);
});

test.each([
  ["average_rating,reviews_count", ["average", "count"], true],
  ["reviews_count", ["count"], false],
  ["average_rating", ["average"], false],
  ["rank", undefined, false],
])("stores have the ratings that the key may ask for: %s", (metrics, figures, isForSearchEngines) => {
  const stores = ["GET /business/search: { fields: [id, name] }", "GET /business/{business_id}: { fields: [id, name] }"];
  const asked = `GET /review_analytics/metrics: { force: { dimensions: business, metrics: "${metrics}" }, fields: [dimension, metrics] }`;
  const site = { site: `${SITE}stores: true\n` };
  const { schemas } = documentOf(frontendOf(policyOf(keyWith([...stores, asked]), site), "site")).components;
  const members = (name: string): readonly string[] | undefined => schemas[name] && Object.keys(schemas[name]["properties"] ?? {});
  expect(members("Rating")).toEqual(figures);
  expect(schemas["Rating"]?.["required"]).toEqual(figures);
  for (const store of ["Store", "StoreDetail"]) expect(members(store)?.includes("rating")).toBe(figures !== undefined);
  expect(members("LocalBusiness")?.includes("aggregateRating")).toBe(isForSearchEngines);
});

test("servers have a bearer, pages and apps have none", () => {
  const policy = policyOf(keyWith(["GET /business/search: { fields: [id] }"]), {
    site: SITE,
    both: `${SITE}servers: [renderer]\n`,
    build: "key: locator-read\nservers: [renderer]\n",
  });
  const { securitySchemes, ...site } = documentOf(frontendOf(policy, "site")).components;
  expect([securitySchemes, site]).toEqual([undefined, expect.anything()]);
  expect(documentOf(frontendOf(policy, "site")).security).toBeUndefined();
  expect(documentOf(frontendOf(policy, "both")).security).toEqual([{}, { server: [] }]);
  expect(documentOf(frontendOf(policy, "build")).security).toEqual([{ server: [] }]);
  expect(documentOf(frontendOf(policy, "build")).components.securitySchemes).toMatchObject({ server: { type: "http", scheme: "bearer" } });
});

describe("sessions", () => {
  const statusesOf = (document: Document, path: string): readonly string[] => Object.keys(document.paths[path]?.get.responses ?? {});
  const codesOf = (document: Document, status: string): readonly string[] => {
    const response = resolveResponse(document, document.paths["/session"]?.post?.responses[status]);
    return Object.keys(response.content?.["application/problem+json"]?.examples ?? {});
  };

  test("where there are none nothing is said of them", () => {
    const document = documentOf(frontendWith(""));
    expect(JSON.stringify(document)).not.toMatch(/session|challenge|Unauthorized|WWW-Authenticate/i);
    expect(document.security).toBeUndefined();
  });

  test("on-miss: what may need a call says 401, the directory does not, and what carries one is optional", () => {
    const document = documentOf(frontendWith("session: on-miss\n"));
    expect(statusesOf(document, "/v2/business/search")).toContain("401");
    expect(statusesOf(document, "/stores")).not.toContain("401");
    expect(document.security).toEqual([{}, { sessionCookie: [] }, { sessionBearer: [] }]);
    expect(document.components.securitySchemes).toMatchObject({
      sessionCookie: { type: "apiKey", in: "cookie", name: "__Host-Http-bff-site" },
      sessionBearer: { type: "http", scheme: "bearer" },
    });
  });

  test("required: every call needs one but that which mints it; servers have a token of their own", () => {
    const document = documentOf(frontendWith("session: required\nservers: [renderer]\n"));
    for (const path of ["/v2/business/search", "/stores", "/stores/all"]) expect(statusesOf(document, path)).toContain("401");
    expect(document.security).toEqual([{ server: [] }, { sessionCookie: [] }, { sessionBearer: [] }]);
    expect(document.paths["/session"]?.post?.security).toEqual([]);
  });

  test("apps carry a bearer, and no cookie", () => {
    const { key } = frontendWith("");
    const document = documentOf({ ...frontendWith("session: required\napps: true\n"), key, origins: new Set() });
    expect(document.security).toEqual([{ sessionBearer: [] }]);
  });

  test.each([
    ["none", "", ["origin-not-allowed", "fetch-metadata-refused"], ["draining"], ["use"]],
    [
      "altcha",
      "proof: altcha\n",
      ["challenge-required", "challenge-invalid", "origin-not-allowed", "fetch-metadata-refused"],
      ["challenge-unavailable", "draining"],
      ["proof", "use"],
    ],
    [
      "jwt",
      JWT,
      ["challenge-required", "challenge-invalid", "origin-not-allowed", "fetch-metadata-refused"],
      ["challenge-unavailable", "draining"],
      ["proof", "use"],
    ],
  ])("minting one is refused as its proof %s makes it", (kind, lines, refused, unavailable, members) => {
    const document = documentOf(frontendWith(`session: on-miss\n${lines}`));
    expect([codesOf(document, "403"), codesOf(document, "503")]).toEqual([refused, unavailable]);
    expect(Object.keys(document.components.schemas["SessionRequest"]?.["properties"] ?? {})).toEqual(members);
    expect(Object.hasOwn(document.components.schemas, "Challenge")).toBe(kind === "altcha");
  });
});

test("the version changes with what may be called, and with nothing else", () => {
  const version = (bff: string): string => documentOf(frontendOf(policyOf(bff, { site: SITE }), "site")).info.version;
  const search = "GET /business/search: { fields: [id], cache: 10m }";
  expect(version(keyWith([search]))).toBe(version(keyWith([search.replace("10m", "1h")])));
  expect(version(keyWith([search]))).not.toBe(version(keyWith([search.replace("[id]", "[id, name]")])));
});

test("what is served is made once for each frontend, and is the description", () => {
  const frontend = frontendOf(shipped as NonNullable<typeof shipped>, "store-locator");
  const { body, hash } = descriptionOf(frontend);
  expect(descriptionOf(frontend).body).toBe(body);
  expect(JSON.parse(body.toString())).toEqual(describeFrontend(frontend));
  expect(hash).toMatch(/^[\w-]{22}$/);
});
