/** Random hostile requests, made of the pieces that attackers use, and the policy that they meet. */
import * as fc from "fast-check";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Policy } from "../../src/policy.ts";
import type { RequestHead } from "../../src/request/request-line.ts";
import { loadConfig } from "../../src/config/load.ts";
import { BFF_YAML, FRONTEND_YAML, writeConfig } from "../support/proxy.ts";

/** Every upstream target there may be under `testPolicy()`, after the base. */
export const ALLOWED_TARGET =
  /^(\/business\/search\?((city|page|per_page|query|status|zipcode)=[A-Za-z0-9._~!'()*%-]+(&|$))+|\/business\/([0-9a-f]{24}|c-([A-Za-z0-9._~-]|%20)+)|\/categories\/[A-Za-z0-9._:%-]+|\/reviews\?((business__in|state__in)=[A-Za-z0-9._%-]+(&|$))+)$/;

/** The policy of the test configuration, with a second frontend for apps. */
export function testPolicy(): Policy {
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-policy-"));
  const frontends = { "store-locator": FRONTEND_YAML, app: "key: locator-read\napps: true\n", ssr: "key: locator-read\nservers: [web]\n" };
  const { policy, diagnostics } = loadConfig(writeConfig(directory, { bff: BFF_YAML, frontends }));
  rmSync(directory, { recursive: true, force: true });
  if (policy === undefined) throw new Error(JSON.stringify(diagnostics));
  return policy;
}

const SHUT = [
  "api_keys",
  "user/me",
  "user",
  "org",
  "org/4711",
  "users",
  "webhooks",
  "connections_stats",
  "bulk",
  "subscriptions",
  "permissions",
  "presence_analytics",
  "messages/conversations",
  ".env",
  "etc/passwd",
];
const OPEN = [
  "business/search",
  "business",
  "search",
  "categories",
  "reviews",
  "v2",
  "store-locator",
  "5f3c8f1de1b2a30001a1b2c3",
  "c-FR-PAR-001",
  "gcid:bakery",
  "1",
];
const SEPARATORS = [
  "/",
  "//",
  "%2F",
  "%2f",
  "%5C",
  "%5c",
  "\\",
  "%252F",
  "%c0%af",
  "%EF%BC%8F",
  "/./",
  "/../",
  "/..;/",
  "/%2e%2e/",
  "%2e%2e%2f",
  "/.%2E/",
  ";",
  "%3B",
  "%3b/",
  "%00",
  "%00/",
  "%0a",
  "%0d%0a",
  "%20",
  "+",
  "%3F",
  "?",
  "%23",
  "#",
  "&",
  "%26",
  "@",
  "%40",
  ":",
  "%25",
  "%",
  "%2",
  "%ff",
  "%E2%80%AE",
  "*",
];
const QUERIES = [
  "city=Paris",
  "city=..%2Fapi_keys",
  "page=1",
  "per_page=1",
  "status=closed",
  "org_id=1",
  "%63ity=x",
  "city[]=x",
  "__proto__=1",
  "query=%26org_id%3D1",
  "query=a;b",
  "business__in=5f3c8f1de1b2a30001a1b2c3",
  "state__in=deleted",
  "city=%0d%0aHost:x",
  "=",
  "&",
  "#",
];

/** Some letters of a text percent-encoded, in either case. */
function encodedSomewhere(text: string): fc.Arbitrary<string> {
  return fc.array(fc.integer({ min: 0, max: 5 }), { minLength: text.length, maxLength: text.length }).map((choices) =>
    Array.from(text)
      .map((character, at) => {
        const hex = character.charCodeAt(0).toString(16).padStart(2, "0");
        if (choices[at] === 0) return `%${hex}`;
        if (choices[at] === 1) return `%${hex.toUpperCase()}`;
        return character;
      })
      .join(""),
  );
}

const word = fc.constantFrom(...SHUT, ...OPEN, ...OPEN);
const piece = fc.oneof(
  { weight: 5, arbitrary: word },
  { weight: 3, arbitrary: word.chain(encodedSomewhere) },
  { weight: 5, arbitrary: fc.constantFrom(...SEPARATORS) },
  { weight: 5, arbitrary: fc.constant("/") },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 3 }) },
);
const start = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      "/store-locator/v2/",
      "/store-locator/v2/business/",
      "/store-locator/v2/business/search",
      "/app/v2/business/",
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom("", "/", "//", "http://x/", "/store-locator", "/%73tore-locator/v2/") },
);
const path = fc.tuple(start, fc.array(piece, { maxLength: 6 })).map(([first, rest]) => first + rest.join(""));
const goodPath = fc
  .constantFrom(
    "/store-locator/v2/business/search",
    "/store-locator/v2/business/5f3c8f1de1b2a30001a1b2c3",
    "/store-locator/v2/reviews",
    "/app/v2/business/search",
    "/store-locator/v2/categories/1",
  )
  .chain((text) =>
    fc.oneof(
      fc.constant(text),
      encodedSomewhere(text.slice(15)).map((rest) => text.slice(0, 15) + rest),
    ),
  );
const query = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...QUERIES) },
      { weight: 1, arbitrary: fc.constantFrom(...QUERIES).chain(encodedSomewhere) },
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join("&"));

/** Targets of an attacker; some are harmless, so that a test sees both. */
export const hostileTarget: fc.Arbitrary<string> = fc
  .tuple(fc.oneof({ weight: 2, arbitrary: path }, { weight: 1, arbitrary: goodPath }), fc.option(query, { nil: undefined }))
  .map(([first, rest]) => (rest === undefined ? first : `${first}?${rest}`));

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ maxLength: 40 }),
  hostileTarget,
  fc.constantFrom("", "*", "/", "null", "__proto__", "\ud800", "x".repeat(9000)),
);
const fieldName = fc.oneof(
  fc.constantFrom(
    "host",
    "Host",
    "origin",
    "expect",
    "content-length",
    "transfer-encoding",
    "access-control-request-method",
    "authorization",
    "sec-fetch-site",
    "sec-fetch-mode",
    "sec-fetch-dest",
    "x-forwarded-for",
    "fly-client-ip",
    "__proto__",
    "constructor",
    "accept-encoding",
    "if-none-match",
  ),
  anyText,
);
const fieldValue = fc.oneof(
  fc.constantFrom(
    "proxy.example",
    "https://stores.acme.example",
    "GET",
    "100-continue",
    "0",
    "5",
    "chunked",
    "same-origin",
    "cors",
    "empty",
    "Bearer x",
    "1.2.3.4, ::1",
    "::ffff:1.2.3.4",
  ),
  anyText,
);

/** Heads as no parser would make them, too. */
export const anyHead: fc.Arbitrary<RequestHead> = fc
  .record({
    method: fc.oneof(fc.constantFrom("GET", "GET", "GET", "HEAD", "OPTIONS", "POST", "CONNECT", "get", "__proto__"), anyText),
    target: fc.oneof(hostileTarget, hostileTarget, anyText),
    httpVersion: fc.oneof(fc.constantFrom("1.1", "1.1", "1.1", "1.0", "2.0", "0.9"), anyText),
    fields: fc.array(fc.tuple(fieldName, fieldValue), { maxLength: 8 }),
    host: fc.boolean(),
    joined: fc.boolean(),
  })
  .map(({ method, target, httpVersion, fields, host, joined }) => {
    const all: readonly (readonly [string, string])[] = host
      ? [["Host", "proxy.example"], ["Origin", "https://stores.acme.example"], ["Access-Control-Request-Method", "GET"], ...fields]
      : fields;
    const headers: Record<string, string | string[]> = Object.create(null);
    for (const [name, value] of all) headers[name.toLowerCase()] = joined ? value : [value, value];
    if (joined && host) Object.assign(headers, { host: "proxy.example", origin: "https://stores.acme.example" });
    return { method, target, httpVersion, rawHeaders: all.flat(), headers };
  });
