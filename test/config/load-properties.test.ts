/** Nothing that can stand in a file makes loading throw. */
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { createTemporaryConfig, SOUND_BFF } from "./temporary-config.ts";

const { load, remove } = createTemporaryConfig();
afterAll(remove);

describe("no text makes loading throw", () => {
  const runs = { numRuns: 60 };

  test("any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), (bff, frontend) => {
        expect(load(bff, frontend).policy).toBeUndefined();
      }),
      runs,
    );
  });

  test("text made of YAML's own signs", () => {
    const sign = fc.constantFrom(
      "a",
      ": ",
      "- ",
      "\n",
      "  ",
      "[",
      "]",
      "{",
      "}",
      "&a ",
      "*a",
      "<<: ",
      "!t ",
      "? ",
      "|",
      ">",
      "'",
      '"',
      "#",
      "---\n",
      "%YAML 1.1\n",
      "\t",
      "~",
      "1",
    );
    const text = fc.array(sign, { maxLength: 40 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (value) => {
        expect(load(value, value).diagnostics.length).toBeGreaterThan(0);
      }),
      runs,
    );
  });

  test("a sound configuration with any value in any place", () => {
    const at = fc.nat({ max: SOUND_BFF.length });
    fc.assert(
      fc.property(
        at,
        at,
        fc.constantFrom("", "null", "[]", "{}", "true", "0", "x", "-1", '""', "[[]]", "{a: {b: []}}", "__proto__: {}"),
        (from, to, value) => {
          const bff = SOUND_BFF.slice(0, Math.min(from, to)) + value + SOUND_BFF.slice(Math.max(from, to));
          for (const { line, column } of load(bff).diagnostics) expect(Math.min(line, column)).toBeGreaterThan(0);
        },
      ),
      { numRuns: 150 },
    );
  });

  test("any plain data in the form's own members", () => {
    const value = fc.jsonValue({ maxDepth: 2 });
    const members = fc.record({
      version: value,
      organizations: value,
      keys: fc.dictionary(
        fc.string({ maxLength: 5 }),
        fc.record({
          allow: fc.dictionary(
            fc.constantFrom("GET /business/search", "GET /reviews", "x"),
            fc.record({
              query: fc.dictionary(fc.constantFrom("city", "page", "status", "x"), value),
              force: value,
              fields: value,
              cache: value,
            }),
          ),
        }),
      ),
    });
    fc.assert(
      fc.property(members, value, (bff, frontend) => {
        expect(load(JSON.stringify(bff), JSON.stringify(frontend)).policy).toBeUndefined();
      }),
      runs,
    );
  });

  test("any keywords on any parameter: refused, or compiled to readers that do not throw", () => {
    const number = fc.constantFrom(-1, 0, 1, 2, 5, 100, 1000);
    const scalar = fc.constantFrom<unknown>("a", "open", "1", "a,b", "", 1, 50, -3, true, "2026-01-01T00:00:00");
    const keywords = {
      minimum: number,
      maximum: number,
      minLength: number,
      maxLength: number,
      pattern: fc.constantFrom("^a", "[", "(a+)+", "\\d{2}", ""),
      enum: fc.array(scalar, { maxLength: 3 }),
    };
    const items = fc.record(keywords, { requiredKeys: [] });
    const fallback = fc.oneof(scalar, fc.array(scalar, { maxLength: 2 }));
    const narrowing = fc.record({ ...keywords, items, maxItems: number, default: fallback }, { requiredKeys: [] });
    const name = fc.constantFrom("city", "page", "status", "groups", "subscribed_to_rm", "code__in");
    fc.assert(
      fc.property(
        fc.dictionary(name, narrowing, { maxKeys: 2 }),
        fc.dictionary(name, fallback, { maxKeys: 1 }),
        fc.string(),
        (query, force, text) => {
          const bff = JSON.stringify({
            version: 1,
            organizations: { acme: {} },
            keys: { reader: { organization: "acme", allow: { "GET /business/search": { query, force, fields: ["id"] } } } },
          });
          for (const { read } of load(bff).policy?.keys.get("reader")?.routes[0]?.query.values() ?? [])
            expect(read(text)).toBeTypeOf("object");
        },
      ),
      { numRuns: 400 },
    );
  });

  test("nesting by the thousand, aliases of aliases, a circle", () => {
    for (const text of ["[".repeat(20_000), "- ".repeat(20_000), "{a: ".repeat(20_000), "a: &a\n  b: *a\n", "&a [*a, *a]"]) {
      expect(load(text, text).policy).toBeUndefined();
    }
  });
});
