/** Parameters: text to typed value to one canonical spelling. */
import type { ParameterSchema } from "../../src/partoo/endpoint.ts";
import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createParameterReaders } from "../../src/config/parameters.ts";
import { CATALOGUE } from "../../src/partoo/catalogue.ts";

const readers = createParameterReaders();
const schema = (members: Omit<ParameterSchema, "description">): ParameterSchema => ({ description: "", ...members });

const PAGE = schema({ type: "integer", minimum: 1 });
const OFFSET = schema({ type: "integer" });
const TEXT = schema({ type: "string", maxLength: 10 });
const FLAG = schema({ type: "boolean" });
const OLD_FLAG = schema({ type: "boolean", booleanStyle: "capital" });
const STATES = schema({ type: "array", items: { type: "string", enum: ["open", "closed", "opening_soon"] }, maxItems: 3 });
const IDS = schema({ type: "array", items: { type: "integer", minimum: 1 } });

describe("takes", () => {
  test.each<[string, ParameterSchema, string, string]>([
    ["a whole number", PAGE, "12", "12"],
    ["zero where it may be", OFFSET, "0", "0"],
    ["a negative number where it may be", OFFSET, "-5", "-5"],
    ["text as it is, accents and spaces included", TEXT, " Orléans ", " Orléans "],
    ["ten characters outside the basic plane as ten", TEXT, "🏪🏪🏪🏪🏪🏪🏪🏪🏪🏪", "🏪🏪🏪🏪🏪🏪🏪🏪🏪🏪"],
    ["either spelling of true, given in the newer one", FLAG, "True", "true"],
    ["either spelling of false, given in the older one", OLD_FLAG, "false", "False"],
    ["a list in any order, given sorted", STATES, "opening_soon,closed,open", "closed,open,opening_soon"],
    ["a repeated item once", STATES, "open,open,open,open", "open"],
    ["a list of numbers", IDS, "12,3", "12,3"],
  ])("%s", (_claim, parameter, text, expected) => {
    expect(readers(parameter)(text)).toEqual({ canonical: expected });
  });
});

describe("refuses", () => {
  test.each<[string, ParameterSchema, string]>([
    ["a leading zero", PAGE, "01"],
    ["a plus sign", PAGE, "+1"],
    ["minus zero", OFFSET, "-0"],
    ["a fraction", PAGE, "1.0"],
    ["an exponent", PAGE, "1e3"],
    ["a space", PAGE, " 1"],
    ["other digits than ASCII's", PAGE, "١"],
    ["a number too long to be exact", OFFSET, "9007199254740993"],
    ["less than the minimum", PAGE, "0"],
    ["nothing", TEXT, ""],
    ["too many characters", TEXT, "12345678901"],
    ["a line break", TEXT, "a\nb"],
    ["NUL", TEXT, "a\u0000"],
    ["a C1 control character", TEXT, "a\u0085"],
    ["half of a surrogate pair", TEXT, "a\ud83d"],
    ["a third spelling of true", FLAG, "TRUE"],
    ["1 for true", FLAG, "1"],
    ["a word outside the list", STATES, "open,shut"],
    ["an empty item", STATES, "open,,closed"],
    ["a comma at the end", STATES, "open,"],
    ["a space in a list", IDS, "1, 2"],
  ])("%s", (_claim, parameter, text) => {
    expect(readers(parameter)(text)).toHaveProperty("fault");
  });
});

test("narrows by the operator's keywords on top of the catalogue's", () => {
  const read = readers(PAGE, { maximum: 20 });
  expect(read("20")).toEqual({ canonical: "20" });
  expect(read("21")).toEqual({ fault: "must be at most 20" });
  expect(read("0")).toEqual({ fault: "must be at least 1" });
  expect(readers(STATES, { items: { enum: ["open"] } })("closed")).toEqual({ fault: "is a list; each item must be one of open" });
  expect(readers(STATES, { maxItems: 1 })("open,closed")).toEqual({ fault: "must have at most 1 items" });
});

test("a fault never holds what the caller sent", () => {
  const holds = fc.property(fc.string({ minLength: 12, unit: "grapheme" }), (text) => {
    const result = readers(TEXT)(text);
    return !("fault" in result && result.fault.includes(text));
  });
  expect(fc.check(holds).failed).toBe(false);
});

test("a very long text is refused before an expression sees it", () => {
  const read = readers(schema({ type: "string" }), { pattern: "^(a|aa)+$" });
  expect(read(`${"a".repeat(100_000)}!`)).toHaveProperty("fault");
});

const ALL = [...CATALOGUE.values()].flatMap((endpoint) => Object.entries({ ...endpoint.path, ...endpoint.query }));

test("no reader of the catalogue throws on any text", () => {
  const built = ALL.map(([, parameter]) => readers(parameter));
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.stringMatching(/^[-0-9a-f,cA-Z.]{0,30}$/));
  fc.assert(
    fc.property(text, (value) => {
      for (const read of built) expect(Object.keys(read(value))).toHaveLength(1);
    }),
  );
});

test("reading a canonical spelling again changes nothing", () => {
  const built = [PAGE, OFFSET, TEXT, FLAG, OLD_FLAG, STATES, IDS].map((parameter) => readers(parameter));
  const isStable = fc.property(fc.string({ unit: "grapheme" }), (text) =>
    built.every((read) => {
      const first = read(text);
      return "fault" in first || isDeepStrictEqual(read(first.canonical), first);
    }),
  );
  expect(fc.check(isStable).failed).toBe(false);
});

describe("distinct typed values have distinct canonical spellings, equal ones the same", () => {
  test("numbers", () => {
    const number = fc.integer({ min: -999_999_999_999_999, max: 999_999_999_999_999 });
    fc.assert(
      fc.property(number, number, (a, b) => {
        expect(canonical(OFFSET, String(a)) === canonical(OFFSET, String(b))).toBe(a === b);
      }),
    );
  });

  test("texts", () => {
    const text = fc.string({ minLength: 1, maxLength: 10, unit: "grapheme-ascii" });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(canonical(TEXT, a) === canonical(TEXT, b)).toBe(a === b);
      }),
    );
  });

  test("lists, as sets", () => {
    const list = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(list, list, (a, b) => {
        const same = new Set(a).symmetricDifference(new Set(b)).size === 0;
        expect(canonical(IDS, a.join(",")) === canonical(IDS, b.join(","))).toBe(same);
      }),
    );
  });
});

function canonical(parameter: ParameterSchema, text: string): string {
  const result = readers(parameter)(text);
  if ("fault" in result) throw new Error(result.fault);
  return result.canonical;
}
