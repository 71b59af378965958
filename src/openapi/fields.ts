/** What leaves of one item, as a schema: the fields of a route as the shaper lets them out. */
import type { FieldSchema } from "../partoo/endpoint.ts";
import type { Route } from "../policy.ts";
import type { JsonSchema, Members, SchemaBook } from "./schemas.ts";
import { BUSINESS_FIELDS, CUSTOM_FIELD } from "../partoo/business-fields.ts";
import { WEEK } from "../partoo/fields.ts";
import { objectOf, orNull } from "./schemas.ts";

const ANY_SCALAR = { type: ["string", "number", "boolean"] };

/** Objects worth a name, by their members. */
const NAMED = new Map([
  [WEEK.properties, "Week"],
  [BUSINESS_FIELDS["specific_hours"]?.properties, "SpecificHours"],
  [BUSINESS_FIELDS["photos"]?.properties, "Photos"],
]);

/** Members of a route's item by name, in the order of the configuration. Each may be null or missing (partoo reference §6). */
export function itemProperties({ endpoint, selection }: Route, book: SchemaBook): Members {
  const members = selection.fields.map((name) => {
    const shorthand = endpoint.shorthands[name];
    const schema = shorthand?.schema ?? endpoint.fields[name];
    if (schema === undefined) throw new TypeError(`${name} is no field of ${endpoint.template}`);
    const said =
      shorthand === undefined ? schema : { ...schema, description: `${shorthand.description} ${schema.description ?? ""}`.trim() };
    return [name, orNull(fieldSchema(said, book))] as const;
  });
  const custom = customFields(selection.customFields, book);
  return { ...Object.fromEntries(members), ...(custom === undefined ? {} : { custom_fields: custom }) };
}

function customFields(names: readonly string[], book: SchemaBook): JsonSchema | undefined {
  if (names.length === 0) return undefined;
  const { name: _name, ...others } = CUSTOM_FIELD.properties ?? {};
  const name = { type: "string", enum: names };
  const field = objectOf({ name, ...propertiesOf(others, book) }, ["name"]);
  return { type: "array", description: "Each has a name and a value.", items: book.name(field, "CustomField", "CustomFieldOfDetail") };
}

/** Never null: `orNull()` says where that may be. */
function fieldSchema(schema: FieldSchema, book: SchemaBook): JsonSchema {
  const { description, format } = schema;
  return { ...shapeOf(schema, book), ...(format === undefined ? {} : { format }), ...(description === undefined ? {} : { description }) };
}

function shapeOf({ type, items, options = [], properties = {} }: FieldSchema, book: SchemaBook): JsonSchema {
  if (type === "any-scalar") return ANY_SCALAR;
  const each = items === undefined ? ANY_SCALAR : fieldSchema(items, book);
  if (type === "array") return { type, items: each };
  if (type === "map") return { type: "object", additionalProperties: orNull(each) };
  if (type === "either") return { anyOf: options.map((option) => fieldSchema(option, book)) };
  if (type !== "object") return { type };
  const name = NAMED.get(properties);
  const schema = objectOf(propertiesOf(properties, book));
  return name === undefined ? schema : book.name(schema, name);
}

function propertiesOf(properties: NonNullable<FieldSchema["properties"]>, book: SchemaBook): Members {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, orNull(fieldSchema(schema, book))]));
}
