/** Turns the text of a parameter into its typed value and back into one canonical spelling, by JSON Schema. */
import type { ErrorObject, ValidateFunction } from "ajv";
import type { ParameterSchema } from "../partoo/endpoint.ts";
import type { ParameterReader } from "../policy.ts";
import type { Narrowing } from "./narrowing.ts";
import { Ajv } from "ajv";

/** 15 digits are exact in a double; no leading zero, no plus, so that every number has one spelling. */
const INTEGER = /^(0|-?[1-9][0-9]{0,14})$/;
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["True", true],
  ["false", false],
  ["False", false],
]);
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
/** Reads well after "city " and after "it ". */
const EACH = "is a list; each item ";
const WRONG_FORM = "must have the form that is asked for";
/** Characters of a text that the catalogue leaves unbounded. */
export const MAX_TEXT_LENGTH = 500;

type Scalar = string | number | boolean;
type Typed = Scalar | readonly Scalar[];
type ItemSchema = Omit<ParameterSchema, "description" | "items">;
type Conversion = { readonly value: Typed; readonly canonical: string } | { readonly fault: string };

/** Builds readers; equal schemas share one compiled validator. */
export type ParameterReaders = (schema: ParameterSchema, narrowing?: Narrowing) => ParameterReader;

/**
 * A factory of readers with its own Ajv instance. A reader takes decoded text; distinct typed values have distinct
 * canonical spellings, and equal ones (lists in another order, `True` and `true`) have the same. Readers never throw.
 * @throws for a narrowing that the cross-checks would have refused, such as a pattern that is no expression
 */
export function createParameterReaders(): ParameterReaders {
  const ajv = new Ajv({
    allErrors: false,
    strict: true,
    strictTypes: false,
    unicodeRegExp: true,
    logger: false,
    addUsedSchema: false,
    meta: false,
    validateSchema: false,
  });
  const compiled = new Map<string, ValidateFunction>();
  const validatorOf = (schema: object): ValidateFunction => {
    const identity = JSON.stringify(schema);
    const known = compiled.get(identity);
    if (known !== undefined) return known;
    const validate = ajv.compile(schema);
    compiled.set(identity, validate);
    return validate;
  };
  return (schema, narrowing = {}) => {
    const validate = validatorOf(jsonSchemaOf(schema, narrowing));
    return (text) => {
      const converted = schema.type === "array" ? convertList(text, schema.items ?? { type: "string" }) : convertScalar(text, schema);
      if ("fault" in converted) return converted;
      return validate(converted.value) ? { canonical: converted.canonical } : { fault: faultOf(validate.errors?.[0], schema.description) };
    };
  };
}

/**
 * The text of a value written in YAML, as a caller would send it, or why it is no value of this parameter. Text must be
 * written as text: YAML reads the postcode 01234 as the number 1234.
 */
export function textOfValue(value: unknown, schema: ParameterSchema): { readonly text: string } | { readonly fault: string } {
  const isList = Array.isArray(value);
  if (isList && schema.type !== "array") return { fault: "is a list, and the parameter takes one value" };
  const values: readonly unknown[] = isList ? value : [value];
  const type = schema.type === "array" ? (schema.items?.type ?? "string") : schema.type;
  if (type === "string" && values.some((item) => typeof item !== "string")) return { fault: "is not text: put it in quotes" };
  const texts = values.map(String);
  if (isList && texts.some((text) => text.includes(","))) return { fault: "has an item with a comma" };
  return { text: texts.join(",") };
}

function convertScalar(
  text: string,
  schema: ItemSchema,
): { readonly value: Scalar; readonly canonical: string } | { readonly fault: string } {
  if (schema.type === "integer") {
    return INTEGER.test(text) ? { value: Number(text), canonical: text } : { fault: "must be a whole number in plain digits" };
  }
  if (schema.type === "boolean") {
    const value = BOOLEANS.get(text);
    if (value === undefined) return { fault: "must be true or false" };
    const lower = String(value);
    return { value, canonical: schema.booleanStyle === "capital" ? lower.charAt(0).toUpperCase() + lower.slice(1) : lower };
  }
  if (text === "") return { fault: "must not be empty" };
  if (CONTROL.test(text) || !text.isWellFormed()) return { fault: "must not contain control characters" };
  return { value: text, canonical: text };
}

/** Order and repetition have no meaning in a list, so its canonical form has neither. */
function convertList(text: string, schema: ItemSchema): Conversion {
  const values = new Map<string, Scalar>();
  for (const part of text.split(",")) {
    const item = convertScalar(part, schema);
    if ("fault" in item) return { fault: `${EACH}${item.fault}` };
    values.set(item.canonical, item.value);
  }
  const canonicals = [...values.keys()].toSorted();
  return { value: canonicals.map((canonical) => values.get(canonical) as Scalar), canonical: canonicals.join(",") };
}

function jsonSchemaOf(schema: ParameterSchema, narrowing: Narrowing): object {
  const { items, maxItems, default: _default, ...own } = narrowing;
  if (schema.type !== "array") return { allOf: [itemSchemaOf(schema), narrowingOf(own)] };
  const each = { allOf: [itemSchemaOf(schema.items ?? { type: "string" }), narrowingOf(items ?? {})] };
  const most = Math.min(maxItems ?? Infinity, schema.maxItems ?? Infinity);
  return { type: "array", ...(most === Infinity ? {} : { maxItems: most }), items: each };
}

function itemSchemaOf(schema: ItemSchema): object {
  const { type, enum: words, pattern, minLength, maxLength, minimum, maximum } = schema;
  const length = type === "string" ? { maxLength: maxLength ?? MAX_TEXT_LENGTH } : {};
  return given({ type, enum: words, pattern, minLength, minimum, maximum, ...length });
}

function narrowingOf(narrowing: Omit<Narrowing, "items" | "maxItems" | "default">): object {
  return given({ ...narrowing });
}

function given(members: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** What is wrong, without the value. */
function faultOf(error: ErrorObject | undefined, description: string): string {
  if (error === undefined) return WRONG_FORM;
  const each = error.instancePath.startsWith("/") ? EACH : "";
  const limit = String(error.params["limit"]);
  switch (error.keyword) {
    case "minimum":
      return `${each}must be at least ${limit}`;
    case "maximum":
      return `${each}must be at most ${limit}`;
    case "minLength":
      return `${each}must have at least ${limit} characters`;
    case "maxLength":
      return `${each}must have at most ${limit} characters`;
    case "maxItems":
      return `must have at most ${limit} items`;
    case "enum":
      return `${each}must be one of ${(error.params["allowedValues"] as readonly unknown[]).join(", ")}`;
    default:
      return `${each}${WRONG_FORM}: ${description.replace(/\.$/, "")}`;
  }
}
