/** Several requests on one connection, sent at once. */
import type { Outcome, Pipeline } from "./entry.ts";
import { request } from "../../support/raw-client.ts";
import { PLAIN_TARGET } from "./entry.ts";
import { cookieOf } from "./sessions.ts";
import { HOOK_SECRET } from "./setting.ts";

const PLAIN = request(PLAIN_TARGET);
const SHUT = request("/store-locator/v2/api_keys");
const EVENT = '{"type":"review_created","payload":{}}';
const HOOK_FIELDS = [`X-Bff-Hook: ${HOOK_SECRET}`];
const plain = (...fields: readonly string[]): string => request(PLAIN_TARGET, { fields });
const hook = (fields: readonly string[], content: string): string =>
  request("/webhooks/partoo/globex", { method: "POST", origin: null, fields }) + content;
const sized = (content: string, length = content.length): string => hook([...HOOK_FIELDS, `Content-Length: ${length}`], content);
const chunked = (content: string, trailer = ""): string =>
  hook([...HOOK_FIELDS, "Transfer-Encoding: chunked"], `${content.length.toString(16)}\r\n${content}\r\n0\r\n${trailer}\r\n`);
const times = (count: number, outcome: Outcome): readonly Outcome[] => Array.from({ length: count }, () => outcome);

type Row = readonly [name: string, bytes: string, outcomes: readonly Outcome[]];

const session = (fields: readonly string[], content = ""): string =>
  request("/visitors/session", {
    method: "POST",
    fields: ["Content-Type: application/json", "X-Forwarded-For: 2001:db8:1::1", ...fields],
  }) + content;

/** Each is answered, in order. */
const IN_STEP: readonly Row[] = [
  ["two plain requests", PLAIN + PLAIN, ["plain", "plain"]],
  ["twenty plain requests", PLAIN.repeat(20), times(20, "plain")],
  ["a shut endpoint before a plain request", SHUT + PLAIN, ["404 route-not-allowed", "plain"]],
  ["a plain request before a shut endpoint", PLAIN + SHUT, ["plain", "404 route-not-allowed"]],
  ["ten refusals before a plain request", SHUT.repeat(10) + PLAIN, [...times(10, "404 route-not-allowed"), "plain"]],
  [
    "a refused encoding before a plain request",
    request("/store-locator/v2/business/..%2Fapi_keys") + PLAIN,
    ["400 path-encoding", "plain"],
  ],
  [
    "a foreign page before a listed one",
    request(PLAIN_TARGET, { origin: "https://evil.example" }) + PLAIN,
    ["403 origin-not-allowed", "plain"],
  ],
  [
    "a listed page before a foreign one",
    PLAIN + request(PLAIN_TARGET, { origin: "https://evil.example" }),
    ["plain", "403 origin-not-allowed"],
  ],
  ["a listed page before one without Origin", PLAIN + request(PLAIN_TARGET, { origin: null }), ["plain", "403 origin-not-allowed"]],
  [
    "another frontend's page before a listed one",
    request("/narrow/v2/business/search?city=Paris") + PLAIN,
    ["403 origin-not-allowed", "plain"],
  ],
  [
    "a preflight before its request",
    request(PLAIN_TARGET, { method: "OPTIONS", fields: ["Access-Control-Request-Method: GET"] }) + PLAIN,
    ["204 preflight", "plain"],
  ],
  [
    "HEAD of a refusal before a plain request",
    request("/store-locator/v2/api_keys", { method: "HEAD" }) + PLAIN,
    ["404 route-not-allowed", "plain"],
  ],
  ["HEAD of health before a plain request", request("/healthz", { method: "HEAD" }) + PLAIN, ["200 ours", "plain"]],
  ["a 304 before a plain request", request("/directory/stores", { fields: ["If-None-Match: *"] }) + PLAIN, ["304 ours", "plain"]],
  [
    "three addresses of our own",
    request("/healthz") + request("/store-locator/openapi.json") + request("/directory/stores"),
    times(3, "200 ours"),
  ],
  ["empty lines between requests", `${PLAIN}\r\n\r\n${PLAIN}`, ["plain", "plain"]],
  ["a length of 0 before a plain request", plain("Content-Length: 0") + PLAIN, ["plain", "plain"]],
  ["HTTP/1.0 that stays open", plain("Connection: keep-alive").replace("HTTP/1.1", "HTTP/1.0") + PLAIN, ["plain", "plain"]],
  ["a session before a plain request", session(["Content-Length: 2"], "{}") + PLAIN, ["200 bearer", "plain"]],
  ["a session of no content before a plain request", session(["Content-Length: 0"]) + PLAIN, ["200 bearer", "plain"]],
  [
    "a session in chunks before a plain request",
    session(["Transfer-Encoding: chunked"], "2\r\n{}\r\n0\r\n\r\n") + PLAIN,
    ["200 bearer", "plain"],
  ],
  [
    "a cookie between two who get none",
    PLAIN + session(["Content-Length: 0", "Sec-Fetch-Site: same-site"]) + PLAIN,
    ["plain", "200 cookie", "plain"],
  ],
  ["a refused session before a plain request", session(["Content-Length: 2"], "[]") + PLAIN, ["400 request-malformed", "plain"]],
  ["nobody before a plain request", request("/visitors/v2/business/search?city=Paris") + PLAIN, ["401 session-required", "plain"]],
  [
    "who has a session before nobody",
    request("/visitors/v2/business/search?city=Paris", { fields: [cookieOf("visitors")] }) +
      request("/visitors/v2/business/search?city=Paris"),
    ["asked", "401 session-required"],
  ],
  ["a webhook before a plain request", sized(EVENT) + PLAIN, ["200 ours", "plain"]],
  ["a webhook in chunks before a plain request", chunked(EVENT) + PLAIN, ["200 ours", "plain"]],
  [
    "a webhook with trailers before a plain request",
    chunked(EVENT, "x-apikey: mine\r\nHost: evil.example\r\n") + PLAIN,
    ["200 ours", "plain"],
  ],
  ["a webhook that holds a request", sized(EVENT.replace("{}", JSON.stringify({ note: PLAIN }))) + PLAIN, ["200 ours", "plain"]],
  ["a webhook that says it is shorter than it is", sized(`${EVENT}${SHUT}`, EVENT.length), ["200 ours", "404 route-not-allowed"]],
];

/** The first closes the connection; what stands behind it may have been its content, so it is not served (RFC 9112 §9.6). */
const CLOSED: readonly Row[] = [
  ["a request that closes", plain("Connection: close") + PLAIN, ["plain"]],
  ["a request that closes among other options", plain("Connection: x, Close, y") + PLAIN, ["plain"]],
  ["HTTP/1.0", PLAIN.replace("HTTP/1.1", "HTTP/1.0") + PLAIN, ["plain"]],
  [
    "POST with a request as content",
    request(PLAIN_TARGET, { method: "POST", fields: [`Content-Length: ${PLAIN.length}`] }) + PLAIN + PLAIN,
    ["405 method-not-allowed"],
  ],
  ["POST of no length", request(PLAIN_TARGET, { method: "POST" }) + PLAIN, ["405 method-not-allowed"]],
  ["OPTIONS that is no preflight", request(PLAIN_TARGET, { method: "OPTIONS" }) + PLAIN, ["405 method-not-allowed"]],
  ["GET with content", plain("Content-Length: 5") + `hello${PLAIN}`, ["413 body-too-large"]],
  ["GET with chunks", plain("Transfer-Encoding: chunked") + `0\r\n\r\n${PLAIN}`, ["413 body-too-large"]],
  ["HEAD with content", request(PLAIN_TARGET, { method: "HEAD", fields: ["Content-Length: 5"] }) + `hello${PLAIN}`, ["413 body-too-large"]],
  ["an upgrade to websocket", plain("Connection: Upgrade", "Upgrade: websocket") + PLAIN, ["plain"]],
  ["an upgrade to h2c", plain("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk") + PLAIN, ["plain"]],
  ["an awaited 100 Continue", plain("Expect: 100-continue") + PLAIN, ["plain"]],
  [
    "a webhook that asks for an upgrade",
    hook([...HOOK_FIELDS, "Connection: Upgrade", "Upgrade: h2c", `Content-Length: ${EVENT.length}`], EVENT) + PLAIN,
    ["200 ours"],
  ],
  [
    "an upgrade with content",
    plain("Connection: Upgrade", "Upgrade: websocket", "Content-Length: 3") + `abc${PLAIN}`,
    ["413 body-too-large"],
  ],
  [
    "an upgrade of a shut endpoint",
    request("/store-locator/v2/api_keys", { fields: ["Connection: Upgrade", "Upgrade: websocket"] }) + PLAIN,
    ["404 route-not-allowed"],
  ],
  [
    "a session with a request as content",
    session([`Content-Length: ${PLAIN.length}`], PLAIN).replace("application/json", "text/plain") + PLAIN,
    ["400 request-malformed"],
  ],
  [
    "a session of a foreign page, with content",
    session([`Content-Length: ${PLAIN.length}`], PLAIN).replace("https://stores", "https://evil") + PLAIN,
    ["403 origin-not-allowed"],
  ],
  [
    "a session with a length and chunks",
    session(["Content-Length: 2", "Transfer-Encoding: chunked"], `0\r\n\r\n${PLAIN}`),
    ["400 request-malformed"],
  ],
  [
    "a session that asks for an upgrade",
    session(["Content-Length: 2", "Connection: Upgrade", "Upgrade: h2c"], "{}") + PLAIN,
    ["200 bearer"],
  ],
  [
    "nobody with content",
    request("/members/v2/business/search", { method: "POST", fields: [`Content-Length: ${PLAIN.length}`] }) + PLAIN + PLAIN,
    ["401 session-required"],
  ],
  ["a request with two Hosts", plain("Host: evil.example") + PLAIN, ["400 request-malformed"]],
  ["an absolute form", PLAIN.replace("GET /", "GET http://proxy.example/") + PLAIN, ["400 request-malformed"]],
  ["an unknown Expect", plain("Expect: x") + PLAIN, ["400 request-malformed"]],
  [
    "a length and chunks",
    hook([...HOOK_FIELDS, "Content-Length: 3", "Transfer-Encoding: chunked"], `0\r\n\r\n${PLAIN}`),
    ["400 request-malformed"],
  ],
  ["two lengths", hook([...HOOK_FIELDS, "Content-Length: 0", `Content-Length: ${PLAIN.length}`], PLAIN), ["400 request-malformed"]],
  ["chunked not last", hook([...HOOK_FIELDS, "Transfer-Encoding: chunked, x"], `0\r\n\r\n${PLAIN}`), ["400 request-malformed"]],
  ["an unknown transfer coding", hook([...HOOK_FIELDS, "Transfer-Encoding: x"], PLAIN), ["400 request-malformed"]],
  ["a folded transfer coding", hook([...HOOK_FIELDS, "Transfer-Encoding:\r\n chunked"], `0\r\n\r\n${PLAIN}`), ["400 request-malformed"]],
  ["a chunk of no size", hook([...HOOK_FIELDS, "Transfer-Encoding: chunked"], `x\r\n${PLAIN}`), ["400 request-malformed"]],
  [
    "a chunk that ends with a bare line feed",
    hook([...HOOK_FIELDS, "Transfer-Encoding: chunked"], `2\n{}\n0\n\n${PLAIN}`),
    ["400 request-malformed"],
  ],
  [
    "a chunk extension with a bare line feed",
    hook([...HOOK_FIELDS, "Transfer-Encoding: chunked"], `2;\nxx\r\n{}\r\n0\r\n\r\n${PLAIN}`),
    ["400 request-malformed"],
  ],
  ["an unproven webhook with a request as content", hook([`Content-Length: ${PLAIN.length}`], PLAIN + PLAIN), ["401 webhook-signature"]],
  ["an unproven webhook in chunks", hook(["Transfer-Encoding: chunked"], `0\r\n\r\n${PLAIN}`), ["401 webhook-signature"]],
  ["a webhook of nobody", hook(["Content-Length: 0"], "").replace("globex", "nobody") + PLAIN, ["404 route-not-allowed"]],
  ["a webhook of 2 MB", hook([...HOOK_FIELDS, "Content-Length: 2000000"], PLAIN), ["413 body-too-large"]],
];

export const PIPELINE_ROWS: readonly Pipeline[] = [
  ...IN_STEP.map((row): Pipeline => [...row, "in step"]),
  ...CLOSED.map(([name, bytes, outcomes]): Pipeline => [`${name}, before a plain request`, bytes, outcomes, "closed"]),
];
