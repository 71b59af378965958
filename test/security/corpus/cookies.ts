/** Cookies before frontends without sessions: they change nothing, prove nothing, and stay here. */
import type { Entry } from "./entry.ts";
import { fields, fieldsAt } from "./entry.ts";

const SESSION = "__Host-Http-bff-store-locator";
/** A token with `alg: none` and no signature. */
const UNSIGNED = "eyJhbGciOiJub25lIn0.eyJhdWQiOiJzdG9yZS1sb2NhdG9yIn0.";

const JUNK = [
  "Cookie:",
  "Cookie: =",
  "Cookie: x",
  "Cookie: ;;;;",
  "Cookie: =; =; =",
  "Cookie: a=b, c=d",
  "Cookie: a=1; a=2",
  "Cookie: a=b;c=d;",
  "Cookie: a==b=",
  'Cookie: a="b; c=d"',
  'Cookie: $Version="1"; a=b; $Path="/"',
  "Cookie: a=%00%0d%0aSet-Cookie:%20x",
  "Cookie: a=\x80\xff",
  "Cookie: \xe9=1",
  "Cookie: __proto__=1; constructor=2",
  "Cookie: a=../../../../etc/passwd",
  'Cookie: a={"$gt":""}',
  "Cookie: org_id=1; city=Lyon",
  "Cookie: /store-locator/v2/api_keys",
  `Cookie: a=${"x".repeat(12_000)}`,
  `Cookie: ${"a=b; ".repeat(2500)}`,
  `Cookie: ${"x".repeat(4096)}=1`,
  ["Cookie: a=1", "Cookie: a=2"],
  ["cookie: a=1", "COOKIE: b=2", "Cookie: c=3"],
  Array.from({ length: 60 }, (_, nth) => `Cookie: c${nth}=1`),
  "Cookie2: $Version=1",
  "Set-Cookie: a=b",
  "X-Cookie: a=b",
] as const;

/** Cookies that would be a session somewhere else. */
const SESSIONS = [
  `Cookie: ${SESSION}=`,
  `Cookie: ${SESSION}=junk`,
  `Cookie: ${SESSION}=${UNSIGNED}`,
  `Cookie: ${SESSION}=1; ${SESSION}=2`,
  `Cookie: __Host-Http-bff-jobs=${UNSIGNED}`,
  `Cookie: ${SESSION.toLowerCase()}=1; ${SESSION.toUpperCase()}=2`,
  `Cookie: ${SESSION} =${UNSIGNED}`,
  `Cookie: %5F%5FHost-Http-bff-store-locator=${UNSIGNED}`,
  [`Cookie: ${SESSION}=1`, "Authorization: Bearer 2"],
  ["Cookie: connect.sid=s%3Ax; JSESSIONID=1; PHPSESSID=2; access_token=3"],
] as const;

/** Of whoever has nothing but a cookie: it opens no door (CSRF is what begins so). */
const NO_PROOF = [
  "Cookie: a=b",
  `Cookie: ${SESSION}=${UNSIGNED}`,
  "Cookie: Origin=https://stores.acme.example",
  "Cookie: Authorization=Bearer x",
  "Cookie: Sec-Fetch-Site=same-origin",
];

export const COOKIES: readonly Entry[] = [
  ...fields("plain", JUNK),
  ...fields("plain", SESSIONS),
  ...fields("400 request-malformed", [
    "Cookie: a=\x00",
    "Cookie: a=\x01",
    "Cookie : a=b",
    "Cookie: a=b\r\n c=d",
    "Cookie: a=b\nx-apikey: mine",
  ]),
  ...fields("431 headers-too-large", [`Cookie: a=${"x".repeat(16_400)}`, Array.from({ length: 120 }, (_, nth) => `Cookie: c${nth}=1`)]),
  ...fieldsAt("/store-locator/v2/business/search?city=Paris", "403 origin-not-allowed", NO_PROOF, null),
  ...fieldsAt("/store-locator/v2/business/search?city=Paris", "403 origin-not-allowed", NO_PROOF, "https://evil.example"),
  ...fieldsAt("/directory/stores", "200 ours", [
    "Cookie: a=b",
    `Cookie: __Host-Http-bff-directory=${UNSIGNED}`,
    `Cookie: ${"a=b; ".repeat(2500)}`,
  ]),
  ...fieldsAt("/store-locator/openapi.json", "200 ours", ["Cookie: a=b", `Cookie: ${SESSION}=${UNSIGNED}`]),
  ...fieldsAt("/healthz", "200 ours", ["Cookie: a=b"]),
  ...fieldsAt("/app/v2/business/search?city=Paris", "asked", ["Cookie: a=b", `Cookie: __Host-Http-bff-app=${UNSIGNED}`], null),
];
