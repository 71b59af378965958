/** Stage j: what may leave of Partoo's answer. Compiled once per route; copies what is listed and knows of nothing else. */
import type { Endpoint, FieldSchema, ItemsLocation, Shorthand } from "../partoo/endpoint.ts";
import type { FieldSelection } from "../policy.ts";
import { CUSTOM_FIELD } from "../partoo/business-fields.ts";

/** Bumped when the same selection would give other bytes: stored responses of before are not used any more. */
export const SHAPER_VERSION = 1;

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** @returns the shaped answer, or undefined when Partoo's is not readable (no object) */
export type Shaper = (body: unknown) => Json | undefined;

/** Copies one value by its schema. undefined: left out, because it is missing or not what the schema says. */
type Copier = (value: unknown) => Json | undefined;

type JsonObject = Readonly<Record<string, unknown>>;

/** Takes what a member of the copy is made from out of the source object. */
type Taker = readonly [name: string, take: (source: JsonObject) => Json | undefined];

/** @param selection names that the configuration check has found in the endpoint */
export function compileShaper(endpoint: Endpoint, selection: FieldSelection): Shaper {
  const copyItem = compileItem(endpoint, selection);
  return compileEnvelope(endpoint.items, endpoint.paging, copyItem);
}

function compileEnvelope(items: ItemsLocation, paging: readonly string[], copyItem: Copier): Shaper {
  if (items.at === "body") return copyItem;
  return copyObject([...paging.map((name) => member(name, copyScalar)), member(items.member, copyList(copyItem))]);
}

function compileItem(endpoint: Endpoint, selection: FieldSelection): Copier {
  const takers = selection.fields.map((name): Taker => {
    const shorthand = endpoint.shorthands[name];
    return shorthand === undefined ? member(name, compileField(endpoint.fields[name])) : [name, compileShorthand(shorthand)];
  });
  if (selection.customFields.length === 0) return copyObject(takers);
  return copyObject([...takers, member("custom_fields", copyCustomFields(new Set(selection.customFields)))]);
}

function compileField(schema: FieldSchema | undefined): Copier {
  if (schema === undefined) return () => undefined;
  if (schema.type === "array") return orNull(copyList(compileField(schema.items)));
  if (schema.type === "map") return orNull(copyMap(compileField(schema.items)));
  if (schema.type === "either") return copyFirst((schema.options ?? []).map(compileField));
  if (schema.type !== "object") return copyScalar;
  return orNull(copyObject(Object.entries(schema.properties ?? {}).map(([name, property]) => member(name, compileField(property)))));
}

/** Follows the path to one scalar: member names, or 0 for the first element. */
function compileShorthand({ from, schema }: Shorthand): Taker[1] {
  const copy = compileField(schema);
  return (item) => {
    let value: unknown = item;
    for (const step of from) {
      if (step === 0) value = Array.isArray(value) ? value[0] : undefined;
      else value = isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
    }
    return copy(value);
  };
}

function copyCustomFields(chosen: ReadonlySet<string>): Copier {
  const copyFields = copyList(compileField(CUSTOM_FIELD));
  const isChosen = (field: unknown): boolean => isObject(field) && typeof field["name"] === "string" && chosen.has(field["name"]);
  return (value) => (Array.isArray(value) ? copyFields(value.filter(isChosen)) : undefined);
}

/** An object of what the takers find; what they do not name is not even looked at. */
function copyObject(takers: readonly Taker[]): Copier {
  return (value) => {
    if (!isObject(value)) return undefined;
    const copy: Record<string, Json> = {};
    for (const [name, take] of takers) add(copy, name, take(value));
    return copy;
  };
}

function member(name: string, copy: Copier): Taker {
  return [name, (source) => (Object.hasOwn(source, name) ? copy(source[name]) : undefined)];
}

function copyList(copyItem: Copier): Copier {
  return (value) => (Array.isArray(value) ? value.map(copyItem).filter((item) => item !== undefined) : undefined);
}

/** An object with free keys. A key that could reach a prototype is left out. */
function copyMap(copyValue: Copier): Copier {
  return (value) => {
    if (!isObject(value)) return undefined;
    const copy: Record<string, Json> = {};
    for (const [key, content] of Object.entries(value)) if (key !== "__proto__") add(copy, key, copyValue(content));
    return copy;
  };
}

/** The first option that the value fits. */
function copyFirst(options: readonly Copier[]): Copier {
  return (value) => {
    for (const copy of options) {
      const copied = copy(value);
      if (copied !== undefined) return copied;
    }
    return undefined;
  };
}

function orNull(copy: Copier): Copier {
  return (value) => (value === null ? null : copy(value));
}

/** Anything but an object or a list: Partoo's types vary, but nothing may hide inside a scalar. */
function copyScalar(value: unknown): Json | undefined {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return undefined;
}

function add(target: Record<string, Json>, name: string, value: Json | undefined): void {
  if (value !== undefined) target[name] = value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
