/** Looks into a form: what may stand at a path. */
import type { $ZodType } from "zod/v4/core";

/** Names that a map at a path may have. */
export function knownNames(schema: $ZodType, path: readonly PropertyKey[]): readonly string[] {
  return schemasAt(schema, path).flatMap((candidate) => Object.keys(shapeOf(candidate)));
}

/** The forms that a value may have, found by walking the schema along a path. */
export function schemasAt(schema: $ZodType, path: readonly PropertyKey[]): readonly $ZodType[] {
  let candidates = unwrap(schema);
  for (const step of path) {
    candidates = candidates.flatMap((candidate) => childrenOf(candidate, step)).flatMap(unwrap);
  }
  return candidates;
}

interface Definition {
  readonly innerType?: $ZodType;
  readonly in?: $ZodType;
  readonly options?: readonly $ZodType[];
  readonly valueType?: $ZodType;
  readonly element?: $ZodType;
  readonly shape?: Readonly<Record<string, $ZodType>>;
}

function definitionOf(schema: $ZodType): Definition {
  // oxlint-disable-next-line no-underscore-dangle -- where zod documents its definitions to be
  return schema._zod.def as Definition;
}

function shapeOf(schema: $ZodType): Readonly<Record<string, $ZodType>> {
  return definitionOf(schema).shape ?? {};
}

function unwrap(schema: $ZodType): readonly $ZodType[] {
  const { innerType, in: input, options } = definitionOf(schema);
  if (options !== undefined) return options.flatMap(unwrap);
  const inner = innerType ?? input;
  return inner === undefined ? [schema] : unwrap(inner);
}

function childrenOf(schema: $ZodType, step: PropertyKey): readonly $ZodType[] {
  const { valueType, element, shape } = definitionOf(schema);
  return [valueType, element, shape?.[String(step)]].filter((child) => child !== undefined);
}
