/** What the proxy answers itself beside the directory: webhooks, the description of a frontend, its health. */
import type { Entry, Outcome } from "./entry.ts";
import { LISTED, fieldsAt, methods, targets } from "./entry.ts";
import { request } from "../../support/raw-client.ts";
import { HOOK_SECRET } from "./setting.ts";

const HOOK = "/webhooks/partoo/globex";
const SECRET = `X-Bff-Hook: ${HOOK_SECRET}`;
const EVENT = '{"type":"review_created","payload":{}}';
const JSON_TYPE = "Content-Type: application/json";
const chunked = (content: string): string => `${content.length.toString(16)}\r\n${content}\r\n0\r\n\r\n`;

function post(name: string, outcome: Outcome, lines: readonly string[], body: string, target = HOOK): Entry {
  const length = lines.some((line) => /^(content-length|transfer-encoding)/i.test(line)) ? [] : [`Content-Length: ${body.length}`];
  return [`a webhook ${name}`, request(target, { method: "POST", origin: null, fields: [...lines, ...length] }) + body, outcome];
}

const unproven = (name: string, ...lines: readonly string[]): Entry => post(name, "401 webhook-signature", lines, EVENT);
const unread = (body: string): Entry => post(`of ${JSON.stringify(body).slice(0, 70)}`, "400 request-malformed", [SECRET], body);
const unframed = (line: string, body: string): Entry => post(`with ${line}`, "400 request-malformed", [SECRET, line], body);

const WEBHOOKS: readonly Entry[] = [
  post("with the secret", "200 ours", [SECRET, JSON_TYPE], EVENT),
  post("in chunks", "200 ours", [SECRET, "Transfer-Encoding: chunked"], chunked(EVENT)),
  post(
    "in chunks with extensions and trailers",
    "200 ours",
    [SECRET, "Transfer-Encoding: chunked"],
    `${EVENT.length.toString(16)};x="y"\r\n${EVENT}\r\n0\r\nX-Bff-Hook: x\r\n\r\n`,
  ),
  post("that waits for 100 Continue", "200 ours", [SECRET, "Expect: 100-continue"], EVENT),
  post("of another type", "200 ours", [SECRET, "Content-Type: text/html"], EVENT),
  post("with a query", "200 ours", [SECRET], EVENT, `${HOOK}?city=Paris`),
  post(
    "of a store that is not ours",
    "200 ours",
    [SECRET],
    `{"type":"business_deleted","payload":{"business":{"id":"${"0".repeat(24)}"}}}`,
  ),
  post("with __proto__", "200 ours", [SECRET], '{"__proto__":{"type":"x"},"type":"review_created"}'),
  unproven("without the secret"),
  unproven("that waits for 100 Continue without the secret", "Expect: 100-continue"),
  unproven("with an empty secret", "X-Bff-Hook:"),
  unproven("with another secret", "X-Bff-Hook: hook-0000000000000000000"),
  unproven("with the secret cut", `X-Bff-Hook: ${HOOK_SECRET.slice(0, -1)}`),
  unproven("with more than the secret", `${SECRET}x`),
  unproven("with the secret in upper case", `X-Bff-Hook: ${HOOK_SECRET.toUpperCase()}`),
  unproven("with the secret quoted", `X-Bff-Hook: "${HOOK_SECRET}"`),
  unproven("with the secret twice", SECRET, SECRET),
  unproven("with the secret and another", SECRET, "X-Bff-Hook: other"),
  unproven("with the secret as a bearer", `Authorization: Bearer ${HOOK_SECRET}`),
  unproven("with the secret in a cookie", `Cookie: X-Bff-Hook=${HOOK_SECRET}`),
  unproven("with the secret under an alias", `X_Bff_Hook: ${HOOK_SECRET}`),
  unproven("with a signature instead", `X-Partoo-Signature-V1: ${"A".repeat(86)}==`),
  unproven("with the secret as a trailer", "Transfer-Encoding: chunked", "Trailer: X-Bff-Hook"),
  post("with the secret in its query", "401 webhook-signature", [], EVENT, `${HOOK}?X-Bff-Hook=${HOOK_SECRET}`),
  ...[
    "",
    "{",
    "null",
    "[]",
    '"x"',
    "{}",
    '{"type":1}',
    '{"type":"business_updated"}',
    '{"type":"business_deleted","payload":{"business":{"id":"../x"}}}',
    '{"type":"business_deleted","payload":{"business":{"id":["x"]}}}',
    "[".repeat(50_000),
    "\xff\xfe",
    `\u0000${EVENT}`,
  ].map(unread),
  post("in a coding", "400 request-malformed", [SECRET, "Content-Encoding: gzip"], "\x1f\x8b\x08\x00"),
  unframed("Transfer-Encoding: xchunked", EVENT),
  unframed("Transfer-Encoding: chunked, identity", EVENT),
  unframed("Transfer-Encoding: gzip", EVENT),
  unframed("Transfer-Encoding : chunked", chunked(EVENT)),
  unframed("Content-Length: +38", EVENT),
  unframed("Content-Length: 38, 38", EVENT),
  post("with two lengths", "400 request-malformed", [SECRET, "Content-Length: 38", "Content-Length: 39"], EVENT),
  post("with a length and chunks", "400 request-malformed", [SECRET, "Content-Length: 38", "Transfer-Encoding: chunked"], chunked(EVENT)),
  post(
    "in chunks with an extension of 20 KB",
    "400 request-malformed",
    [SECRET, "Transfer-Encoding: chunked"],
    `2;${"a".repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
  ),
  post(
    "in chunks with trailers of 40 KB",
    "400 request-malformed",
    [SECRET, "Transfer-Encoding: chunked"],
    `2\r\n{}\r\n0\r\nx: ${"a".repeat(40_000)}\r\n\r\n`,
  ),
  post(
    "in chunks with a folded trailer",
    "400 request-malformed",
    [SECRET, "Transfer-Encoding: chunked"],
    "2\r\n{}\r\n0\r\nx: 1\r\n y\r\n\r\n",
  ),
  post(
    "in chunks with a length as trailer",
    "400 request-malformed",
    [SECRET, "Transfer-Encoding: chunked"],
    `${EVENT.length.toString(16)}\r\n${EVENT}\r\n0\r\nContent-Length: 5\r\n\r\n`,
  ),
  post("with a chunk of no size", "400 request-malformed", [SECRET, "Transfer-Encoding: chunked"], "zz\r\n\r\n"),
  post("with a chunk that is too short", "400 request-malformed", [SECRET, "Transfer-Encoding: chunked"], `1\r\n${EVENT}\r\n0\r\n\r\n`),
  post("that says it has 2 MB", "413 body-too-large", [SECRET, "Content-Length: 2000000"], EVENT),
  post("of more than 1 MiB", "413 body-too-large", [SECRET], "x".repeat(1_048_577)),
  post("of more than 1 MiB in chunks", "413 body-too-large", [SECRET, "Transfer-Encoding: chunked"], chunked("x".repeat(1_048_577))),
  post("of nobody", "404 route-not-allowed", [SECRET], EVENT, "/webhooks/partoo/nobody"),
  post("of an organization that takes none", "404 route-not-allowed", [SECRET], EVENT, "/webhooks/partoo/acme"),
  post("of constructor", "404 route-not-allowed", [SECRET], EVENT, "/webhooks/partoo/constructor"),
  post("in upper case", "404 route-not-allowed", [SECRET], EVENT, "/webhooks/partoo/GLOBEX"),
  post("with an escaped name", "404 route-not-allowed", [SECRET], EVENT, "/webhooks/partoo/%67lobex"),
  post("below its path", "404 frontend-unknown", [SECRET], EVENT, `${HOOK}/x`),
  post("with a slash behind", "404 frontend-unknown", [SECRET], EVENT, `${HOOK}/`),
  post("with two slashes", "404 frontend-unknown", [SECRET], EVENT, "/webhooks//partoo/globex"),
  post("through a dot segment", "404 frontend-unknown", [SECRET], EVENT, "/webhooks/partoo/acme/../globex"),
  post("at no organization", "404 frontend-unknown", [SECRET], EVENT, "/webhooks/partoo/"),
  post("of a frontend", "405 method-not-allowed", [SECRET, `Origin: ${LISTED}`], EVENT, "/store-locator/webhooks/partoo/globex"),
  ...fieldsAt(HOOK, "405 method-not-allowed", [SECRET], null),
  ...methods(HOOK, "405 method-not-allowed", ["OPTIONS", "PUT", "DELETE"]),
];

const DESCRIPTION = "/store-locator/openapi.json";
const DESCRIPTIONS: readonly Entry[] = [
  ...targets("200 ours", [
    DESCRIPTION,
    "/directory/openapi.json",
    "/store-locator/openapi%2Ejson",
    `${DESCRIPTION}?city=Paris`,
    `${DESCRIPTION}?__proto__=1`,
  ]),
  ...methods(DESCRIPTION, "200 ours", ["HEAD"]),
  ...methods(DESCRIPTION, "405 method-not-allowed", ["POST", "DELETE", "TRACE"]),
  ...fieldsAt(
    DESCRIPTION,
    "200 ours",
    [
      [],
      "Sec-Fetch-Mode: navigate",
      "Sec-Fetch-Site: cross-site",
      "X-Forwarded-Host: evil.example",
      "X-Original-URL: /v2/api_keys",
      "Range: bytes=0-1",
    ],
    null,
  ),
  ...["null", "https://evil.example", ""].flatMap((origin) => fieldsAt(DESCRIPTION, "200 ours", ["Accept: text/html"], origin)),
  ...fieldsAt(DESCRIPTION, "304 ours", ["If-None-Match: *"]),
  ...fieldsAt(DESCRIPTION, "413 body-too-large", ["Content-Length: 5"]),
  ...targets("404 route-not-allowed", [
    "/store-locator/OpenAPI.json",
    "/store-locator/v2/openapi.json",
    "/store-locator/openapi.yaml",
    "/store-locator//openapi.json",
    "/store-locator/%EF%BD%8Fpenapi.json",
  ]),
  ...targets("404 frontend-unknown", ["/openapi.json", "/nobody/openapi.json", "/__proto__/openapi.json", "/webhooks/openapi.json"]),
  ...targets("400 path-encoding", [
    "/store-locator/openapi.json%00",
    "/store-locator/openapi.json;x",
    "/store-locator/x/../openapi.json",
    "/store-locator/openapi%252Ejson",
  ]),
];

const HEALTH: readonly Entry[] = [
  ...targets("200 ours", ["/healthz", "/readyz", "/healthz?__proto__=1", "/readyz?url=https://evil.example/"]),
  ...methods("/healthz", "200 ours", ["HEAD"]),
  ...fieldsAt("/healthz", "200 ours", ["X-Original-URL: /store-locator/v2/api_keys", "Range: bytes=0-0", "If-None-Match: *"]),
  ...fieldsAt("/readyz", "200 ours", ["Sec-Fetch-Mode: navigate"], "https://evil.example"),
  ...targets("404 frontend-unknown", ["/healthz;x", "/healthz%3Fx", "/%68ealthz", "/healthz//", "/readyz/../store-locator", "/readyz%20"]),
  ...targets("400 request-malformed", ["/healthz#x", "/healthz\\x"]),
];

export const OWN_ADDRESSES: readonly Entry[] = [...WEBHOOKS, ...DESCRIPTIONS, ...HEALTH];
