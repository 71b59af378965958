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

  test.each([
    ["spaces", " ".repeat(8000)],
    ["tabs", "\t".repeat(8000)],
    ["semicolons", ";".repeat(8000)],
    ["semicolons and spaces", "; ".repeat(4000)],
    ["pairs", "a=b; ".repeat(1600)],
    ["our name again and again", `${NAME}=`.repeat(380)],
    ["our name behind spaces", ` ${" ".repeat(60)}${NAME}=`.repeat(90)],
  ])("of 8 kB of %s is read in the time of any other: each character is looked at a few times", (_, middle) => {
    const costOf = (field: string): number => {
      const before = process.cpuUsage();
      for (let n = 0; n < 50; n += 1) readSessionCookie(field, "shop");
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    const field = `a=x${middle}y`;
    // In µs: far above any noise, and a hundredth of what it takes to look at a run of characters from each of them.
    expect(Math.min(costOf(field), costOf(field), costOf(field))).toBeLessThan(50 * 200);
  });

  test("is read as if it were split at semicolons, with spaces and tabs taken off the parts", () => {
    const piece = fc.constantFrom(`${NAME}=`, NAME, "=", ";", "; ", " ", "\t", "a", `x=${NAME}=`, "\u00A0");
    const asSplit = (field: string): readonly string[] =>
      field
        .split(";")
        .map((part) => part.replace(/^[ \t]*/, "").replace(/[ \t]*$/, ""))
        .flatMap((part) => (part.startsWith(`${NAME}=`) ? [part.slice(NAME.length + 1)] : []));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const field = pieces.join("");
        const [token, ...others] = asSplit(field);
        const expected = token === undefined ? undefined : others.length > 0 ? { fault: "repeated" } : { token };
        expect(readSessionCookie(field, "shop")).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
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
