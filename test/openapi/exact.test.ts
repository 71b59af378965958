/** What the description says of a parameter and what the proxy takes are the same, value by value. */
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Frontend, Policy } from "../../src/policy.ts";
import type { Json, OperationObject, ParameterObject } from "./support.ts";
import { loadConfig } from "../../src/config/load.ts";
import { decideAsk } from "../../src/explain/ask.ts";
import { CATALOGUE, literalSegmentsAt } from "../../src/partoo/catalogue.ts";
import { documentOf, EVERYTHING_ALLOWED, NARROWED, ownParameters, policyOf } from "./support.ts";

const ORIGIN = "https://stores.acme.example";
const SITE = `key: locator-read\norigins: [${ORIGIN}]\nstores: true\n`;
const POLICIES: readonly Policy[] = [
  loadConfig("config").policy as Policy,
  policyOf(EVERYTHING_ALLOWED, { everything: SITE }),
  policyOf(NARROWED, { narrowed: SITE }),
];
const ID = "5812ba165168a9f29d000000";

const NUMBERS = [-1, 0, 1, 2, 4, 5, 9, 10, 19, 20, 21, 50, 51, 99, 100, 101, 999, 1000, 9_999_999_999, 10_000_000_000].map(String);
const LENGTHS = [1, 2, 3, 16, 17, 20, 21, 30, 31, 60, 61, 64, 65, 100, 101, 200, 201, 500, 501].flatMap((length) => [
  "A".repeat(length),
  "é".repeat(length),
  "😀".repeat(length),
]);
const LISTS = [2, 3, 5, 6, 7, 10, 11, 20, 21, 100, 101].flatMap((count) => [
  Array.from({ length: count }, (_, at) => String(at + 1)).join(","),
  Array.from({ length: count }, (_, at) => at.toString(16).padStart(24, "0")).join(","),
  Array.from({ length: count }, (_, at) => `S-${at}`).join(","),
  Array.from({ length: count }, (_, at) => `gcid:${at}`).join(","),
]);
/** Each on its own; a space separates them. */
const WORDS = [
  "true false open Open closed opening_soon posts live FR fr FRA en pt-BR pt-br name -name +name Paris Lyon Nice 75001 69001 OK",
  `gcid:cafe gcid: GCID:cafe gcid:cafe,gcid:bakery c-FR-PAR-001 c- c-${"a".repeat(65)} c-a/b ${ID} ${ID.slice(1)} ${ID.toUpperCase()}`,
  "2026-01-31T00:00:00 2026-02-29T00:00:00 2028-02-29T23:59:59 2026-01-31 2026-01-31T00:00:00Z",
  ", a, ,a a,b open,closed open,opening_soon true,false 1.5 1e3 0x10 null % a/b a\\b a?b a#b a;b .. . search Search list locations",
  "average_rating average_rating,rank business user day google_my_business treated standard gmb_id -gmb_id rating -rating",
  "48.86,2.35 90,180 -90,-180 90.0,180.000 90.001,0 0,180.5 100,10 +48.8,-2.3 048.86,2 48.86 1,2,3 48.,2 .5,2 1e1,2 NaN,1",
  "2.2,48.8,2.5,48.9 170,-20,-170,20 180,-90,-180,90 181,0,0,1 0,-91,0,1 2.2,48.8,2.5",
].flatMap((line) => line.split(" "));
const ODD = ["", " ", "a b", "c-a b", "48.86, 2.35", "\u0000", "a\u0007", "\u0085", "a\nb", "\u2028", "a\u2028b", "\u202eabc"];
const VALUES: readonly string[] = [...new Set([...NUMBERS, ...LENGTHS, ...LISTS, ...WORDS, ...ODD, "999999999999999", "1000000000000000"])];

/** What JSON Schema can't say, and the descriptions do: a radius goes with near, and pages end after a thousand stores. */
const BESIDE: Readonly<Record<string, Readonly<Record<string, string>>>> = { storesNear: { near: "48.86,2.35", limit: "1" } };

/** As a client reads its own value back: what has another type stays text. */
function typed(text: string, { type, items = {} }: Json): unknown {
  if (type === "array") return [...new Set(text.split(",").map((part) => typed(part, items as Json)))];
  if (type === "integer" && /^(0|-?[1-9][0-9]*)$/.test(text)) return Number(text);
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

/** Everything a caller sends of one operation, as one schema. */
function requestSchema(parameters: readonly ParameterObject[]): Json {
  const required = parameters.filter((parameter) => parameter.required === true).map(({ name }) => name);
  const properties = Object.fromEntries(parameters.map(({ name, schema }) => [name, schema]));
  return { type: "object", properties, required, additionalProperties: false };
}

interface Described {
  readonly policy: Policy;
  readonly frontend: Frontend;
  readonly path: string;
  readonly operation: OperationObject;
}

const OPERATIONS: readonly (readonly [string, Described])[] = POLICIES.flatMap((policy) =>
  [...policy.frontends.values()].flatMap((frontend) =>
    Object.entries(documentOf(frontend).paths).map(
      ([path, { get: operation }]) => [`${frontend.name} ${operation.operationId}`, { policy, frontend, path, operation }] as const,
    ),
  ),
);

function isAllowed({ policy, frontend, path }: Described, sent: Readonly<Record<string, string>>): boolean {
  const query = new URLSearchParams(sent);
  const filled = path.replace(/\{(\w+)\}/, (_whole, name: string) => {
    const value = encodeURIComponent(sent[name] ?? "");
    query.delete(name);
    return value;
  });
  const decision = decideAsk(policy, {
    method: "GET",
    target: `/${frontend.name}${filled}?${query.toString()}`,
    origin: ORIGIN,
    ...asApp(frontend),
  });
  if (decision.decision === "directory") return decision.stores.template === path;
  return decision.decision === "allowed" && `/v2${decision.match.route.template}` === path;
}

function asApp({ origins }: Frontend): object {
  return origins.size === 0 ? { origin: undefined } : {};
}

describe.each(OPERATIONS)("%s", (_name, described) => {
  const parameters = ownParameters(described.operation);
  const schemaOf = new Map(parameters.map(({ name, schema }) => [name, schema]));
  const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(requestSchema(parameters));
  const isDescribed = (sent: Readonly<Record<string, string>>): boolean =>
    validate(Object.fromEntries(Object.entries(sent).map(([name, text]) => [name, typed(text, schemaOf.get(name) ?? {})])));
  const fits = (schema: Json, value: string): boolean => new Ajv2020({ strict: true }).validate(schema, typed(value, schema));
  const mustBeSent = parameters.filter((parameter) => parameter.required === true);
  const needed = Object.fromEntries(mustBeSent.map(({ name, schema }) => [name, VALUES.find((value) => fits(schema, value)) ?? ""]));
  const asked = { ...needed, ...BESIDE[described.operation.operationId] };

  test("takes what must be sent, and not less", () => {
    expect([isDescribed(needed), isAllowed(described, needed)]).toEqual([true, true]);
    for (const name of Object.keys(needed)) {
      const { [name]: _left, ...rest } = needed;
      expect([name, isDescribed(rest), isAllowed(described, rest)]).toEqual([name, false, false]);
    }
  });

  test("takes exactly the described values of each parameter", () => {
    const differing = parameters.flatMap(({ name }) =>
      VALUES.filter((value) => isDescribed({ ...asked, [name]: value }) !== isAllowed(described, { ...asked, [name]: value })).map(
        (value) => `${name}=${value.slice(0, 40)}`,
      ),
    );
    expect(differing).toEqual([]);
    for (const { name } of parameters) {
      expect([name, VALUES.some((value) => isAllowed(described, { ...asked, [name]: value }))]).toEqual([name, true]);
    }
  });

  test("takes no other parameter: unknown, forced, or the catalogue's but not listed", () => {
    const names = new Set(
      [...CATALOGUE.values()].flatMap(({ query }) => Object.keys(query)).concat("x", "__proto__", "org_id", "x-apikey"),
    );
    for (const name of names) {
      if (schemaOf.has(name)) continue;
      const sent = new Map([...Object.entries(asked), [name, "1"]]);
      expect([name, isAllowed(described, Object.fromEntries(sent))]).toEqual([name, false]);
    }
  });

  test("and so for any text", () => {
    const anyName = fc.constantFrom(...parameters.map(({ name }) => name), "other");
    const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 12 }), fc.string({ maxLength: 70 }), fc.integer().map(String));
    fc.assert(
      fc.property(anyName, anyText, (name, text) => {
        fc.pre(text.isWellFormed() && text !== "True" && text !== "False" && !/^0[0-9]/.test(text));
        const sent = { ...asked, [name]: text };
        expect(isDescribed(sent)).toBe(isAllowed(described, sent));
      }),
      { numRuns: 100 },
    );
  });

  test("its defaults are values that it takes", () => {
    for (const { name, schema } of parameters) {
      if (schema["default"] === undefined) continue;
      const text = [schema["default"]]
        .flat()
        .map((value) => (typeof value === "string" ? value : JSON.stringify(value)))
        .join(",");
      expect([name, isAllowed(described, { ...asked, [name]: text })]).toEqual([name, true]);
      expect(new Ajv2020().validate({ ...schema, default: undefined }, schema["default"])).toBe(true);
    }
  });
});

test("no described path parameter takes a word that Partoo has at its place", () => {
  for (const [, { path, operation }] of OPERATIONS) {
    for (const { in: place, name, schema } of ownParameters(operation)) {
      if (place !== "path") continue;
      const position = path.slice("/v2/".length).split("/").indexOf(`{${name}}`);
      const validate = new Ajv2020().compile(schema);
      expect([...literalSegmentsAt(position)].filter((literal) => validate(literal))).toEqual([]);
    }
  }
});
