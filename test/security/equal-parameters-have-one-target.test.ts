import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { RequestHead } from "../../src/request/request-line.ts";
import { parseTrustedProxy } from "../../src/caller/address.ts";
import { readCaller } from "../../src/caller/caller.ts";
import { decide } from "../../src/decide.ts";
import { testPolicy } from "./hostile.ts";

const policy = testPolicy();
const context = { trustedProxy: parseTrustedProxy("none"), servers: new Map<string, never>() };

function targetOf(path: string): string {
  const head: RequestHead = {
    method: "GET",
    target: `/app/v2${path}`,
    httpVersion: "1.1",
    rawHeaders: ["Host", "x"],
    headers: { host: "x" },
  };
  const decision = decide(policy, head, readCaller(head, "192.0.2.1", context));
  if (decision.decision !== "allowed") throw new Error(`${path}: ${JSON.stringify(decision)}`);
  return decision.match.target;
}

/** Parameters as a caller means them. */
interface Meant {
  readonly city?: string;
  readonly query?: string;
  readonly zipcode?: string;
  readonly page?: number;
  readonly per_page?: number;
}

const text = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .oneof(
      fc.constantFrom(
        "Paris",
        "paris",
        "Orléans",
        "a+b",
        "a b",
        "a%20b",
        "a&b=c",
        "Paris;x",
        "../..",
        "%2F",
        "é",
        "e\u0301",
        "日本",
        "🏪",
        "1",
        "01",
        "'",
        "*",
      ),
      fc.string({ unit: "grapheme", minLength: 1, maxLength }),
      fc.string({ unit: "binary", minLength: 1, maxLength }).map((raw) => raw.toWellFormed()),
    )
    .filter((value) => Array.from(value).length <= maxLength && !/[\p{Cc}]/u.test(value) && value.length > 0);

const meant: fc.Arbitrary<Meant> = fc.record(
  {
    city: text(20),
    query: text(20),
    zipcode: fc.constantFrom("75001", "75002", "7500", "A1"),
    page: fc.integer({ min: 1, max: 20 }),
    per_page: fc.integer({ min: 1, max: 100 }),
  },
  { requiredKeys: [] },
);

/** The same text in another encoding: plain where it may be, escaped in either case, a space as "+". */
function spell(value: string, choices: readonly number[]): string {
  return Array.from(value)
    .map((character, at) => {
      const choice = choices[at % choices.length] ?? 0;
      if (/[A-Za-z0-9._~-]/.test(character) && choice < 2) return character;
      if (character === " " && choice < 2) return "+";
      const bytes = [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
      return choice % 2 === 0 ? bytes : bytes.toUpperCase();
    })
    .join("");
}

const spelling = fc.record({
  choices: fc.array(fc.nat(3), { minLength: 1, maxLength: 30 }),
  order: fc.array(fc.nat(99), { minLength: 5, maxLength: 5 }),
  empty: fc.nat(2),
});
type Spelling = typeof spelling extends fc.Arbitrary<infer T> ? T : never;

function queryOf(parameters: Meant, { choices, order, empty }: Spelling): string {
  return Object.entries(parameters)
    .map(([name, value], at) => ({ part: `${spell(name, choices)}=${spell(String(value), choices)}`, key: order[at] ?? 0 }))
    .toSorted((one, two) => one.key - two.key)
    .map(({ part }) => part)
    .join("&".repeat(empty + 1));
}

const search = (query: string): string => targetOf(`/business/search?${query}`);
/** per_page has a default, so leaving it out means the same as naming it. */
const meaning = ({ city, query, zipcode, page, per_page: perPage = 50 }: Meant): string =>
  JSON.stringify([city, query, zipcode, page, perPage]);

test("%50aris is Paris", () => {
  const canonical = "/business/search?city=Paris&per_page=50&status=open%2Copening_soon%2Ctemporarily_closed";
  for (const query of ["city=Paris", "city=%50aris", "%63ity=Par%69s", "&city=Paris&", "per_page=50&city=Paris"])
    expect(search(query)).toBe(canonical);
});

test("equal parameters have one target, whatever their order and encoding", () => {
  fc.assert(
    fc.property(meant, spelling, spelling, (parameters, one, two) => {
      expect(search(queryOf(parameters, one))).toBe(search(queryOf(parameters, two)));
    }),
    { numRuns: 2000 },
  );
});

test("distinct parameters have distinct targets", () => {
  fc.assert(
    fc.property(meant, meant, spelling, spelling, (one, two, how, other) => {
      expect(search(queryOf(one, how)) === search(queryOf(two, other))).toBe(meaning(one) === meaning(two));
    }),
    { numRuns: 3000 },
  );
});

test("what Partoo would read from the target is what the caller meant", () => {
  fc.assert(
    fc.property(meant, spelling, (parameters, how) => {
      const read = Object.fromEntries(new URL(search(queryOf(parameters, how)), "http://x").searchParams);
      const expected = Object.fromEntries(Object.entries({ per_page: 50, ...parameters }).map(([name, value]) => [name, String(value)]));
      expect(read).toEqual({ ...expected, status: "open,opening_soon,temporarily_closed" });
    }),
    { numRuns: 2000 },
  );
});

test("a list is a set", () => {
  const ids = fc.uniqueArray(fc.stringMatching(/^[0-9a-f]{24}$/), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(ids, fc.array(fc.nat(99), { minLength: 5, maxLength: 5 }), fc.nat(4), (list, order, again) => {
      const shuffled = list
        .map((id, at) => ({ id, key: order[at] ?? 0 }))
        .toSorted((one, two) => one.key - two.key)
        .map(({ id }) => id);
      const repeated = [...shuffled, list[again % list.length]];
      expect(targetOf(`/reviews?business__in=${repeated.join(",")}`)).toBe(targetOf(`/reviews?business__in=${list.join("%2C")}`));
    }),
    { numRuns: 500 },
  );
});

test("two businesses never share a target, and one never has two", () => {
  const reference = fc.oneof(
    fc.stringMatching(/^[0-9a-f]{24}$/),
    fc.stringMatching(/^[A-Za-z0-9._~ -]{1,12}$/).map((code) => `c-${code}`),
  );
  fc.assert(
    fc.property(reference, reference, fc.array(fc.nat(3), { minLength: 1, maxLength: 9 }), (one, two, choices) => {
      const path = (id: string): string => `/business/${spell(id, choices).replaceAll("+", "%20")}`;
      expect(targetOf(path(one)) === targetOf(path(two))).toBe(one === two);
      expect(targetOf(path(one))).toBe(`/business/${encodeURIComponent(one)}`);
    }),
    { numRuns: 2000 },
  );
});
