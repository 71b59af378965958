/** Where a session is looked for in a request, and what two tokens at once are worth. */
import { describe, expect, test } from "vitest";
import type { SessionFields, SessionReading } from "../../src/session/read-session.ts";
import { readSession } from "../../src/session/read-session.ts";
import { BEARER, COOKIE, scene } from "./support.ts";

const ORIGIN = "https://stores.acme.example";
const NAME = "__Host-Http-bff-store-locator";
const { tokens } = scene();
const cookie = await tokens.mint(COOKIE);
const bearer = await tokens.mint(BEARER);
const ofOther = await tokens.mint({ ...COOKIE, frontend: "other" });

function read(fields: Partial<SessionFields>): SessionReading | Promise<SessionReading> {
  return readSession(tokens, "store-locator", { cookie: undefined, authorization: undefined, origin: ORIGIN, ...fields });
}

describe("a request has a session", () => {
  test.each([
    ["in its cookie", { cookie: `${NAME}=${cookie.token}` }, cookie.session],
    [
      "in its cookie, without an Origin: a page of our own origin",
      { cookie: `${NAME}=${cookie.token}`, origin: undefined },
      cookie.session,
    ],
    [
      "in its cookie, beside another frontend's",
      { cookie: `__Host-Http-bff-other=${ofOther.token}; ${NAME}=${cookie.token}` },
      cookie.session,
    ],
    ["in its cookie, beside somebody's Basic", { cookie: `${NAME}=${cookie.token}`, authorization: "Basic YTpi" }, cookie.session],
    ["in its bearer", { authorization: `Bearer ${bearer.token}` }, bearer.session],
    ["in its bearer, the scheme in small letters", { authorization: `bearer ${bearer.token}` }, bearer.session],
    [
      "in its bearer, beside another frontend's cookie",
      { authorization: `Bearer ${bearer.token}`, cookie: `__Host-Http-bff-other=${ofOther.token}` },
      bearer.session,
    ],
  ])("%s", async (_, fields, session) => {
    expect(await read(fields)).toEqual({ session });
  });
});

describe("a request has none", () => {
  test.each([
    ["with nothing at all", {}],
    ["with other cookies", { cookie: "_ga=1" }],
    ["with another scheme", { authorization: "Basic YTpi" }],
    ["with a scheme and no token", { authorization: "Bearer " }],
  ])("%s", (_, fields) => {
    expect(read(fields)).toEqual({});
  });
});

describe("what a request carries is refused", () => {
  test.each([
    ["a cookie and a bearer, each genuine", { cookie: `${NAME}=${cookie.token}`, authorization: `Bearer ${bearer.token}` }, "repeated"],
    ["the same token as both", { cookie: `${NAME}=${cookie.token}`, authorization: `Bearer ${cookie.token}` }, "repeated"],
    ["the cookie twice", { cookie: `${NAME}=${cookie.token}; ${NAME}=${cookie.token}` }, "repeated"],
    ["a cookie's token as a bearer", { authorization: `Bearer ${cookie.token}` }, "use"],
    ["a bearer's token in the cookie", { cookie: `${NAME}=${bearer.token}` }, "use"],
    ["another frontend's token under this one's name", { cookie: `${NAME}=${ofOther.token}` }, "frontend"],
    ["another page's bearer", { authorization: `Bearer ${bearer.token}`, origin: "https://evil.example" }, "origin"],
    ["an empty cookie", { cookie: `${NAME}=` }, "form"],
    ["a bearer of another kind", { authorization: "Bearer not-a-session" }, "form"],
    ["two bearers joined by a comma", { authorization: `Bearer ${bearer.token}, Bearer ${bearer.token}` }, "form"],
    ["a cookie that is too long", { cookie: `${NAME}=${"a".repeat(2000)}` }, "too-long"],
  ])("%s", async (_, fields, fault) => {
    expect(await read(fields)).toEqual({ fault });
  });
});
