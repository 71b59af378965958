/** Short names for the field shapes that the catalogue's tables are made of. */
import type { FieldSchema } from "./endpoint.ts";

/** Members by name, as in `Endpoint.fields` and `FieldSchema.properties`. */
export type FieldTable = Readonly<Record<string, FieldSchema>>;

export const TEXT: FieldSchema = { type: "string" };
export const INTEGER: FieldSchema = { type: "integer" };
export const NUMBER: FieldSchema = { type: "number" };
export const BOOLEAN: FieldSchema = { type: "boolean" };
export const SCALAR: FieldSchema = { type: "any-scalar" };
export const URI: FieldSchema = { type: "string", format: "uri" };
export const DATE: FieldSchema = { type: "string", format: "date" };
/** ISO 8601 with an offset. */
export const DATE_TIME: FieldSchema = { type: "string", format: "date-time" };

/** The same shape with words of its own. */
export function about(schema: FieldSchema, description: string): FieldSchema {
  return { ...schema, description };
}

/** A member about a person. @param reason why it needs `expose_personal` */
export function personal(schema: FieldSchema, reason: string): FieldSchema {
  return { ...schema, personal: reason };
}

export function list(items: FieldSchema, description?: string): FieldSchema {
  return description === undefined ? { type: "array", items } : { type: "array", items, description };
}

/** An object with known members; others never pass. */
export function object(properties: FieldTable, description?: string): FieldSchema {
  return description === undefined ? { type: "object", properties } : { type: "object", properties, description };
}

/** An object with free keys: publishers, ratings, languages. */
export function map(items: FieldSchema, description?: string): FieldSchema {
  return description === undefined ? { type: "map", items } : { type: "map", items, description };
}

/** Shapes of different kinds: at most one scalar, one list and one object or map. */
export function either(options: readonly FieldSchema[], description: string): FieldSchema {
  return { type: "either", options, description };
}

const WINDOWS = list(TEXT, "HH:MM-HH:MM, none when closed; an end at or before its start is on the next day.");

/** The seven days in the store's own local time (partoo reference §6). */
export const WEEK: FieldSchema = object({
  monday: WINDOWS,
  tuesday: WINDOWS,
  wednesday: WINDOWS,
  thursday: WINDOWS,
  friday: WINDOWS,
  saturday: WINDOWS,
  sunday: WINDOWS,
});

/** Members beside the items of a paged list. */
export const PAGING: readonly string[] = ["page", "max_page", "count"];

const SINGLE: ReadonlySet<FieldSchema["type"]> = new Set(["string", "integer", "number", "boolean"]);

/** Names of the fields that items can be sorted by: single values that are about nobody, for the order tells them as well. */
export function sortable(fields: FieldTable): readonly string[] {
  return Object.entries(fields).flatMap(([name, { type, personal: reason }]) => (SINGLE.has(type) && reason === undefined ? [name] : []));
}
