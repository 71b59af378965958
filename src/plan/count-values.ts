/** How many values a parameter can have, in canonical form. */
import type { Narrowing } from "../config/narrowing.ts";
import type { ParameterSchema } from "../partoo/endpoint.ts";

type Bounds = Omit<Narrowing, "items" | "maxItems" | "default">;
type Item = Omit<ParameterSchema, "description" | "items" | "maxItems">;

/** @returns a whole number, or Infinity where only length or form bounds it */
export function countValues(schema: ParameterSchema, narrowing: Narrowing = {}): number {
  if (schema.type !== "array") return countItems(schema, narrowing);
  const values = countItems(schema.items ?? { type: "string" }, narrowing.items ?? {});
  const most = Math.min(values, schema.maxItems ?? Infinity, narrowing.maxItems ?? Infinity);
  return values === Infinity ? Infinity : subsets(values, most);
}

function countItems(schema: Item, bounds: Bounds): number {
  const words = bounds.enum ?? schema.enum;
  if (words !== undefined) return words.length;
  if (schema.type === "boolean") return 2;
  if (schema.type !== "integer") return Infinity;
  const least = Math.max(schema.minimum ?? -Infinity, bounds.minimum ?? -Infinity);
  const most = Math.min(schema.maximum ?? Infinity, bounds.maximum ?? Infinity);
  return Math.max(0, most - least + 1);
}

/** Lists have neither order nor repetition in canonical form: so many subsets of 1 to `most` of `values`. */
function subsets(values: number, most: number): number {
  let [sum, ways] = [0, 1];
  for (let size = 1; size <= most; size += 1) {
    ways = (ways * (values - size + 1)) / size;
    sum += ways;
  }
  return sum;
}
