/** The cookie of a session: what is sent, and what is read of a Cookie field. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readSessionCookie, sessionCookieName, writeSessionCookie } from "../../src/session/session-cookie.ts";

const NAME = "__Host-Http-bff-shop";

test("Set-Cookie keeps it from scripts, other sites, other hosts and plain HTTP, for as long as the token is valid", () => {
  expect(writeSessionCookie("shop", "a.b.c", 900)).toBe(
    "__Host-Http-bff-shop=a.b.c; Max-Age=900; Path=/; Secure; HttpOnly; SameSite=Strict",
  );
});

test("two frontends have cookies of different names", () => {
  expect([sessionCookieName("shop"), sessionCookieName("store-locator")]).toEqual([NAME, "__Host-Http-bff-store-locator"]);
});

test("what is written is read again", () => {
  const [pair = ""] = writeSessionCookie("shop", "a.b.c", 900).split(";");
  expect(readSessionCookie(pair, "shop")).toEqual({ token: "a.b.c" });
});

describe("a Cookie field", () => {
  test.each([
    ["ours alone", `${NAME}=a.b.c`, { token: "a.b.c" }],
    ["ours among others", `_ga=GA1.1; ${NAME}=a.b.c; theme=dark`, { token: "a.b.c" }],
    ["no space between", `_ga=1;${NAME}=a.b.c;theme=dark`, { token: "a.b.c" }],
    ["spaces and tabs around", `_ga=1 ; \t${NAME}=a.b.c \t; x=y`, { token: "a.b.c" }],
    ["others that are no pairs", `novalue; =noname; ;; a=b=c; ${NAME}=a.b.c`, { token: "a.b.c" }],
    ["another frontend's beside it", `__Host-Http-bff-other=x; ${NAME}=a.b.c`, { token: "a.b.c" }],
    ["a longer name beside it", `${NAME}-2=x; ${NAME}=a.b.c`, { token: "a.b.c" }],
    ["our name as another's value", `x=${NAME}=evil; ${NAME}=a.b.c`, { token: "a.b.c" }],
    ["an equals sign in the value", `${NAME}=a.b.c=`, { token: "a.b.c=" }],
    ["quotes, which are part of the value", `${NAME}="a.b.c"`, { token: '"a.b.c"' }],
    ["an escape, which stays one", `${NAME}=a%2Eb`, { token: "a%2Eb" }],
    ["an empty value", `${NAME}=`, { token: "" }],
    ["ours twice", `${NAME}=a.b.c; ${NAME}=d.e.f`, { fault: "repeated" }],
    ["ours twice and alike", `${NAME}=a.b.c; x=y; ${NAME}=a.b.c`, { fault: "repeated" }],
    ["ours and an empty one", `${NAME}=; ${NAME}=a.b.c`, { fault: "repeated" }],
    ["more than 8 KiB of cookies", `${NAME}=a.b.c; x=${"y".repeat(8192)}`, { fault: "too-long" }],
    ["nothing", "", undefined],
    ["only others", "_ga=GA1.1; theme=dark", undefined],
    ["the name alone", NAME, undefined],
    ["a space before the equals sign", `${NAME} =a.b.c`, undefined],
    ["the name in other letters", `${NAME.toLowerCase()}=a.b.c`, undefined],
    ["a weaker prefix", "__Host-bff-shop=a.b.c", undefined],
    ["no prefix", "bff-shop=a.b.c", undefined],
    ["a comma, which separates nothing", `x=y, ${NAME}=a.b.c`, undefined],
    ["a no-break space before the name, which is no edge", `\u00A0${NAME}=a.b.c`, undefined],
  ])("%s", (_, field, expected) => {
    expect(readSessionCookie(field, "shop")).toEqual(expected);
  });

  test("there is none", () => {
    expect(readSessionCookie(undefined, "shop")).toBeUndefined();
  });

  test("never yields what stands under another name", () => {
    const piece = fc.constantFrom(NAME, "=", ";", "; ", " ", '"', "a.b.c", "x", ",", "\t", "__Host-Http-bff-shopping");
    const isUnderOurName = (text: string): boolean => {
      const read = readSessionCookie(text, "shop");
      return read === undefined || "fault" in read || text.includes(`${NAME}=${read.token}`);
    };
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        expect(isUnderOurName(pieces.join(""))).toBe(true);
      }),
    );
  });
});
