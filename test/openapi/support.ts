/** Configurations to describe, and descriptions as a reader of them sees them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Frontend, Policy } from "../../src/policy.ts";
import { loadConfig } from "../../src/config/load.ts";
import { describeFrontend } from "../../src/openapi/describe.ts";
import { CATALOGUE } from "../../src/partoo/catalogue.ts";
import { writeConfig } from "../support/proxy.ts";

export type Json = Readonly<Record<string, unknown>>;

export interface ParameterObject {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: true;
  readonly style?: string;
  readonly explode?: boolean;
  readonly schema: Json;
}

const SITE = "key: locator-read\norigins: [https://stores.acme.example]\n";
const STORES = ["GET /business/search: { fields: [id, name] }", "GET /business/{business_id}: { fields: [id, name] }"];

/** A site with the directory and these lines in its file. */
export function frontendWith(lines: string): Frontend {
  return frontendOf(policyOf(keyWith(STORES), { site: `${SITE}stores: true\n${lines}` }), "site");
}

export interface ResponseObject {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema: Json; readonly examples?: Readonly<Record<string, { value: unknown }>> }>>;
}

export interface OperationObject {
  readonly security?: readonly Json[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Json }>> };
  readonly operationId: string;
  readonly parameters: readonly (ParameterObject | { readonly $ref: string })[];
  readonly responses: Readonly<Record<string, ResponseObject>>;
}

/** The parts of OpenAPI that the tests look at. */
export interface Document {
  readonly info: { readonly version: string };
  readonly servers: readonly { readonly url: string }[];
  readonly security?: readonly Json[];
  /** Of `/session` there is only `post`. */
  readonly paths: Readonly<Record<string, { readonly get: OperationObject; readonly post?: OperationObject }>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Json>>;
    readonly responses: Readonly<Record<string, ResponseObject>>;
    readonly securitySchemes?: Json;
  };
}

export function documentOf(frontend: Frontend): Document {
  return JSON.parse(JSON.stringify(describeFrontend(frontend))) as Document;
}

/** Parameters that are written where they are used: all but header fields. */
export function ownParameters({ parameters }: OperationObject): readonly ParameterObject[] {
  return parameters.filter((parameter) => "name" in parameter);
}

export function resolveResponse(document: Document, response: ResponseObject | undefined): ResponseObject {
  const name = response?.$ref?.split("/").at(-1);
  const resolved = name === undefined ? response : document.components.responses[name];
  if (resolved === undefined) throw new Error(`there is no response ${name}`);
  return resolved;
}

/** @throws Error with the faults, if there are any */
export function policyOf(bff: string, frontends: Readonly<Record<string, string>>): Policy {
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-openapi-"));
  const { policy, diagnostics } = loadConfig(writeConfig(directory, { bff, frontends }));
  rmSync(directory, { recursive: true, force: true });
  if (policy === undefined) throw new Error(JSON.stringify(diagnostics));
  return policy;
}

export function frontendOf(policy: Policy, name: string): Frontend {
  const frontend = policy.frontends.get(name);
  if (frontend === undefined) throw new Error(`there is no frontend ${name}`);
  return frontend;
}

const HEAD =
  "version: 1\norganizations: { acme: { quota: 100000/min, reserve: 0% } }\nkeys:\n  locator-read:\n    organization: acme\n    allow:\n";

/** A key with these routes. @param routes lines of YAML, `GET /business/search: {…}` */
export function keyWith(routes: readonly string[]): string {
  return HEAD + routes.map((route) => `      ${route}\n`).join("");
}

/** A key with every route, parameter and field of the catalogue. */
export const EVERYTHING_ALLOWED = keyWith(
  [...CATALOGUE.values()].map(({ template, query, fields, shorthands, customFields }) => {
    const parameters = Object.fromEntries(Object.keys(query).map((name) => [name, {}]));
    const shown = { fields: [...Object.keys(fields), ...Object.keys(shorthands)], expose_personal: true };
    const custom = customFields ? { custom_fields: ["Parking", "Services"] } : {};
    return `"GET ${template}": ${JSON.stringify({ query: parameters, ...shown, ...custom })}`;
  }),
);

/** Each way to narrow a parameter, forced values, required parameters and defaults. */
export const NARROWED = keyWith([
  `GET /business/search: ${JSON.stringify({
    query: {
      query: { maxLength: 20, minLength: 2, pattern: "^[A-Z]" },
      city: { enum: ["Paris", "Lyon"], default: "Lyon" },
      zipcode: { pattern: "^75" },
      status: { items: { enum: ["open", "opening_soon"] }, maxItems: 1, default: ["open"] },
      business__in: { maxItems: 2 },
      code__in: { items: { maxLength: 5, pattern: "^S-" } },
      groups: { items: { minimum: 5, maximum: 9 } },
      subscribed_to_pm: { enum: [true] },
      page: { maximum: 20 },
      per_page: { minimum: 10, maximum: 50, default: 20 },
      modified__gte: { minimum: 1000 },
      order_by: { enum: ["name", "-name"] },
    },
    force: { country: "FR" },
    fields: ["id", "name", "phone", "lat", "long", "open_hours"],
    custom_fields: ["Parking", "Prix d'été"],
  })}`,
  "GET /business/{business_id}: { fields: [id, name, description_long] }",
  "GET /business/{business_id}/attributes: { query: { country: { default: FR } }, fields: [gmb_id, value] }",
  "GET /attributes/list: { query: { lang: { enum: [fr, en] }, category_name: {} }, fields: [name, attributes] }",
  "GET /review_analytics/metrics: { query: { business__in: { default: [5812ba165168a9f29d000000] } }, force: { metrics: [average_rating] }, fields: [dimension, metrics] }",
  "GET /reviews: { query: { gmb_rating__in: {}, recommended__in: {}, update_date__gte: {}, tags: {} }, fields: [rating] }",
]);
