/** The form of both configuration files. Their descriptions feed editors (config/schema) and docs/configuration.md. */
import { z } from "zod";
import type { ProblemCode } from "../problem.ts";
import { isJwksUrl } from "../session/jwks-url.ts";
import { Narrowing, scalarOrList } from "./narrowing.ts";
import { callsPerMinute, date, duration, name, percentage, rate, text } from "./units.ts";

const flag = z.boolean({ error: "write true or false" });
const names = (what: string): z.ZodArray<z.ZodString> =>
  z.array(z.string({ error: `write the name of ${what}` }), { error: "write a list" });

const cacheTimes = z.strictObject({
  fresh: duration.describe("How long a stored answer is used without asking Partoo again. At least 1s."),
  stale: duration.optional().describe("How long after that it may still be used, for instance while Partoo fails. Default 1d."),
  browser: duration.optional().describe("How long a browser or CDN may use it without asking. Default 1m."),
  upstream: z
    .literal("ignore", { error: 'the only value is "ignore"' })
    .optional()
    .describe("ignore: store answers even where Partoo says that they must not be stored. Default: obey."),
});

const Cache = z
  .union([duration, cacheTimes], { error: 'write a duration, as in "10m", or { fresh, stale, browser }' })
  .describe("How long answers are kept: a duration, or fresh, stale and browser apart. Default: from the catalogue.");

/** What a key may be used for on one route. */
export const RouteFile = z
  .strictObject({
    query: z.record(z.string(), Narrowing).optional().describe("Query parameters that callers may send, by name. Others are refused."),
    force: z.record(z.string(), scalarOrList).optional().describe("Query parameters with a value that callers can't change, by name."),
    fields: names("a field")
      .min(1, { error: "list at least one field: nothing leaves by default" })
      .describe("Members of each item that may leave. All others are dropped before anything is stored."),
    custom_fields: names("a custom field")
      .min(1, { error: "list at least one custom field, or remove the line" })
      .optional()
      .describe("Names of Partoo custom fields that may leave."),
    expose_personal: flag.optional().describe("true: fields about a person may be listed in fields. Default false."),
    cache: Cache.optional(),
  })
  .describe("One GET path template of Partoo's API and what may be asked and answered.");

const KeyFile = z
  .strictObject({
    organization: name.describe("Organization that the key belongs to, as named above."),
    permissions: names("a permission")
      .optional()
      .describe("Permissions as ticked in Partoo. Leave out for an unrestricted key, and be warned."),
    expires: date.optional().describe("Expiry date as set in Partoo, year-month-day. check warns from 30 days before."),
    sweep: flag.optional().describe("true: hold all stores. Default: true where both business routes are allowed."),
    allow: z
      .record(z.string(), RouteFile, { error: 'write routes by name, as in "GET /business/search:"' })
      .refine((allow) => Object.keys(allow).length > 0, { error: "allow at least one route" })
      .describe("All that this key is ever used for, by route: GET and a path template of Partoo's API."),
  })
  .describe("A Partoo API key. Its value comes from the environment: PARTOO_KEY_<NAME> or PARTOO_KEY_<NAME>_FILE.");

const Webhooks = z
  .union(
    [
      z.strictObject({
        public_key: text(
          /^MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=$/,
          "write Partoo's Ed25519 public key: 60 characters of base64 that begin with MCowBQYDK2VwAyEA",
        ).describe("Partoo's Ed25519 public key (base64 of its SubjectPublicKeyInfo)."),
      }),
      z.strictObject({
        header: text(
          /^[Xx]-(?![Pp][Aa][Rr][Tt][Oo][Oo])[A-Za-z0-9-]{1,126}$/,
          "write a header name that begins with X- and not with X-Partoo",
        ).describe("Custom header in which Partoo sends WEBHOOK_SECRET_<ORGANIZATION>."),
      }),
    ],
    { error: "write either { public_key: … } or { header: … }" },
  )
  .describe("How Partoo's webhooks prove that they come from Partoo. Default: none are accepted.");

const OrganizationFile = z
  .strictObject({
    quota: callsPerMinute.optional().describe("Calls a minute that Partoo grants, all keys of the organization together. Default 300/min."),
    reserve: percentage.optional().describe("Part of the quota that is left to the organization's other tools. Default 20%."),
    instances: z
      .int({ error: "write a whole number" })
      .min(1, { error: "at least 1" })
      .max(1000, { error: "at most 1000" })
      .optional()
      .describe("Processes of this server that share the quota. Default 1."),
    webhooks: Webhooks.optional(),
  })
  .describe("An organization of Partoo: it owns keys and one quota.");

const version = z.literal(1, { error: "write version: 1" });

/** config/bff.yaml */
export const BffFile = z
  .strictObject({
    version: version.describe("Version of this format: 1."),
    organizations: z.record(name, OrganizationFile).describe("Organizations of Partoo, by a name of your choice."),
    keys: z.record(name, KeyFile).describe("Partoo API keys and all that they may be used for, by a name of your choice."),
  })
  .describe("Organizations, keys and routes of this server.");

const Limits = z
  .strictObject({
    requests: rate.optional().describe("Requests from one address (IPv6: /64). Default 600/min."),
    misses: rate.optional().describe("Requests from one address that need a call to Partoo. Default 30/min."),
    mode: z
      .enum(["enforce", "report"], { error: "write enforce or report" })
      .optional()
      .describe("report: count and log whoever exceeds them, and let pass. Default enforce."),
  })
  .describe("What one address may send.");

const Jwt = z.strictObject({
  jwt: z
    .strictObject({
      issuer: text(/\S/, "write the issuer, as in its tokens").describe("Expected iss."),
      audience: text(/\S/, "write the audience, as in its tokens").describe("Expected aud."),
      jwks: text(/^(https:\/\/[^\s@]+|http:\/\/(127\.0\.0\.1|localhost)(:\d+)?\/[^\s@]*)$/, "write an https address")
        .refine(isJwksUrl, { error: "write an https address" })
        .describe("Address of the issuer's key set."),
      subjects: names("a subject")
        .min(1, { error: "list at least one subject, or remove the line" })
        .optional()
        .describe("Accepted sub, such as the ids of your apps. Default: any."),
    })
    .describe("A signed token of an issuer you trust."),
});

const Altcha = z.strictObject({
  altcha: z
    .strictObject({
      cost: z
        .int({ error: "write a whole number" })
        .min(100, { error: "write at least 100" })
        .max(1_000_000, { error: "write at most 1000000" })
        .describe("Iterations of each attempt; some 256 attempts are needed. Default 5000: a fraction of a second on a laptop."),
    })
    .describe("A page works for a moment before it gets a session."),
});

/** config/frontends/NAME.yaml */
export const FrontendFile = z
  .strictObject({
    key: name.describe("Name of the key whose routes this frontend may call."),
    origins: names("an origin").optional().describe("Origins of the pages that may call, exactly as browsers send them. Default none."),
    only: names("a route")
      .min(1, { error: "list at least one route, or remove the line" })
      .optional()
      .describe("Fewer routes than the key allows. Default: all of them."),
    apps: flag.optional().describe("true: callers without Origin may call, such as mobile apps, and any script. Default false."),
    servers: z
      .array(name, { error: "write a list" })
      .optional()
      .describe("Names of servers that may call; each has a bearer token, BFF_SERVER_<NAME>. Default none."),
    session: z
      .enum(["none", "on-miss", "required"], { error: "write none, on-miss or required" })
      .optional()
      .describe("When a request must carry a session: none, on-miss (when it needs a call to Partoo), required (always). Default none."),
    proof: z
      .union([z.enum(["none", "altcha"]), Altcha, Jwt], {
        error: "write none, altcha, altcha: { cost }, or jwt: { issuer, audience, jwks }",
      })
      .optional()
      .describe("What minting a session asks for. Default none."),
    limits: Limits.optional(),
    share: percentage.optional().describe("The most of the organization's quota that this frontend may spend. Default 100%."),
    stores: flag
      .optional()
      .describe("true: offer the directory of stores: nearest, search, open now. Its key holds all stores. Default false."),
  })
  .describe("One website or app. The file's name is the first path segment of its addresses.");

/** What a request can be refused for before anything is counted, stored or sent. */
const DECISION_CODES = [
  "frontend-unknown",
  "route-not-allowed",
  "method-not-allowed",
  "request-malformed",
  "path-encoding",
  "parameter-unknown",
  "parameter-invalid",
  "target-too-long",
  "headers-too-large",
  "body-too-large",
  "origin-not-allowed",
  "fetch-metadata-refused",
  "session-required",
  "session-invalid",
] as const satisfies readonly ProblemCode[];

const ConfigTest = z
  .strictObject({
    name: z.string({ error: "write what the test shows" }).min(1, { error: "write what the test shows" }).describe("What the test shows."),
    frontend: z.string({ error: "write the name of a frontend" }).describe("Frontend that is asked."),
    request: text(/^[A-Z]+ \/\S*$/, 'write a method and a path, as in "GET /v2/business/search?city=Paris"').describe(
      "Method and target as sent, after the frontend's name.",
    ),
    origin: z.string({ error: "write an origin" }).optional().describe("Origin of the page. Default: none is sent."),
    session: flag.optional().describe("true: the request carries a session that is good at the frontend. Default false."),
    server: name.optional().describe("Name of a server whose bearer token is sent. Default none."),
    headers: z
      .record(z.string(), z.string({ error: "write text" }))
      .optional()
      .describe("Further header fields."),
    expect: z
      .strictObject({
        decision: z.enum(["allowed", "refused"], { error: "write allowed or refused" }).describe("What the proxy decides."),
        code: z.enum(DECISION_CODES, { error: "write the code of a refusal" }).optional().describe("Code of the refusal. Default: any."),
        upstream: z.string({ error: "write a path" }).optional().describe("Path and query that Partoo is asked for. Default: any."),
      })
      .describe("What must come of it."),
  })
  .describe("One request and what must come of it.");

/** config/tests/*.yaml */
export const TestsFile = z.array(ConfigTest, { error: "write a list of tests" }).describe("Requests and what must come of them.");

export type TestFile = z.output<typeof ConfigTest>;
export type BffFile = z.output<typeof BffFile>;
export type RouteFile = z.output<typeof RouteFile>;
export type FrontendFile = z.output<typeof FrontendFile>;
