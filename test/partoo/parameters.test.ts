/** What each parameter takes: bounds, words and patterns of Partoo's documentation. */
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import type { ParameterSchema } from "../../src/partoo/endpoint.ts";
import { CATALOGUE, findEndpoint } from "../../src/partoo/catalogue.ts";

const PARAMETERS = [...CATALOGUE.values()].flatMap(({ template, path, query }) =>
  Object.entries({ ...path, ...query }).map(([name, schema]) => ({ template, name, schema })),
);

/** Of a parameter and of the items of a list. */
const PATTERNS = [
  ...new Set(PARAMETERS.flatMap(({ schema }) => [schema.pattern, schema.items?.pattern]).filter((pattern) => pattern !== undefined)),
];

function parameter(template: string, name: string): ParameterSchema {
  const endpoint = findEndpoint(template);
  const schema = endpoint?.query[name] ?? endpoint?.path[name];
  if (schema === undefined) throw new Error(`${template} has no ${name}`);
  return schema;
}

function accepts(schema: ParameterSchema | ParameterSchema["items"], value: unknown): boolean {
  const ajv = new Ajv2020({ strict: true });
  ajv.addVocabulary(["booleanStyle"]);
  return ajv.validate(schema as object, value);
}

test("every schema compiles under strict JSON Schema 2020-12, but for the spelling of booleans", () => {
  const ajv = new Ajv2020({ strict: true });
  ajv.addVocabulary(["booleanStyle"]);
  for (const { schema } of PARAMETERS) expect(() => ajv.compile(schema)).not.toThrow();
  expect(PARAMETERS.length).toBeGreaterThan(80);
});

test("no parameter names an organization or searches key texts", () => {
  const names = new Set(PARAMETERS.map(({ name }) => name));
  for (const name of ["org_id", "search_text", "include_all_permissions", "email", "user_id", "api_key"])
    expect(names.has(name)).toBe(false);
});

test("what was already old in 2021 is not known", () => {
  const names = new Set(PARAMETERS.map(({ name }) => name));
  for (const name of ["group_id", "clean_name", "has_promo", "is_expired"]) expect(names.has(name)).toBe(false);
});

test("every text has an end, and a word, pattern or number says what it may hold", () => {
  for (const { template, name, schema } of PARAMETERS) {
    const value = schema.items ?? schema;
    const label = `${template} ${name}`;
    if (schema.type === "array") expect(schema.maxItems, label).toBeLessThanOrEqual(100);
    if (value.type === "string" && value.enum === undefined) {
      expect(value.pattern, label).toBeDefined();
      expect(value.minLength, label).toBeGreaterThanOrEqual(1);
      expect(value.maxLength, label).toBeLessThanOrEqual(200);
    }
    expect(schema.description, label).toMatch(/\.$/);
  }
});

describe("paging", () => {
  const pages = PARAMETERS.filter(({ name }) => name === "page").map(({ schema }) => schema);
  const sizes = PARAMETERS.filter(({ name }) => name === "per_page").map(({ schema }) => schema);

  test("page counts from 1 without end", () => {
    expect(pages).toHaveLength(6);
    for (const schema of pages) {
      expect(schema).toMatchObject({ type: "integer", minimum: 1 });
      expect(schema.maximum).toBeUndefined();
      expect([0, 1, 1_000_000].map((value) => accepts(schema, value))).toEqual([false, true, true]);
    }
  });

  test("per_page is 1 to 100", () => {
    expect(sizes).toHaveLength(5);
    for (const schema of sizes) expect([0, 1, 100, 101].map((value) => accepts(schema, value))).toEqual([false, true, true, false]);
  });
});

describe("business references", () => {
  const schema = parameter("/business/{business_id}", "business_id");

  test.each(["5409c35a97bbc544d8e26737", "c-CS-75019", "c-a", "c-A 1.b_c~d-e", "c-..", `c-${"x".repeat(64)}`])("%s is one", (value) => {
    expect(accepts(schema, value)).toBe(true);
  });

  test.each([
    "3f2e1d4c5b6a7f8e9d0c1a2",
    "5409c35a97bbc544d8e267370",
    "5409C35A97BBC544D8E26737",
    "search",
    "c-",
    "c",
    "C-1",
    "c-a/b",
    "c-a\\b",
    "c-é",
    "c-a\n",
    "5409c35a97bbc544d8e26737\n",
    "c-a%2Fb",
    "../api_keys",
    " 5409c35a97bbc544d8e26737",
    `c-${"x".repeat(65)}`,
    "",
  ])("%j is none", (value) => {
    expect(accepts(schema, value)).toBe(false);
  });

  test("a list of businesses takes ids and no store codes", () => {
    for (const template of ["/business/search", "/posts", "/reviews", "/review_analytics/metrics"]) {
      const list = parameter(template, "business__in");
      expect(accepts(list, ["5409c35a97bbc544d8e26737", "595badaef348ab6b3530033f"])).toBe(true);
      expect(accepts(list, ["c-CS-75019"])).toBe(false);
      expect(
        accepts(
          list,
          Array.from({ length: 101 }, () => "5409c35a97bbc544d8e26737"),
        ),
      ).toBe(false);
    }
  });
});

describe("categories", () => {
  test.each(["5706", "gcid:bank", "gcid:climbing_gym"])("%s is a category", (value) => {
    expect(accepts(parameter("/categories/{category_id}", "category_id"), value)).toBe(true);
  });

  test.each(["0", "057", "bank", "gcid:", "gcid:a/b", "gcid:a b", "GCID:bank", "57 06", "5109c3a237dc544d8e267378", "12345678901"])(
    "%j is no category",
    (value) => {
      expect(accepts(parameter("/categories/{category_id}", "category_id"), value)).toBe(false);
    },
  );

  test("17 languages name categories", () => {
    expect(parameter("/categories", "lang").enum).toHaveLength(17);
    expect(accepts(parameter("/categories", "lang"), "pt-br")).toBe(true);
    expect(accepts(parameter("/categories", "lang"), "fr-FR")).toBe(false);
  });
});

describe("words", () => {
  test("status takes both spellings of temporary closure", () => {
    const schema = parameter("/business/search", "status");
    expect(accepts(schema, ["open", "opening_soon", "temporarily_closed"])).toBe(true);
    expect(accepts(schema, ["closed_temporarily", "closed"])).toBe(true);
    expect(accepts(schema, ["Open"])).toBe(false);
  });

  test("review metrics are never asked for by user", () => {
    const schema = parameter("/review_analytics/metrics", "dimensions");
    expect(schema.enum).toEqual(["day", "week", "month", "year", "business", "group", "tag"]);
    for (const value of ["user", "business,user", "User", ""]) expect(accepts(schema, value)).toBe(false);
  });

  test("metrics, review states and sites are Partoo's", () => {
    expect(parameter("/review_analytics/metrics", "metrics").items?.enum).toEqual([
      "average_rating",
      "rating_distribution",
      "reviews_count",
      "reply_time",
      "reply_means",
      "average_rating_distribution",
      "rank",
    ]);
    expect(parameter("/reviews", "state__in").items?.enum).toEqual([
      "treated",
      "not_treated",
      "deleted",
      "pending_auto_reply",
      "treated_auto_reply",
    ]);
    expect(parameter("/reviews", "partner__in").items?.enum).toEqual(["google_my_business", "facebook", "tripadvisor"]);
    expect(parameter("/posts", "state__in").items?.enum).toEqual([
      "live",
      "to_configure",
      "pending",
      "scheduled",
      "error",
      "expired",
      "to_validate",
    ]);
  });

  test("older switches are spelt True and False, newer ones true and false", () => {
    const booleans = PARAMETERS.filter(({ schema }) => schema.type === "boolean");
    const capital = booleans.filter(({ schema }) => schema.booleanStyle === "capital").map(({ name }) => name);
    expect(capital).toEqual([
      "subscribed_to_rm",
      "subscribed_to_pm",
      "subscribed_to_rb",
      "connected_to_gmb_location",
      "connected_to_facebook_location",
    ]);
    expect(booleans.map(({ name }) => name)).toContain("content__isnull");
  });

  test("stars are 1 to 5", () => {
    const schema = parameter("/reviews", "gmb_rating__in");
    expect(accepts(schema, [1, 5])).toBe(true);
    expect(accepts(schema, [0])).toBe(false);
    expect(accepts(schema, [6])).toBe(false);
  });
});

describe("other patterns", () => {
  test.each([
    ["2017-08-01T00:00:00", true],
    ["2024-12-31T23:59:59", true],
    ["2017-08-01", false],
    ["2017-08-01T00:00:00Z", false],
    ["2017-08-01T00:00:00+02:00", false],
    ["2017-13-01T00:00:00", false],
    ["2026-02-28T00:00:00", true],
    ["2026-02-29T00:00:00", false],
    ["2026-02-30T00:00:00", false],
    ["2024-02-29T00:00:00", true],
    ["2000-02-29T00:00:00", true],
    ["1900-02-29T00:00:00", false],
    ["2026-04-31T00:00:00", false],
    ["2026-01-00T00:00:00", false],
    ["0000-01-01T00:00:00", false],
    ["2017-08-01T24:00:00", false],
    ["2017-08-01T00:00:00\n", false],
  ])("a moment is UTC without an offset: %j is %s", (value, expected) => {
    expect(accepts(parameter("/reviews", "update_date__gte"), value)).toBe(expected);
  });

  test.each<[string, string, boolean]>([
    ["/business/search", "name", true],
    ["/business/search", "-modified", true],
    ["/business/search", "contacts", false],
    ["/business/search", "update_date", false],
    ["/business/search", "--name", false],
    ["/business/search", "name,city", false],
    ["/business/search", "name desc", false],
    ["/business/search", "Name", false],
    ["/business/search", "-", false],
    ["/reviews", "-update_date", true],
    ["/reviews", "rating", true],
    ["/reviews", "author_name", false],
    ["/reviews", "-author_name", false],
    ["/reviews", "comments", false],
    ["/review_analytics/metrics", "-average_rating", true],
    ["/review_analytics/metrics", "rank", true],
    ["/review_analytics/metrics", "user", false],
    ["/categories", "-gmb_id", true],
  ])("%s is sorted by a field that is about nobody: %j is %s", (template, value, expected) => {
    expect(accepts(parameter(template, "order_by"), value)).toBe(expected);
  });

  test("every day of two centuries is a day exactly when the calendar has it", () => {
    const schema = parameter("/posts", "start_datetime");
    const isDay = new RegExp(schema.pattern ?? "", "u");
    for (let year = 1896; year <= 2104; year += 1) {
      for (let month = 1; month <= 12; month += 1) {
        const days = Array.from({ length: 32 }, (_, day) => day).filter((day) => isDay.test(`${year}-${two(month)}-${two(day)}T00:00:00`));
        expect(days, `${year}-${month}`).toEqual(
          Array.from({ length: new Date(Date.UTC(year, month, 0)).getUTCDate() }, (_, day) => day + 1),
        );
      }
    }
  });

  test.each([
    ["FR", true],
    ["fr", false],
    ["FRA", false],
    ["F\n", false],
  ])("a country is two capitals: %j is %s", (value, expected) => {
    expect(accepts(parameter("/business/search", "country"), value)).toBe(expected);
  });

  test.each([
    ["Saint-Étienne", true],
    ["北京", true],
    ["L'Haÿ-les-Roses & co / 2%", true],
    ["a\r\nx-apikey: b", false],
    ["a\u0000", false],
    ["a\u0085b", false],
    ["", false],
    ["x".repeat(101), false],
  ])("a town is text without control characters: %j is %s", (value, expected) => {
    expect(accepts(parameter("/business/search", "city"), value)).toBe(expected);
  });

  test("store codes are taken as they are, commas apart", () => {
    expect(accepts(parameter("/business/search", "code__in"), ["CS-75019", "Été 2"])).toBe(true);
    expect(accepts(parameter("/business/search", "code__in"), ["a,b"])).toBe(false);
  });

  test("a moment of change is Unix seconds", () => {
    const schema = parameter("/business/search", "modified__gte");
    expect(accepts(schema, 1_561_335_111)).toBe(true);
    expect(accepts(schema, -1)).toBe(false);
    expect(accepts(schema, 1.5)).toBe(false);
  });
});

describe("every pattern", () => {
  test.each(PATTERNS)("%s holds from the first character to the last", (pattern) => {
    expect(pattern.startsWith("^")).toBe(true);
    expect(pattern.endsWith("$")).toBe(true);
    const expression = new RegExp(pattern, "u");
    for (const hostile of ["", "\n", "5409c35a97bbc544d8e26737\n", "\n5409c35a97bbc544d8e26737", "FR\n", "name\n", "gcid:bank\n"]) {
      expect(expression.test(hostile)).toBe(false);
    }
  });

  test.each(PATTERNS)("%s judges a hundred thousand characters at once", (pattern) => {
    const expression = new RegExp(pattern, "u");
    const units = ["a", "0", "-", "c-", "gcid:", "a_", " ", "f0"];
    expect(units.filter((unit) => expression.test(`${unit.repeat(100_000)}\n`))).toEqual([]);
  });
});

function two(number: number): string {
  return String(number).padStart(2, "0");
}
