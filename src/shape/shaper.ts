/** Stage j: what may leave of Partoo's answer. Compiled once per route; copies what is listed and knows of nothing else. */
import type { Endpoint, FieldSchema, ItemsLocation, Shorthand } from "../partoo/endpoint.ts";
import type { FieldSelection } from "../policy.ts";

/** Bumped when the same selection would give other bytes: stored responses of before are not used any more. */
export const SHAPER_VERSION = 1;

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** @returns the shaped answer, or undefined when Partoo's is not readable (neither an object nor the list we expect) */
export type Shaper = (body: unknown) => Json | undefined;

/** Copies one value by its schema. undefined: left out, because it is missing or not what the schema says. */
type Copier = (value: unknown) => Json | undefined;

type JsonObject = Readonly<Record<string, unknown>>;

/** Members of a custom field that pass; `value` is a scalar or a list of scalars (partoo reference §6). */
const CUSTOM_FIELD: FieldSchema = {
  type: "object",
  properties: {
    id: { type: "any-scalar" },
    name: { type: "string" },
    type: { type: "string" },
    order: { type: "integer" },
  },
};

/** @param selection names that the configuration check has found in the endpoint */
export function compileShaper(endpoint: Endpoint, selection: FieldSelection): Shaper {
  const copyItem = compileItem(endpoint, selection);
  return compileEnvelope(endpoint.items, endpoint.paging, copyItem);
}

function compileEnvelope(items: ItemsLocation, paging: readonly string[], copyItem: Copier): Shaper {
  if (items.at === "body") return copyItem;
  const copyItems = copyList(copyItem);
  if (items.at === "array") return copyItems;
  const members: readonly (readonly [string, Copier])[] = [
    ...paging.map((name) => [name, copyScalar] as const),
    [items.member, copyItems],
  ];
  return copyMembers(members);
}

function compileItem(endpoint: Endpoint, selection: FieldSelection): Copier {
  const members = selection.fields.map((name): readonly [string, Copier, string?] => {
    const shorthand = endpoint.shorthands[name];
    return [name, shorthand === undefined ? compileField(endpoint.fields[name]) : compileShorthand(shorthand)];
  });
  const plain = members.filter(([name]) => endpoint.shorthands[name] === undefined);
  const derived = members.filter(([name]) => endpoint.shorthands[name] !== undefined);
  const copyPlain = copyMembers(plain.map(([name, copy]) => [name, copy]));
  const chosen = new Set(selection.customFields);
  const copyCustom = copyCustomFields(chosen);
  return (value) => {
    const copy = copyPlain(value);
    if (copy === undefined) return undefined;
    const item: Record<string, Json> = { ...(copy as Record<string, Json>) };
    for (const [name, derive] of derived) add(item, name, derive(value));
    if (chosen.size > 0) add(item, "custom_fields", copyCustom((value as JsonObject)["custom_fields"]));
    return item;
  };
}

function compileField(schema: FieldSchema | undefined): Copier {
  if (schema === undefined) return () => undefined;
  if (schema.type === "array") return orNull(copyList(compileField(schema.items)));
  if (schema.type === "map") return orNull(copyMap(compileField(schema.items)));
  if (schema.type !== "object") return copyScalar;
  return orNull(copyMembers(Object.entries(schema.properties ?? {}).map(([name, member]) => [name, compileField(member)])));
}

/** Follows the path to one scalar: member names, or 0 for the first element. */
function compileShorthand({ from, schema }: Shorthand): Copier {
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
  const copyField = compileField(CUSTOM_FIELD);
  const copyValues = copyList(copyScalar);
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    return value.filter((field): field is JsonObject => isObject(field) && chosen.has(String(field["name"]))).map((field) => {
      const copy: Record<string, Json> = { ...(copyField(field) as Record<string, Json>) };
      add(copy, "value", Array.isArray(field["value"]) ? copyValues(field["value"]) : copyScalar(field["value"]));
      return copy;
    });
  };
}

function copyMembers(members: readonly (readonly [string, Copier])[]): Copier {
  return (value) => {
    if (!isObject(value)) return undefined;
    const copy: Record<string, Json> = {};
    for (const [name, copyMember] of members) {
      if (Object.hasOwn(value, name)) add(copy, name, copyMember(value[name]));
    }
    return copy;
  };
}

function copyList(copyItem: Copier): Copier {
  return (value) => (Array.isArray(value) ? value.map(copyItem).filter((item) => item !== undefined) : undefined);
}

/** An object with free keys. A key that could reach a prototype is left out. */
function copyMap(copyValue: Copier): Copier {
  return (value) => {
    if (!isObject(value)) return undefined;
    const copy: Record<string, Json> = {};
    for (const [key, member] of Object.entries(value)) if (key !== "__proto__") add(copy, key, copyValue(member));
    return copy;
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
