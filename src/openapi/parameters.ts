/** What callers may send, as parameters: the catalogue's schema, narrowed as the configuration says. What is forced is no parameter. */
import type { Narrowing } from "../config/narrowing.ts";
import type { ParameterSchema } from "../partoo/endpoint.ts";
import type { ParameterReader, QueryParameter, Route } from "../policy.ts";
import type { JsonSchema } from "./schemas.ts";
import { MAX_TEXT_LENGTH } from "../config/parameters.ts";
import { required } from "../config/required.ts";

/** Digits that are exact in a double: no longer number is taken. */
const MAX_INTEGER = 999_999_999_999_999;
const TEXT = "^[^\\u0000-\\u001f\\u007f-\\u009f]+$";
const LIST_TEXT = "^[^,\\u0000-\\u001f\\u007f-\\u009f]+$";

/** A list travels comma separated. */
export const COMMA_SEPARATED = { style: "form", explode: false } as const;

export type Parameter = Readonly<Record<string, unknown>>;

/** Browsers send it by themselves; apps that keep answers send it for a 304. */
export const IF_NONE_MATCH: Parameter = { $ref: "#/components/parameters/IfNoneMatch" };
export const SHARED_PARAMETERS: Readonly<Record<string, Parameter>> = {
  IfNoneMatch: {
    name: "If-None-Match",
    in: "header",
    description: "ETag of the answer that you have. Browsers send it by themselves.",
    schema: { type: "string" },
  },
};

type Item = Omit<ParameterSchema, "description" | "items">;
type Words = Pick<Narrowing, "enum" | "pattern" | "minimum" | "maximum" | "minLength" | "maxLength">;

/** Those of the path, then those of the query, in the order of the configuration. */
export function routeParameters({ endpoint, query }: Route): readonly Parameter[] {
  const inPath = Object.entries(endpoint.path).map(([name, schema]) => pathParameter(name, schema));
  const inQuery = [...query.values()].map((parameter) => {
    const schema = required(endpoint.query[parameter.name], parameter.name);
    const mustBeGiven = parameter.default === undefined && endpoint.requiredQuery?.includes(parameter.name) === true;
    return {
      name: parameter.name,
      in: "query",
      description: schema.description,
      ...(mustBeGiven ? { required: true } : {}),
      ...(schema.type === "array" ? COMMA_SEPARATED : {}),
      schema: querySchema(schema, parameter),
    };
  });
  return [...inPath, ...inQuery];
}

export function pathParameter(name: string, schema: ParameterSchema): Parameter {
  return { name, in: "path", required: true, description: schema.description, schema: scalarSchema(schema, {}, TEXT) };
}

function querySchema(schema: ParameterSchema, { narrowing, read, default: canonical }: QueryParameter): JsonSchema {
  const { items, maxItems = Infinity, default: _default, ...own } = narrowing;
  if (schema.type !== "array") {
    const fallback = canonical === undefined ? {} : { default: typed(canonical, schema) };
    return { ...only(scalarSchema(schema, own, TEXT), read), ...fallback };
  }
  const item: Item = schema.items ?? { type: "string" };
  const most = Math.min(maxItems, schema.maxItems ?? Infinity);
  return {
    type: "array",
    minItems: 1,
    ...(most === Infinity ? {} : { maxItems: most }),
    items: only(scalarSchema(item, items ?? {}, LIST_TEXT), read),
    ...(canonical === undefined ? {} : { default: canonical.split(",").map((text) => typed(text, item)) }),
  };
}

/** Both the catalogue's and the configuration's bounds, in one schema. */
function scalarSchema(schema: Item, narrowing: Words, anyText: string): JsonSchema {
  const words = narrowing.enum ?? schema.enum;
  if (words !== undefined) return { type: schema.type, enum: words };
  if (schema.type === "boolean") return { type: "boolean" };
  if (schema.type === "integer") {
    const minimum = Math.max(narrowing.minimum ?? -MAX_INTEGER, schema.minimum ?? -MAX_INTEGER);
    const maximum = Math.min(narrowing.maximum ?? MAX_INTEGER, schema.maximum ?? MAX_INTEGER);
    return { type: "integer", minimum, maximum };
  }
  return {
    type: "string",
    minLength: Math.max(narrowing.minLength ?? 1, schema.minLength ?? 1),
    maxLength: Math.min(narrowing.maxLength ?? MAX_TEXT_LENGTH, schema.maxLength ?? MAX_TEXT_LENGTH),
    pattern: schema.pattern ?? anyText,
    ...(narrowing.pattern === undefined ? {} : { allOf: [{ pattern: narrowing.pattern }] }),
  };
}

/** Words that all bounds together let through. */
function only(schema: JsonSchema, read: ParameterReader): JsonSchema {
  const { enum: words, ...rest } = schema;
  if (!Array.isArray(words)) return schema;
  return { ...rest, enum: words.filter((word: unknown) => !("fault" in read(String(word)))) };
}

/** A canonical spelling as the value that it means. */
function typed(text: string, { type }: Item): string | number | boolean {
  if (type === "integer") return Number(text);
  return type === "boolean" ? text.toLowerCase() === "true" : text;
}
