/** Credentials: of no consequence where none is asked for, and exact where a server's bearer is. */
import type { Entry } from "./entry.ts";
import { fields, fieldsAt, targets } from "./entry.ts";
import { request } from "../../support/raw-client.ts";
import { JOB_TOKEN, WEB_TOKEN } from "./setting.ts";

const SSR = "/ssr/v2/business/search?city=Paris";
const JOBS = "/jobs/v2/business/search?city=Paris";
const RIGHT = `Authorization: Bearer ${WEB_TOKEN}`;

const OF_NO_CONSEQUENCE = [
  "Authorization:",
  "Authorization: Bearer",
  "Authorization: Bearer ",
  `Authorization: Bearer ${WEB_TOKEN}`,
  `Authorization: Bearer ${"x".repeat(9000)}`,
  "Authorization: Bearer eyJhbGciOiJub25lIn0.e30.",
  "Authorization: Bearer a.b.c.d.e",
  "Authorization: Basic Og==",
  'Authorization: Digest username="x", realm="y"',
  "Authorization: Negotiate YII=",
  "Authorization: AWS4-HMAC-SHA256 Credential=x",
  "Authorization: Unknown x=y",
  "Authorization: \xff\xfe",
  ["Authorization: Bearer a", "Authorization: Bearer b"],
  ["Authorization: Bearer a", "Authorization: Basic b"],
  `Proxy-Authorization: Bearer ${WEB_TOKEN}`,
  "X-Authorization: Bearer mine",
  "X-Access-Token: mine",
  "X-Amz-Security-Token: mine",
] as const;

const WRONG = [
  [],
  `Authorization: Bearer ${JOB_TOKEN}`,
  `Authorization: Bearer ${WEB_TOKEN.slice(0, -1)}`,
  `Authorization: Bearer ${WEB_TOKEN.slice(1)}`,
  `Authorization: Bearer ${WEB_TOKEN}\x80`,
  `Authorization: Bearer ${WEB_TOKEN}${"=".repeat(3)}`,
  `Authorization: Bearer ${WEB_TOKEN}, Bearer ${JOB_TOKEN}`,
  `Authorization: Bearer ${JOB_TOKEN} ${WEB_TOKEN}`,
  `Authorization: Basic ${WEB_TOKEN}`,
  `Authorization: DPoP ${WEB_TOKEN}`,
  `Authorization: ${WEB_TOKEN}`,
  `Proxy-Authorization: Bearer ${WEB_TOKEN}`,
  `X-Authorization: Bearer ${WEB_TOKEN}`,
  `X-Forwarded-Authorization: Bearer ${WEB_TOKEN}`,
  `X_Authorization: Bearer ${WEB_TOKEN}`,
  `Cookie: Authorization=Bearer ${WEB_TOKEN}`,
  `Cookie: token=${WEB_TOKEN}`,
  `x-apikey: ${WEB_TOKEN}`,
  `Sec-WebSocket-Protocol: bearer, ${WEB_TOKEN}`,
  ["Authorization: Bearer wrong", `Authorization: Bearer ${WEB_TOKEN}`],
] as const;

const elsewhere = (origin: string | null, lines: readonly string[]): Entry => [
  `the right bearer with ${[origin === null ? "" : `Origin: ${origin}`, ...lines].join(" ").trim()}`,
  request(SSR, { origin, fields: [RIGHT, ...lines] }),
  origin === null ? "403 fetch-metadata-refused" : "403 origin-not-allowed",
];

export const AUTHORIZATION: readonly Entry[] = [
  ...fields("plain", OF_NO_CONSEQUENCE),
  ...fieldsAt(SSR, "403 origin-not-allowed", WRONG, null),
  ...fieldsAt(SSR, "asked", [RIGHT, `authorization: bearer ${WEB_TOKEN}`, [RIGHT, "Cookie: a=b"], [RIGHT, "x-apikey: mine"]], null),
  ...fieldsAt(JOBS, "403 origin-not-allowed", [RIGHT, `Authorization: Bearer ${WEB_TOKEN.replace("web", "job")}`], null),
  ...fieldsAt(
    "/store-locator/v2/business/search?city=Paris",
    "403 origin-not-allowed",
    [RIGHT, `Authorization: Bearer ${JOB_TOKEN}`],
    null,
  ),
  elsewhere("https://evil.example", []),
  elsewhere("null", []),
  elsewhere("https://stores.acme.example", []),
  elsewhere(null, ["Sec-Fetch-Site: cross-site"]),
  elsewhere(null, ["Sec-Fetch-Site: none"]),
  elsewhere(null, ["Sec-Fetch-Mode: navigate"]),
  ...targets("400 parameter-unknown", [
    `/store-locator/v2/business/search?city=Paris&access_token=${WEB_TOKEN}`,
    `/store-locator/v2/business/search?city=Paris&authorization=Bearer+${WEB_TOKEN}`,
  ]),
  ...fieldsAt(`${SSR}&access_token=${WEB_TOKEN}`, "403 origin-not-allowed", [[]], null),
  ...fieldsAt(`/ssr/v2/api_keys`, "404 route-not-allowed", [RIGHT], null),
  ...fieldsAt(`/ssr/v2/business/..%2Fapi_keys`, "400 path-encoding", [RIGHT], null),
];
