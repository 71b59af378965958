/** Sessions: minted for pages that may have one, read in one place, and worth nothing anywhere else. */
import { createHash } from "node:crypto";
import type { Entry, Outcome } from "./entry.ts";
import { request } from "../../support/raw-client.ts";
import { SECRET_B, tokenByHand } from "../../session/support.ts";
import { LISTED, fieldsAt, methods, named, targets } from "./entry.ts";
import { OTHER_ORIGIN, WEB_TOKEN } from "./setting.ts";

const VISITORS = "/visitors/v2/business/search?city=Paris";
const MEMBERS = "/members/v2/business/search?city=Paris";
const GUESTS = "/guests/v2/business/search?city=Paris";
const NOW = Math.floor(Date.now() / 1000);

const originHash = (origin: string): string => createHash("sha256").update(origin).digest("base64url");

/** A token as it should be, but for what is `different`. */
export function token(
  different: { readonly claims?: object; readonly header?: object; readonly secret?: Buffer | string; readonly digest?: string } = {},
): string {
  return tokenByHand({ ...different, claims: { aud: "visitors", iat: NOW, exp: NOW + 900, ...different.claims } });
}
export const bearerFor = (frontend: string, origin = LISTED): string =>
  token({ claims: { aud: frontend, use: "bearer", origin_hash: originHash(origin) } });
export const cookieOf = (frontend: string, value = token({ claims: { aud: frontend } })): string =>
  `Cookie: __Host-Http-bff-${frontend}=${value}`;

const GOOD = token();
const [HEAD, CLAIMS, SIGNATURE] = GOOD.split(".") as [string, string, string];
const BEARER = bearerFor("visitors");
const AUTHORIZED = `Authorization: Bearer ${BEARER}`;
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const nextLetter = (text: string): string => text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) + 1);

/** RFC 8725: what a verifier may be talked into. As the cookie of the frontend. */
const FORGED: Readonly<Record<string, string>> = {
  "alg none": `${encoded({ alg: "none", kid: "k1", typ: "bff-session+jwt" })}.${CLAIMS}.`,
  "alg none with a signature": `${encoded({ alg: "none", kid: "k1", typ: "bff-session+jwt" })}.${CLAIMS}.${SIGNATURE}`,
  "alg HS512": token({ header: { alg: "HS512" }, digest: "sha512" }),
  "alg RS256": token({ header: { alg: "RS256" } }),
  "alg in lower case": token({ header: { alg: "hs256" } }),
  "no alg": token({ header: { alg: undefined } }),
  "typ JWT": token({ header: { typ: "JWT" } }),
  "no typ": token({ header: { typ: undefined } }),
  "an unknown kid": token({ header: { kid: "k2" } }),
  "no kid": token({ header: { kid: undefined } }),
  "kid __proto__": token({ header: { kid: "__proto__" } }),
  "a kid that is a path": token({ header: { kid: "../../dev/null" }, secret: Buffer.alloc(0) }),
  "a key in its header": token({ header: { jwk: { kty: "oct", k: SECRET_B.toString("base64url") } }, secret: SECRET_B }),
  "a key's address in its header": token({ header: { jku: "https://evil.example/jwks" }, secret: SECRET_B }),
  "crit in its header": token({ header: { crit: ["exp"] } }),
  "b64 false": token({ header: { b64: false, crit: ["b64"] } }),
  "another secret": token({ secret: SECRET_B }),
  "no secret": token({ secret: "" }),
  "the frontend of another": token({ claims: { aud: "guests" } }),
  "two frontends": token({ claims: { aud: ["visitors", "guests"] } }),
  "no frontend": token({ claims: { aud: undefined } }),
  "the past": token({ claims: { iat: NOW - 1000, exp: NOW - 1 } }),
  "no end": token({ claims: { exp: undefined } }),
  "an end in words": token({ claims: { exp: String(NOW + 900) } }),
  "a fraction as end": token({ claims: { exp: NOW + 900.5 } }),
  "the future": token({ claims: { iat: NOW + 3600, exp: NOW + 4500 } }),
  "not before the future": token({ claims: { nbf: NOW + 3600 } }),
  "no id": token({ claims: { sid: undefined } }),
  "an object as id": token({ claims: { sid: { $ne: "" } } }),
  "no use": token({ claims: { use: undefined } }),
  "a bearer's use": BEARER,
  "changed claims": `${HEAD}.${encoded({ aud: "visitors", iat: NOW, exp: NOW + 90_000, sid: "0123456789abcdefghijkA", use: "cookie" })}.${SIGNATURE}`,
  "its signature cut": GOOD.slice(0, -1),
  "no signature": `${HEAD}.${CLAIMS}.`,
  "two parts": `${HEAD}.${CLAIMS}`,
  "four parts": `${GOOD}.${SIGNATURE}`,
  "another spelling of its signature": nextLetter(GOOD),
  "padding behind": `${GOOD}=`,
  "bytes behind": `${GOOD}\xff`,
  "a space within": `${HEAD} .${CLAIMS}.${SIGNATURE}`,
  quotes: `"${GOOD}"`,
  escapes: GOOD.replaceAll(".", "%2E"),
  "lower case": GOOD.toLowerCase(),
  "1,500 letters": `${HEAD}.${"A".repeat(1400)}.${SIGNATURE}`,
  "no letter": "",
};

const shown = (what: string, target: string, outcome: Outcome, lines: readonly string[], origin: string | null = LISTED): Entry => [
  `${target.split("/")[1]}: ${what}`,
  request(target, { origin, fields: lines }),
  outcome,
];
const refused = (what: string, ...lines: readonly string[]): Entry => shown(what, VISITORS, "401 session-invalid", lines);
/** Nothing that we would look at, so it is as if there were none. */
const overlooked = (what: string, ...lines: readonly string[]): Entry => shown(what, VISITORS, "401 session-required", lines);

const READ: readonly Entry[] = [
  ...Object.entries(FORGED).map(([what, value]) => refused(`a cookie with ${what}`, cookieOf("visitors", value))),
  ...["alg none", "another secret", "the past", "the frontend of another", "1,500 letters"].map((what) =>
    refused(`a bearer with ${what}`, `Authorization: Bearer ${FORGED[what]}`),
  ),
  refused("a cookie's token as bearer", `Authorization: Bearer ${GOOD}`),
  refused("a bearer of another Origin", `Authorization: Bearer ${bearerFor("visitors", OTHER_ORIGIN)}`),
  refused("a bearer of an app", `Authorization: Bearer ${bearerFor("visitors", "app")}`),
  refused("a bearer of another frontend", `Authorization: Bearer ${bearerFor("guests")}`),
  refused("a bearer behind another", `Authorization: Bearer ${BEARER}, Bearer ${BEARER}`),
  refused("two good cookies", `${cookieOf("visitors")}; ${cookieOf("visitors").slice(8)}`),
  refused("a good cookie and junk of its name", `${cookieOf("visitors")}; __Host-Http-bff-visitors=x`),
  refused("junk and a good cookie of its name", "Cookie: __Host-Http-bff-visitors=x", cookieOf("visitors")),
  refused("a good cookie and a good bearer", cookieOf("visitors"), AUTHORIZED),
  refused("a good cookie and a bad bearer", cookieOf("visitors"), "Authorization: Bearer x"),
  refused("a bad cookie and a good bearer", cookieOf("visitors", "x"), AUTHORIZED),
  refused("a good cookie behind 9,000 letters", `Cookie: a=${"x".repeat(9000)}; ${cookieOf("visitors").slice(8)}`),
  overlooked("nothing"),
  overlooked("a cookie of another frontend", cookieOf("guests")),
  overlooked("a cookie without the prefix", `Cookie: visitors=${GOOD}`),
  overlooked("a cookie with half the prefix", `Cookie: __Host-bff-visitors=${GOOD}`),
  overlooked("a cookie with the prefix in lower case", `Cookie: __host-http-bff-visitors=${GOOD}`),
  overlooked("a cookie with a longer name", `Cookie: __Host-Http-bff-visitors2=${GOOD}`),
  overlooked("a cookie with a space in its name", `Cookie: __Host-Http-bff-visitors =${GOOD}`),
  overlooked("a cookie with an escaped name", `Cookie: %5F_Host-Http-bff-visitors=${GOOD}`),
  overlooked("a cookie behind a comma", `Cookie: a=b, __Host-Http-bff-visitors=${GOOD}`),
  overlooked("a cookie in another field", `X-Cookie: __Host-Http-bff-visitors=${GOOD}`),
  overlooked("Set-Cookie", `Set-Cookie: __Host-Http-bff-visitors=${GOOD}`),
  overlooked("Basic", `Authorization: Basic ${BEARER}`),
  overlooked("DPoP", `Authorization: DPoP ${BEARER}`),
  overlooked("no scheme", `Authorization: ${BEARER}`),
  overlooked("Proxy-Authorization", `Proxy-${AUTHORIZED}`),
  overlooked("X-Authorization", `X-${AUTHORIZED}`),
  overlooked("Authorization with underscores", `X_${AUTHORIZED}`),
  overlooked("X-Access-Token", `X-Access-Token: ${BEARER}`),
  overlooked("a websocket's protocol", `Sec-WebSocket-Protocol: bearer, ${BEARER}`),
  overlooked("Referer", `Referer: ${LISTED}/?token=${BEARER}`),
  overlooked("a server's bearer of another frontend", `Authorization: Bearer ${WEB_TOKEN}`),
  shown("a good cookie", VISITORS, "asked", [cookieOf("visitors")]),
  shown("a good cookie among others", VISITORS, "asked", [
    `Cookie: a=b; ; x; ${cookieOf("visitors").slice(8)}; ${cookieOf("guests").slice(8)}`,
  ]),
  shown("a good cookie in the second line", VISITORS, "asked", ["Cookie: a=b", cookieOf("visitors")]),
  shown("a good cookie beside Basic", VISITORS, "asked", [cookieOf("visitors"), "Authorization: Basic Og=="]),
  shown("a good bearer", VISITORS, "asked", [AUTHORIZED]),
  shown("a good bearer in other letters", VISITORS, "asked", [`AUTHORIZATION: bEARER   ${BEARER}`]),
  shown("a good bearer of the Origin", GUESTS, "asked", [`Authorization: Bearer ${bearerFor("guests", OTHER_ORIGIN)}`], OTHER_ORIGIN),
  shown("a bearer of the other listed Origin", GUESTS, "401 session-invalid", [
    `Authorization: Bearer ${bearerFor("guests", OTHER_ORIGIN)}`,
  ]),
  shown("a good cookie from a foreign page", VISITORS, "403 origin-not-allowed", [cookieOf("visitors")], "https://evil.example"),
  shown("a good bearer from a foreign page", VISITORS, "403 origin-not-allowed", [AUTHORIZED], "https://evil.example"),
  shown("a good cookie without Origin", VISITORS, "403 origin-not-allowed", [cookieOf("visitors")], null),
  shown(
    "a good cookie of an image",
    VISITORS,
    "403 fetch-metadata-refused",
    [cookieOf("visitors"), "Sec-Fetch-Site: cross-site", "Sec-Fetch-Dest: image"],
    null,
  ),
  shown("a good cookie of a navigation", VISITORS, "403 fetch-metadata-refused", [cookieOf("visitors"), "Sec-Fetch-Mode: navigate"]),
  shown("a good cookie and a shut endpoint", "/visitors/v2/api_keys", "404 route-not-allowed", [cookieOf("visitors")]),
  shown("a good cookie and an odd path", "/visitors/v2/business/..%2Fapi_keys", "400 path-encoding", [cookieOf("visitors")]),
  shown("a good cookie where no sessions are", "/store-locator/v2/business/search?city=Paris", "plain", [cookieOf("store-locator")]),
  ...targets("400 parameter-unknown", [
    `${VISITORS}&access_token=${BEARER}`,
    `${VISITORS}&session=${GOOD}`,
    `${VISITORS}&__Host-Http-bff-visitors=${GOOD}`,
  ]),
];

/** Where every request needs one, nothing is told without: not even which routes there are. */
const REQUIRED: readonly Entry[] = [
  ...targets("401 session-required", [
    MEMBERS,
    "/members/v2/api_keys",
    "/members/v2/nothing",
    "/members/stores",
    "/members/v2/business/search?city=Paris&x=1",
    "/members/session.css",
    "/members/session/",
  ]),
  ...methods(MEMBERS, "401 session-required", ["HEAD", "POST", "DELETE"]),
  shown("a session of visitors", MEMBERS, "401 session-required", [cookieOf("visitors")]),
  shown("a session of visitors under its name", MEMBERS, "401 session-invalid", [cookieOf("members", GOOD)]),
  shown("a good cookie", MEMBERS, "asked", [cookieOf("members")]),
  shown("a good bearer", MEMBERS, "asked", [`Authorization: Bearer ${bearerFor("members")}`]),
  shown("a good cookie and a shut endpoint", "/members/v2/api_keys", "404 route-not-allowed", [cookieOf("members")]),
  shown("a good cookie and an unknown parameter", `${MEMBERS}&x=1`, "400 parameter-unknown", [cookieOf("members")]),
  shown("a foreign page", MEMBERS, "403 origin-not-allowed", [cookieOf("members")], "https://evil.example"),
  ...targets("400 path-encoding", ["/members/v2/business/..%2Fapi_keys", "/members/session%00"]),
  ...fieldsAt("/members/openapi.json", "200 ours", [[], cookieOf("members"), "Authorization: Bearer x"]),
];

let minted = 0;
/** Minting is limited by address, so each row has one of its own. */
function mint(
  what: string,
  outcome: Outcome,
  {
    target = "/visitors/session",
    method = "POST",
    origin = LISTED,
    lines = [],
    body,
  }: { target?: string; method?: string; origin?: string | null; lines?: readonly string[]; body?: string } = {},
): Entry {
  const length =
    body === undefined || lines.some((line) => /^(content-length|transfer-encoding)/i.test(line)) ? [] : [`Content-Length: ${body.length}`];
  const address = `X-Forwarded-For: 2001:db8:0:${(minted += 1).toString(16)}::1`;
  return [
    `${method} ${named(target)} ${what}`,
    request(target, { method, origin, fields: [address, ...lines, ...length] }) + (body ?? ""),
    outcome,
  ];
}
const JSON_TYPE = "Content-Type: application/json";
const SAME_SITE = "Sec-Fetch-Site: same-site";
const json = (body: string, outcome: Outcome): Entry => mint(named(JSON.stringify(body)), outcome, { lines: [JSON_TYPE], body });
const chunked = (body: string): string => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

const MINTED: readonly Entry[] = [
  mint("of a page of the same site", "200 cookie", { lines: [SAME_SITE] }),
  mint("of a page of our own", "200 cookie", { origin: null, lines: ["Sec-Fetch-Site: same-origin"] }),
  mint("of a page of another site", "200 bearer", { lines: ["Sec-Fetch-Site: cross-site"] }),
  mint("of an old browser", "200 bearer"),
  mint("with a session's cookie already", "200 cookie", { lines: [SAME_SITE, cookieOf("visitors")] }),
  mint("with a made-up cookie already", "200 cookie", { lines: [SAME_SITE, cookieOf("visitors", "chosen")] }),
  mint("with a query", "200 bearer", { target: "/visitors/session?use=cookie" }),
  mint("with an escape in its path", "200 bearer", { target: "/visitors/%73ession" }),
  mint("in chunks", "200 bearer", { lines: [JSON_TYPE, "Transfer-Encoding: chunked"], body: chunked("{}") }),
  mint("that waits for 100 Continue", "200 bearer", { lines: [JSON_TYPE, "Expect: 100-continue"], body: "{}" }),
  mint("of a charset", "200 bearer", { lines: ["Content-Type: application/json; charset=utf-8"], body: "{}" }),
  mint("of no content but a type", "200 bearer", { lines: ["Content-Type: text/plain", "Content-Length: 0"], body: "" }),
  mint("for members", "200 cookie", { target: "/members/session", lines: [SAME_SITE] }),
  json('{"use":"bearer"}', "200 bearer"),
  ...[
    "[]",
    "null",
    '"x"',
    "1",
    "{",
    "{}{}",
    '{"use":"cookie"}',
    '{"use":["bearer"]}',
    '{"proof":1}',
    '{"proof":null}',
    '{"token":"x"}',
    '{"frontend":"members"}',
    '{"aud":"members"}',
    '{"sid":"x"}',
    '{"__proto__":{"use":"bearer"}}',
    '{"constructor":1}',
    '{"use":"bearer","x":1}',
    "\ufeff{}".replace("\ufeff", "\xef\xbb\xbf"),
    "\xff",
    "\0{}",
    "[".repeat(5000),
    "use=bearer",
  ].map((body) => json(body, "400 request-malformed")),
  ...[
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/json",
    "application/jsonx",
    "application/json, text/plain",
    "text/plain; application/json",
    "application/csp-report",
    "",
  ].map((type) => mint(`of type ${type || "none"}`, "400 request-malformed", { lines: [SAME_SITE, `Content-Type: ${type}`], body: "{}" })),
  mint("without a type", "400 request-malformed", { lines: [SAME_SITE], body: "{}" }),
  mint("in a coding", "400 request-malformed", { lines: [JSON_TYPE, "Content-Encoding: gzip"], body: "\x1f\x8b\x08\x00" }),
  mint("of 10,241 bytes", "413 body-too-large", { lines: [JSON_TYPE], body: `{"proof":"${"x".repeat(10_229)}"}` }),
  mint("of 20 KB in chunks", "413 body-too-large", { lines: [JSON_TYPE, "Transfer-Encoding: chunked"], body: chunked("x".repeat(20_000)) }),
  mint("that says it has 2 GB", "413 body-too-large", { lines: [JSON_TYPE, "Content-Length: 2000000000"], body: "{}" }),
  mint("with a length and chunks", "400 request-malformed", {
    lines: [JSON_TYPE, "Content-Length: 2", "Transfer-Encoding: chunked"],
    body: chunked("{}"),
  }),
  mint("with two lengths", "400 request-malformed", { lines: [JSON_TYPE, "Content-Length: 2", "Content-Length: 3"], body: "{}" }),
  mint("with an unknown transfer coding", "400 request-malformed", { lines: [JSON_TYPE, "Transfer-Encoding: x"], body: "{}" }),
  mint("with a chunk of no size", "400 request-malformed", { lines: [JSON_TYPE, "Transfer-Encoding: chunked"], body: "x\r\n{}\r\n" }),
  ...["https://evil.example", "null", `${LISTED}.evil.example`, ""].map((origin) =>
    mint(`from "${origin}"`, "403 origin-not-allowed", { origin, lines: [JSON_TYPE], body: "{}" }),
  ),
  mint("without Origin", "403 origin-not-allowed", { origin: null }),
  mint("of a foreign form", "403 fetch-metadata-refused", {
    origin: null,
    lines: ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Content-Type: application/x-www-form-urlencoded"],
    body: "use=bearer",
  }),
  mint("of a listed page's form", "403 fetch-metadata-refused", { lines: ["Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"] }),
  ...["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"].map((method) => mint("", "405 method-not-allowed", { method })),
  mint("that says POST", "405 method-not-allowed", { method: "GET", lines: ["X-HTTP-Method-Override: POST"] }),
  mint("with content", "413 body-too-large", { method: "GET", lines: [JSON_TYPE], body: "{}" }),
  mint("that is none", "405 method-not-allowed", { target: "/visitors/session/" }),
  ...["/visitors/Session", "/visitors/session.json", "/visitors/v2/session", "/visitors//session", "/store-locator/session"].map((target) =>
    mint("that is none", "405 method-not-allowed", { target }),
  ),
  mint("of no frontend", "404 frontend-unknown", { target: "/session" }),
  mint("with a delimiter", "400 path-encoding", { target: "/visitors/session;x" }),
  mint("with a zero byte", "400 path-encoding", { target: "/visitors/session%00" }),
  mint("through a dot segment", "400 path-encoding", { target: "/visitors/x/../session" }),
  mint("its preflight", "204 preflight", {
    method: "OPTIONS",
    lines: ["Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type"],
  }),
  mint("a foreign preflight", "403 origin-not-allowed", {
    method: "OPTIONS",
    origin: "https://evil.example",
    lines: ["Access-Control-Request-Method: POST"],
  }),
];

const prove = (what: string, outcome: Outcome, body?: string): Entry =>
  mint(what, outcome, { target: "/puzzled/session", ...(body === undefined ? {} : { lines: [JSON_TYPE], body }) });
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");

const PROOFS: readonly Entry[] = [
  prove("without a proof", "403 challenge-required"),
  prove("with none", "403 challenge-required", "{}"),
  prove("that wants a bearer", "403 challenge-required", '{"use":"bearer"}'),
  ...Object.entries({
    "an empty": "",
    "no base64": "???",
    "an object": base64({}),
    "a list": base64([]),
    "a null": base64(null),
    "a made-up": base64({ algorithm: "SHA-256", challenge: "0", number: 0, salt: "x", signature: "0" }),
    "a made-up, of the other form": base64({ challenge: { parameters: {}, signature: "0" }, solution: { counter: 0, derivedKey: "0" } }),
    "a prototype's": base64({ __proto__: { verified: true }, verified: true }),
    "a long": "A".repeat(9000),
    "a session's token as": GOOD,
    "a deep": Buffer.from("[".repeat(3000)).toString("base64"),
  }).map(([what, proof]) => prove(`with ${what} proof`, "403 challenge-invalid", JSON.stringify({ proof }))),
  shown("a session of visitors", "/puzzled/v2/business/search?city=Paris", "401 session-required", [cookieOf("visitors")]),
];

export const SESSIONS: readonly Entry[] = [...READ, ...REQUIRED, ...MINTED, ...PROOFS];
