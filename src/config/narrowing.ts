/** How a parameter may be narrowed: the keywords of JSON Schema that the configuration knows, and which fit what. */
import type { ParameterSchema } from "../partoo/endpoint.ts";
import { z } from "zod";

const scalar = z.union([z.string(), z.number(), z.boolean()], { error: "write text, a number, true or false" });
/** A value of a parameter, as operators write it. */
export const scalarOrList = z.union([scalar, z.array(scalar)], { error: "write text, a number, true, false, or a list of these" });
const count = z.int({ error: "write a whole number" }).min(0, { error: "write a whole number that is not negative" });

const narrowingShape = {
  minimum: z.int({ error: "write a whole number" }).optional().describe("Smallest number that callers may send."),
  maximum: z.int({ error: "write a whole number" }).optional().describe("Largest number that callers may send."),
  minLength: count.optional().describe("Fewest characters."),
  maxLength: count.optional().describe("Most characters."),
  pattern: z
    .string({ error: "write a regular expression" })
    .optional()
    .describe("Regular expression (ECMAScript, Unicode) that must match. Not anchored unless you write ^ and $."),
  enum: z
    .array(scalar, { error: "write a list" })
    .min(1, { error: "list at least one value" })
    .optional()
    .describe("The only values that callers may send."),
};

/** JSON Schema keywords by which a parameter may be narrowed. */
export const Narrowing = z
  .strictObject({
    ...narrowingShape,
    maxItems: count.optional().describe("Of a list: most items."),
    items: z.strictObject(narrowingShape).optional().describe("Of a list: what each item may be."),
    default: scalarOrList.optional().describe("Value that is used when a caller sends none."),
  })
  .describe("Type and bounds come from the catalogue; these keywords make them narrower. {} keeps them as they are.");

export type Narrowing = z.output<typeof Narrowing>;

/** Keywords that fit a parameter, by its type. */
export const FITTING_KEYWORDS: Readonly<Record<ParameterSchema["type"], readonly (keyof Narrowing)[]>> = {
  string: ["minLength", "maxLength", "pattern", "enum", "default"],
  integer: ["minimum", "maximum", "enum", "default"],
  boolean: ["enum", "default"],
  array: ["items", "maxItems", "default"],
};
