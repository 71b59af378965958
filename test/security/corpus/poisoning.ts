/** Who asks first must not decide what the next one gets: fields that are no part of the cache's key, and answers that are not for all. */
import type { Outcome } from "./entry.ts";
import { request } from "../../support/raw-client.ts";
import { LISTED, named } from "./entry.ts";
import { bearerFor, cookieOf } from "./sessions.ts";
import { NARROW_ORIGIN, OTHER_ORIGIN } from "./setting.ts";

/** Of a city that nobody has asked for: the runner gives each row one of its own, wherever `Cold` stands. */
const COLD = "/v2/business/search?city=Cold";
const MINE = `/store-locator${COLD}`;

/** What somebody gets who asks afterwards. */
export interface After {
  readonly bytes: string;
  /** Access-Control-Allow-Origin. */
  readonly allowed: string | undefined;
  readonly vary: string;
  readonly fields: "all" | "id and name";
  /** Access-Control-Allow-Credentials: the frontend has sessions. */
  readonly credentials?: true;
}

export interface Poisoning {
  readonly name: string;
  /** The first request. */
  readonly bytes: string;
  /** Of the first answer; `asked`: 200 and a call. `304`: nothing but fields, and a call. */
  readonly outcome: Outcome | "304";
  readonly after: After;
  /** Of the second answer, where it is no page. */
  readonly refusal?: Outcome;
  /** Calls for both. */
  readonly calls: number;
}

const PLAIN: After = { bytes: request(MINE), allowed: LISTED, vary: "Accept-Encoding", fields: "all" };

function poisoning(
  name: string,
  bytes: string,
  outcome: Poisoning["outcome"],
  different: Partial<Pick<Poisoning, "after" | "calls" | "refusal">> = {},
): Poisoning {
  return { name, bytes, outcome, after: PLAIN, calls: 1, ...different };
}

/** Nothing of these is part of the key, so nothing of them may be part of what is stored. */
const UNKEYED: readonly (string | readonly string[])[] = [
  "X-Forwarded-Host: evil.example",
  ["X-Forwarded-Host: evil.example", "X-Forwarded-Proto: http", "X-Forwarded-Port: 6379"],
  "X-Forwarded-Scheme: nothttps",
  "X-Forwarded-Prefix: /evil",
  "X-Forwarded-For: 198.51.100.1",
  "Forwarded: host=evil.example;proto=http",
  "X-Host: evil.example",
  "X-Original-URL: /store-locator/v2/api_keys",
  "X-Rewrite-URL: /store-locator/v2/api_keys",
  "X-Original-Host: evil.example",
  "X-HTTP-Method-Override: POST",
  "X-HTTP-Method: HEAD",
  "Accept: text/html",
  "Accept: application/xml;q=1, */*;q=0",
  "Accept-Language: fr-FR",
  "Accept-Charset: utf-7",
  "Accept-Encoding: gzip",
  "Accept-Encoding: br",
  "Accept-Encoding: zstd, deflate, compress",
  "Accept-Encoding: identity;q=0, *;q=0",
  "User-Agent: <script>alert(1)</script>",
  "Referer: https://evil.example/",
  "Cookie: __Host-Http-bff-store-locator=1; lang=fr",
  "Authorization: Bearer mine",
  "x-apikey: mine",
  "Range: bytes=0-10",
  ['If-Range: "x"', "Range: bytes=5-"],
  'If-None-Match: "x", W/"y"',
  "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT",
  'If-Match: "x"',
  "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
  "Cache-Control: no-store",
  "Cache-Control: max-age=0, no-cache, private",
  "Pragma: no-cache",
  "Vary: *",
  "Age: 999999",
  "Expires: 0",
  'ETag: "mine"',
  "Surrogate-Control: max-age=31536000",
  "X-Cache-Key: mine",
  "X-Request-Id: mine",
  "traceparent: 00-0123456789abcdef0123456789abcdef-0123456789abcdef-01",
  "Content-Type: text/html",
  "TE: trailers, deflate",
  ["Connection: Upgrade", "Upgrade: websocket"],
  "Expect: 100-continue",
  "Max-Forwards: 0",
  "Via: 1.0 evil.example",
  "Save-Data: on",
  'Sec-CH-UA: "evil"',
  ["Sec-Fetch-Site: same-origin", "Sec-Fetch-Mode: same-origin"],
  "Prefer: return=minimal",
  "Connection: close, x-apikey, accept-encoding",
];

/** Spellings of one request: they have one key, so the first of them fills it for all. */
const SPELLINGS = [
  "/store-locator/v2/business/search?&&city=Cold&&",
  "/store-locator/v2/business/search?c%69ty=%43old",
  "/store-locator/v2/business/%73earch?city=Cold",
  "/store-locator/%76%32/business/search?city=Cold",
  "/store-locator/v2/business/search?per_page=50&city=Cold",
  "/store-locator/v2/business/search?city=Cold&per_page=50",
];

/** What looks like the plain request to a reader that is laxer than we are. Nothing of it is kept under the plain one's key. */
const CLOAKED: readonly (readonly [target: string, outcome: Outcome])[] = [
  [`${MINE}&utm_content=x;city=Evil`, "400 parameter-unknown"],
  [`${MINE}&city=Evil`, "400 parameter-invalid"],
  [`${MINE}&City=Evil`, "400 parameter-unknown"],
  [`${MINE}&city[]=Evil`, "400 parameter-unknown"],
  [`${MINE}&__proto__[city]=Evil`, "400 parameter-unknown"],
  [`${MINE}&callback=evil`, "400 parameter-unknown"],
  [`${MINE}&status=closed`, "400 parameter-invalid"],
  [`${MINE}&page=0`, "400 parameter-invalid"],
  [`${MINE}%00`, "400 parameter-invalid"],
  [`${MINE}#&city=Evil`, "400 request-malformed"],
  [`${MINE}&fields=contacts`, "400 parameter-unknown"],
  ["/store-locator/v2/business/x/..%2Fsearch?city=Cold", "400 path-encoding"],
  ["/store-locator/v2/business/search%3Fcity=Cold", "400 path-encoding"],
  ["/store-locator/v2/business/search/?city=Cold", "404 route-not-allowed"],
  ["/store-locator//v2/business/search?city=Cold", "404 route-not-allowed"],
  ["//store-locator/v2/business/search?city=Cold", "404 frontend-unknown"],
  ["/store-locator/v2/Business/search?city=Cold", "404 route-not-allowed"],
];

const REFUSED_FIRST: readonly Poisoning[] = [
  ...["https://evil.example", "null", `${LISTED}.evil.example`, OTHER_ORIGIN].map((origin) =>
    poisoning(`Origin: ${origin}`, request(MINE, { origin }), "403 origin-not-allowed"),
  ),
  poisoning("no Origin", request(MINE, { origin: null }), "403 origin-not-allowed"),
  poisoning(
    "an image",
    request(MINE, { origin: null, fields: ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Dest: image"] }),
    "403 fetch-metadata-refused",
  ),
  poisoning("a navigation", request(MINE, { fields: ["Sec-Fetch-Mode: navigate"] }), "403 fetch-metadata-refused"),
  poisoning("two Hosts", request(MINE, { fields: ["Host: evil.example"] }), "400 request-malformed"),
  poisoning("the absolute form", request(MINE).replace("GET /", "GET http://evil.example/"), "400 request-malformed"),
  poisoning("content", `${request(MINE, { fields: ["Content-Length: 9"] })}city=Evil`, "413 body-too-large"),
  poisoning("chunks", `${request(MINE, { fields: ["Transfer-Encoding: chunked"] })}9\r\ncity=Evil\r\n0\r\n\r\n`, "413 body-too-large"),
  poisoning("a header section of 20 KB", request(MINE, { fields: [`X-Oversized: ${"a".repeat(20_000)}`] }), "431 headers-too-large"),
  poisoning("a field with a control byte", request(MINE, { fields: ["X-Meta: \x07"] }), "400 request-malformed"),
  poisoning("an unknown Expect", request(MINE, { fields: ["Expect: evil"] }), "400 request-malformed"),
  poisoning("POST", request(MINE, { method: "POST" }), "405 method-not-allowed"),
  poisoning("PURGE", request(MINE, { method: "PURGE" }), "405 method-not-allowed"),
  poisoning("a preflight", request(MINE, { method: "OPTIONS", fields: ["Access-Control-Request-Method: GET"] }), "204 preflight"),
];

const several = (origin: string | null): string => request(`/several${COLD}`, { origin });
const SHARED: readonly Poisoning[] = [
  poisoning("another listed Origin", several(OTHER_ORIGIN), "asked", {
    after: { ...PLAIN, bytes: several(LISTED), vary: "Accept-Encoding, Origin" },
  }),
  poisoning(
    "no Origin, of a page of our own",
    request(`/several${COLD}`, { origin: null, fields: ["Sec-Fetch-Site: same-origin"] }),
    "asked",
    {
      after: { ...PLAIN, bytes: several(LISTED), vary: "Accept-Encoding, Origin" },
    },
  ),
  poisoning("a listed Origin, before a page of our own", several(LISTED), "asked", {
    after: {
      ...PLAIN,
      bytes: request(`/several${COLD}`, { origin: null, fields: ["Sec-Fetch-Site: same-origin"] }),
      allowed: undefined,
      vary: "Accept-Encoding, Origin",
    },
  }),
  poisoning("another frontend of the same key", request(`/app${COLD}`, { origin: null }), "asked"),
  poisoning("a page, before an app", request(MINE), "asked", {
    after: { ...PLAIN, bytes: request(`/app${COLD}`, { origin: null }), allowed: undefined },
  }),
  poisoning("another frontend, refused", request(`/app${COLD}`), "403 origin-not-allowed"),
  poisoning("a key that shows less", request(`/narrow${COLD}`, { origin: NARROW_ORIGIN }), "asked", { calls: 2 }),
  poisoning("a key that shows more", request(MINE), "asked", {
    after: {
      bytes: request(`/narrow${COLD}`, { origin: NARROW_ORIGIN }),
      allowed: NARROW_ORIGIN,
      vary: "Accept-Encoding",
      fields: "id and name",
    },
    calls: 2,
  }),
  poisoning("HEAD", request(MINE, { method: "HEAD" }), "asked"),
  poisoning("HEAD with a coding", request(MINE, { method: "HEAD", fields: ["Accept-Encoding: br"] }), "asked"),
  poisoning("a 304", request(MINE, { fields: ["If-None-Match: *"] }), "304"),
  poisoning("a 304 with a coding", request(MINE, { fields: ["If-None-Match: *", "Accept-Encoding: gzip"] }), "304"),
  poisoning("HTTP/1.0", request(MINE).replace("HTTP/1.1", "HTTP/1.0"), "asked"),
];

const visitors = (...fields: readonly string[]): string => request(`/visitors${COLD}`, { fields });
const VISITOR: After = { ...PLAIN, bytes: visitors(), credentials: true };
const WITH_COOKIE = { after: { ...VISITOR, bytes: visitors(cookieOf("visitors")) } };
const WITHOUT: Partial<Poisoning> = { refusal: "401 session-required", calls: 0 };
const MEMBER = request(`/members${COLD}`, { fields: [cookieOf("members")] });

/** A session decides who may make a call, never who may read what is stored; and where all need one, that is so for what is stored too. */
const OF_SESSIONS: readonly Poisoning[] = [
  poisoning("a cookie, before nobody", visitors(cookieOf("visitors")), "asked", { after: VISITOR }),
  poisoning("a bearer, before nobody", visitors(`Authorization: Bearer ${bearerFor("visitors")}`), "asked", { after: VISITOR }),
  poisoning("a bearer, before a cookie", visitors(`Authorization: Bearer ${bearerFor("visitors")}`), "asked", WITH_COOKIE),
  poisoning("nobody, before a cookie", visitors(), "401 session-required", WITH_COOKIE),
  poisoning("a made-up cookie, before a cookie", visitors(cookieOf("visitors", "x")), "401 session-invalid", WITH_COOKIE),
  poisoning("two cookies, before a cookie", visitors(cookieOf("visitors"), cookieOf("visitors")), "401 session-invalid", WITH_COOKIE),
  poisoning("a cookie, before a made-up cookie", visitors(cookieOf("visitors")), "asked", {
    after: { ...VISITOR, bytes: visitors(cookieOf("visitors", "x")) },
  }),
  poisoning("nobody, before nobody", visitors(), "401 session-required", { after: VISITOR, ...WITHOUT }),
  poisoning("a page without sessions, before nobody", request(MINE), "asked", { after: VISITOR }),
  poisoning("a member, before a page without sessions", MEMBER, "asked"),
  poisoning("a member, before nobody who is one", MEMBER, "asked", {
    after: { ...PLAIN, bytes: request(`/members${COLD}`) },
    refusal: "401 session-required",
  }),
  poisoning("a page without sessions, before nobody who is a member", request(MINE), "asked", {
    after: { ...PLAIN, bytes: request(`/members${COLD}`) },
    refusal: "401 session-required",
  }),
  poisoning("HEAD of nobody, before a cookie", request(`/visitors${COLD}`, { method: "HEAD" }), "401 session-required", WITH_COOKIE),
];

export const POISONINGS: readonly Poisoning[] = [
  ...UNKEYED.map((lines) => {
    const fields = typeof lines === "string" ? [lines] : lines;
    return poisoning(named(fields.join(" | ")), request(MINE, { fields }), "asked");
  }),
  ...SPELLINGS.map((target) => poisoning(named(target), request(target), "asked")),
  ...CLOAKED.map(([target, outcome]) => poisoning(named(target), request(target), outcome)),
  ...REFUSED_FIRST,
  ...SHARED,
  ...OF_SESSIONS,
  poisoning("another Host", request(MINE).replace("proxy.example", "evil.example"), "asked"),
  poisoning("another Host with a port", request(MINE).replace("proxy.example", "proxy.example:1337"), "asked"),
];

const MADE = ["/store-locator/openapi.json", "/directory/stores", "/directory/stores/all", "/directory/stores/c-S-1"];
const BEFORE: Readonly<Record<string, (target: string) => string>> = {
  "another Host": (target) => request(target).replace("proxy.example", "evil.example"),
  "X-Forwarded-Host": (target) => request(target, { fields: ["X-Forwarded-Host: evil.example", "X-Forwarded-Proto: javascript"] }),
  Accept: (target) => request(target, { fields: ["Accept: application/ld+json"] }),
  "another Origin": (target) => request(target, { origin: "https://evil.example" }),
  codings: (target) => request(target, { fields: ["Accept-Encoding: br;q=0.1, gzip"] }),
  HEAD: (target) => request(target, { method: "HEAD" }),
  "a cookie and credentials": (target) => request(target, { fields: ["Cookie: a=b", "Authorization: Bearer mine"] }),
  "a query": (target) => request(`${target}?x=1`),
};

/** The same for what is made here: first, then the plain request; of the latter all bytes are as if nobody had asked before. */
export const MADE_HERE: readonly (readonly [name: string, first: string, plain: string])[] = MADE.flatMap((target) =>
  Object.entries(BEFORE).map(([name, first]) => [`${target} after ${name}`, first(target), request(target)] as const),
);
