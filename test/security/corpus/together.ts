/** Callers who ask at once and share one call to Partoo: each gets an answer of their own. */
import { request } from "../../support/raw-client.ts";
import { LISTED } from "./entry.ts";
import { bearerFor, cookieOf } from "./sessions.ts";
import { NARROW_ORIGIN, OTHER_ORIGIN, WEB_TOKEN } from "./setting.ts";

const HELD = "/v2/business/search?city=Held";

export interface Member {
  readonly bytes: string;
  /** Absent: hangs up before Partoo answers. */
  readonly gets?: {
    readonly status: number;
    readonly allowed?: string | undefined;
    readonly vary?: string;
    readonly coding?: string;
    /** Of each store; absent: no content. */
    readonly members?: "all" | "id and name";
    readonly credentials?: true;
  };
}

export interface Together {
  readonly name: string;
  readonly members: readonly Member[];
  /** To Partoo, for all. */
  readonly calls: number;
}

const gets = (different: Partial<NonNullable<Member["gets"]>> = {}): NonNullable<Member["gets"]> => ({
  status: 200,
  allowed: LISTED,
  vary: "Accept-Encoding",
  members: "all",
  ...different,
});
const asks = (frontend: string, options: Parameters<typeof request>[1], got: Member["gets"]): Member => ({
  bytes: request(`/${frontend}${HELD}`, options),
  ...(got === undefined ? {} : { gets: got }),
});
const VARIES = "Accept-Encoding, Origin";

const page = (...fields: readonly string[]): Member => asks("store-locator", { fields }, gets());
const leaving: Member = { bytes: request(`/store-locator${HELD}`) };
const one = asks("several", { origin: LISTED }, gets({ vary: VARIES }));
const other = asks("several", { origin: OTHER_ORIGIN }, gets({ vary: VARIES, allowed: OTHER_ORIGIN }));
const own = asks("several", { origin: null, fields: ["Sec-Fetch-Site: same-origin"] }, gets({ vary: VARIES, allowed: undefined }));
const app = asks("app", { origin: null }, gets({ allowed: undefined }));
const server = asks("ssr", { origin: null, fields: [`Authorization: Bearer ${WEB_TOKEN}`] }, gets({ allowed: undefined }));
const narrow = asks("narrow", { origin: NARROW_ORIGIN }, gets({ allowed: NARROW_ORIGIN, members: "id and name" }));
const head: Member = asks("store-locator", { method: "HEAD" }, { status: 200, allowed: LISTED });
const unchanged: Member = asks("store-locator", { fields: ["If-None-Match: *"] }, { status: 304, allowed: LISTED });
const brotli = asks("store-locator", { fields: ["Accept-Encoding: br"] }, gets({ coding: "br" }));
const gzip = asks("store-locator", { fields: ["Accept-Encoding: gzip"] }, gets({ coding: "gzip" }));
const foreign = asks("store-locator", { origin: "https://evil.example" }, { status: 403, allowed: LISTED });
const nobody = asks("store-locator", { origin: null }, { status: 403, allowed: LISTED });
const refused: Member = { bytes: request(`/store-locator${HELD}&city=Evil`), gets: { status: 400, allowed: LISTED } };

const visitor = asks("visitors", { fields: [cookieOf("visitors")] }, gets({ credentials: true }));
const bearer = asks("visitors", { fields: [`Authorization: Bearer ${bearerFor("visitors")}`] }, gets({ credentials: true }));
const stranger = asks("visitors", {}, { status: 401, allowed: LISTED });
const forger = asks("visitors", { fields: [cookieOf("visitors", "x")] }, { status: 401, allowed: LISTED });
const joining = asks("visitors", {}, gets({ credentials: true }));
const joiningForger = asks("visitors", { fields: [cookieOf("visitors", "x")] }, gets({ credentials: true }));
const leavingVisitor: Member = { bytes: visitor.bytes };
const notMember = asks("members", {}, { status: 401, allowed: LISTED });

/** Any two in either order: who comes first must not matter. */
const BOTH_WAYS: readonly (readonly [name: string, a: Member, b: Member, calls: number])[] = [
  ["two Origins of one frontend", one, other, 1],
  ["an Origin and a page of our own", one, own, 1],
  ["two frontends of one key", page(), one, 1],
  ["a page and an app", page(), app, 1],
  ["a page and a server", page(), server, 1],
  ["an app and a server", app, server, 1],
  ["two keys", page(), narrow, 2],
  ["HEAD and GET", head, page(), 1],
  ["304 and 200", unchanged, page(), 1],
  ["HEAD and 304", head, unchanged, 1],
  ["brotli and none", brotli, page(), 1],
  ["gzip and none", gzip, page(), 1],
  ["brotli and gzip", brotli, gzip, 1],
  ["who hangs up and who stays", leaving, page(), 1],
  ["who hangs up and another frontend", leaving, app, 1],
  ["who hangs up and HEAD", leaving, head, 1],
  ["who hangs up and another key", leaving, narrow, 2],
  ["a foreign page and a listed one", foreign, page(), 1],
  ["nobody and a listed page", nobody, page(), 1],
  ["two sessions", visitor, bearer, 1],
  ["a session and a page without", visitor, page(), 1],
  ["a member's page without a session and one that needs none", notMember, page(), 1],
  ["a refused query and a plain one", refused, page(), 1],
  ["no-store and a plain one", page("Cache-Control: no-store"), page("Pragma: no-cache"), 1],
  ["a cookie and none", page("Cookie: a=b"), page(), 1],
  ["credentials and none", page("Authorization: Bearer mine"), page(), 1],
  ["another language and none", page("Accept-Language: fr", "X-Forwarded-Host: evil.example"), page(), 1],
];

export const TOGETHERS: readonly Together[] = [
  ...BOTH_WAYS.flatMap(([name, a, b, calls]) => [
    { name, members: [a, b], calls },
    { name: `${name}, the other way round`, members: [b, a], calls },
  ]),
  { name: "nobody and a session", members: [stranger, visitor], calls: 1 },
  { name: "a made-up session and a session", members: [forger, visitor], calls: 1 },
  // A session decides who may make a call, not who may read what comes of it: these cost none.
  { name: "a session and nobody", members: [visitor, joining], calls: 1 },
  { name: "a session and a made-up one", members: [visitor, joiningForger], calls: 1 },
  { name: "a session that hangs up, and nobody", members: [leavingVisitor, joining], calls: 1 },
  { name: "everybody", members: [leaving, one, other, own, app, server, narrow, head, unchanged, brotli, gzip, foreign, page()], calls: 2 },
  { name: "ten who hang up before one who stays", members: [...Array.from({ length: 10 }, () => leaving), page()], calls: 1 },
];
