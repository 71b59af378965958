/** Which members of an answer are about people, however deep they sit. */
import type { FieldSchema } from "./endpoint.ts";

/** A member that needs `expose_personal`. */
export interface PersonalMember {
  /** From the item on: `contacts.email`, `comments.replies.author_name`. Lists leave no trace in it. */
  readonly path: string;
  /** Why, to be read after "is". */
  readonly reason: string;
}

/**
 * Every personal member of a field, itself included; none when the field is about nobody.
 * @param name the field's own name, the start of every path
 */
export function personalMembers(name: string, schema: FieldSchema): readonly PersonalMember[] {
  const found = new Map<string, PersonalMember>();
  collect(name, schema, found);
  return [...found.values()];
}

function collect(path: string, schema: FieldSchema, found: Map<string, PersonalMember>): void {
  if (schema.personal !== undefined) found.set(path, { path, reason: schema.personal });
  if (schema.items !== undefined) collect(path, schema.items, found);
  for (const option of schema.options ?? []) collect(path, option, found);
  for (const [member, inner] of Object.entries(schema.properties ?? {})) collect(`${path}.${member}`, inner, found);
}
