/** The words of a description: JSON Schema 2020-12 as OpenAPI 3.1 uses it, and the book of schemas that have a name. */

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Members of an object, by name. */
export type Members = Readonly<Record<string, JsonSchema>>;

/** Named schemas of one description. */
export interface SchemaBook {
  /**
   * Gives a schema a name. Equal schemas share it.
   * @param names the first that is free, or that this schema has already
   * @returns a reference to it
   */
  name(schema: JsonSchema, ...names: readonly [string, ...string[]]): JsonSchema;
  /** In alphabetical order. */
  all(): Readonly<Record<string, JsonSchema>>;
}

export function createSchemaBook(): SchemaBook {
  const texts = new Map<string, string>();
  const schemas = new Map<string, JsonSchema>();
  return {
    name(schema, ...names) {
      const text = JSON.stringify(schema);
      const free = names.find((name) => (texts.get(name) ?? text) === text);
      if (free === undefined) throw new TypeError(`another schema is called ${names.join(" and ")}`);
      texts.set(free, text);
      schemas.set(free, schema);
      return { $ref: `#/components/schemas/${free}` };
    },
    all: () => Object.fromEntries([...schemas].toSorted(([one], [other]) => (one < other ? -1 : 1))),
  };
}

/** The same, or null. */
export function orNull(schema: JsonSchema): JsonSchema {
  const { type, anyOf, $ref, ...rest } = schema;
  if ($ref !== undefined) return { ...rest, anyOf: [{ $ref }, { type: "null" }] };
  if (Array.isArray(anyOf)) return { ...rest, anyOf: [...(anyOf as unknown[]), { type: "null" }] };
  return { ...rest, type: [type, "null"].flat() };
}

/** An object whose members may be missing, but for the required ones. No `additionalProperties: false`: strict readers in the field would refuse the next field. */
export function objectOf(properties: Members, required: readonly string[] = []): JsonSchema {
  return { type: "object", ...(required.length === 0 ? {} : { required }), properties };
}
