/** A pattern that check takes can't hold the process, whatever text a caller sends. */
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { MAX_MATCH_STEPS, matchSteps } from "../../src/config/check/match-steps.ts";
import { CATALOGUE } from "../../src/partoo/catalogue.ts";
import { countSteps, patternOf, type Term } from "./backtracking.ts";
import { createTemporaryConfig, SOUND_BFF } from "./temporary-config.ts";

const { load, remove } = createTemporaryConfig();
afterAll(remove);

/** The longest text that the catalogue takes anywhere. */
const LONGEST = 200;

const ALTERNATIVES: Term = { either: [{ set: "b" }, { repeat: { set: "." }, bounds: [0, Infinity], lazy: false }] };

function faultsOf(parameter: string): readonly string[] {
  return load(SOUND_BFF.replace("city: {}", () => parameter)).diagnostics.map(({ code }) => code);
}

describe("check refuses a pattern that backtracks without end", () => {
  test.each([
    String.raw`^(\w|\d)+$`,
    "^(a|aa)+$",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "^(?:a?){30}a{30}$",
    "^.*.*.*.*.*=$",
    "^(a+)+$",
    "^([a-z]*,)*$",
    "(x+x+)+y",
    "^(?:(?:a|b)?){40}c$",
    "^(?=(a+)+b)a",
    "a*a*a*a*b",
    `${"(".repeat(600)}a${")".repeat(600)}`,
  ])("%s", (pattern) => {
    expect(faultsOf(`city: { pattern: '${pattern}' }`)).toEqual(["narrowing-pattern"]);
    expect(faultsOf(`code__in: { items: { pattern: '${pattern}' } }`)).toEqual(["narrowing-pattern"]);
  });
});

describe("check takes what people write", () => {
  test.each([
    "^[0-9]{5}$",
    "^(75|69|13)[0-9]{3}$",
    "^75",
    String.raw`^\p{L}[\p{L}' -]*$`,
    "^[A-Za-z]+( [A-Za-z]+)?$",
    "^(?!.*--)[a-z][a-z-]*$",
    "^(Paris|Lyon|Marseille)$",
    "[A-Z]",
  ])("%s", (pattern) => {
    expect(faultsOf(`city: { pattern: "${pattern.replaceAll("\\", "\\\\")}" }`)).toEqual([]);
  });
});

test("a smaller maxLength makes room for a pattern, for it is looked at first", () => {
  const pattern = 'pattern: "^.*-.*-.*$"';
  expect(faultsOf(`city: { ${pattern} }`)).toEqual(["narrowing-pattern"]);
  expect(faultsOf(`city: { maxLength: 30, ${pattern} }`)).toEqual([]);
  const { policy } = load(SOUND_BFF.replace("city: {}", () => `city: { maxLength: 30, ${pattern} }`));
  const city = policy?.keys.get("reader")?.routes[0]?.query.get("city");
  expect(city?.read("-".repeat(31))).toEqual({ fault: "must have at most 30 characters" });
});

test("a list counts as often as it may have items", () => {
  const pattern = 'items: { pattern: "^.*-.*$" }';
  expect(faultsOf(`code__in: { ${pattern} }`)).toEqual(["narrowing-pattern"]);
  expect(faultsOf(`code__in: { maxItems: 20, ${pattern} }`)).toEqual([]);
});

test("every pattern of the catalogue is quick", () => {
  const schemas = [...CATALOGUE.values()].flatMap(({ path, query }) => Object.values({ ...path, ...query }));
  const texts = schemas.map((schema) => schema.items ?? schema).filter(({ pattern }) => pattern !== undefined);
  const steps = texts.map(({ pattern = "", maxLength = Infinity }) => matchSteps(pattern, maxLength));
  expect(Math.max(...steps)).toBeLessThan(5_000);
  expect(texts.length).toBeGreaterThan(20);
});

describe("of patterns made at random", () => {
  const atom: fc.Arbitrary<Term> = fc.constantFrom<Term>({ set: "a" }, { set: "b" }, { set: "[ab]" }, { set: "." }, { set: "[^a]" });
  const bounds = fc.constantFrom<readonly [number, number]>([0, Infinity], [1, Infinity], [0, 1], [2, 2], [0, 3], [2, Infinity], [30, 30]);
  const { term } = fc.letrec<{ term: Term }>((tie) => {
    const inner = tie("term");
    const sequence = fc.array(inner, { minLength: 0, maxLength: 3 });
    return {
      term: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        atom,
        fc.record({ sequence }),
        fc.record({ either: fc.array(inner, { minLength: 2, maxLength: 3 }) }),
        fc.record({ repeat: inner, bounds, lazy: fc.boolean() }),
        fc.record({ look: inner, ahead: fc.boolean(), not: fc.boolean() }),
      ),
    };
  });
  const pattern = fc.record({ terms: fc.array(term, { minLength: 1, maxLength: 4 }), anchored: fc.boolean() });
  const hostile = fc.tuple(fc.constantFrom("a", "b", "ab", "aab", "ba"), fc.constantFrom("", "!", "b!"));

  test("each has a count, if need be without end", () => {
    fc.assert(
      fc.property(pattern, fc.nat(LONGEST), ({ terms, anchored }, length) => {
        expect(matchSteps(patternOf(terms, anchored), length)).toBeGreaterThanOrEqual(0);
      }),
      {
        numRuns: 2_000,
        endOnFailure: true,
        examples: [
          [
            { terms: [{ repeat: { repeat: ALTERNATIVES, bounds: [30, 30], lazy: true }, bounds: [30, 30], lazy: true }], anchored: false },
            9,
          ],
        ],
      },
    );
  });

  test("none makes more steps than were counted for it, by the matcher of ECMA-262", () => {
    fc.assert(
      fc.property(pattern, hostile, fc.integer({ min: 0, max: 24 }), ({ terms, anchored }, [unit, end], length) => {
        const text = (unit.repeat(length).slice(0, length) + end).slice(-24);
        const most = matchSteps(patternOf(terms, anchored), text.length);
        fc.pre(most <= MAX_MATCH_STEPS);
        expect(countSteps(terms, anchored, text)).toBeLessThanOrEqual(most);
      }),
      { numRuns: 2_000, endOnFailure: true },
    );
  });

  // A single one that backtracks without end would outlast the time that a test has.
  test("those that check would take are through with the longest text", () => {
    let taken = 0;
    fc.assert(
      fc.property(pattern, hostile, ({ terms, anchored }, [unit, end]) => {
        const source = patternOf(terms, anchored);
        if (matchSteps(source, LONGEST) > MAX_MATCH_STEPS) return;
        taken += 1;
        expect(new RegExp(source, "u").test(unit.repeat(LONGEST).slice(0, LONGEST - end.length) + end)).toBeTypeOf("boolean");
      }),
      { numRuns: 2_000, endOnFailure: true },
    );
    expect(taken).toBeGreaterThan(200);
  });
});
