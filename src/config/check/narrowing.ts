/** Checks that an operator's narrowing of a parameter is narrower than the catalogue, and leaves something. */
import type { ParameterSchema } from "../../partoo/endpoint.ts";
import type { Place } from "../place.ts";
import type { CheckContext } from "./context.ts";
import { FITTING_KEYWORDS, Narrowing } from "../narrowing.ts";
import { MAX_TEXT_LENGTH, textOfValue } from "../parameters.ts";
import { entries, member } from "../place.ts";
import { quote } from "../suggest.ts";
import { checkPattern } from "./pattern.ts";

type ItemSchema = Omit<ParameterSchema, "description" | "items">;

const TYPE_WORDS: Readonly<Record<ParameterSchema["type"], string>> = {
  string: "text",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
};

/** Keywords that bound from above and from below, in pairs. */
const BOUNDS = [
  ["minimum", "maximum"],
  ["minLength", "maxLength"],
] as const;

/** Checks one entry of `query`. */
export function checkNarrowing(place: Place, schema: ParameterSchema, context: CheckContext): void {
  const isSound = [checkKeywords(place, schema, { context, times: 1 }), checkItems(place, schema, context)].every(Boolean);
  const narrowing = Narrowing.safeParse(place.value);
  const fallback = member(place, "default");
  if (!isSound || !narrowing.success || fallback === undefined) return;
  const written = textOfValue(fallback.value, schema);
  const read = "fault" in written ? written : context.readers(schema, narrowing.data)(written.text);
  if ("fault" in read) {
    context.reporter.error(fallback.at, "value-refused", `the default is refused: it ${read.fault}`);
  }
}

function checkItems(place: Place, schema: ParameterSchema, context: CheckContext): boolean {
  const items = member(place, "items");
  if (items === undefined || schema.items === undefined) return true;
  return checkKeywords(items, schema.items, { context, times: leastOf(member(place, "maxItems"), schema.maxItems ?? MAX_TEXT_LENGTH) });
}

interface Check {
  readonly context: CheckContext;
  /** How many values of it a request may have. */
  readonly times: number;
}

interface KeywordCheck extends Check {
  readonly schema: ItemSchema;
  /** The map that the keyword stands in. */
  readonly beside: Place;
}

/** @returns whether a reader can be built of it */
function checkKeywords(place: Place, schema: ItemSchema, check: Check): boolean {
  const own: KeywordCheck = { ...check, schema, beside: place };
  const results = entries(place).map(([keyword, value]) => checkFits(keyword, value, own) && checkKeyword(keyword, value, own));
  return results.every(Boolean) && checkBounds(place, schema, check.context) && checkEnum(place, schema, check.context);
}

function checkFits(keyword: string, value: Place, { schema, context }: KeywordCheck): boolean {
  const isKnown = Object.values(FITTING_KEYWORDS).some((keywords) => keywords.some((fitting) => fitting === keyword));
  if (!isKnown || FITTING_KEYWORDS[schema.type].some((fitting) => fitting === keyword)) return isKnown;
  const isOfItems = schema.type === "array";
  const hint = isOfItems ? `for each item write items: { ${keyword}: … }` : `here fit: ${FITTING_KEYWORDS[schema.type].join(", ")}`;
  context.reporter.error(value.nameAt, "narrowing-type", `${keyword} does not fit: the parameter is ${TYPE_WORDS[schema.type]}`, hint);
  return false;
}

function checkKeyword(keyword: string, place: Place, check: KeywordCheck): boolean {
  const { schema, context } = check;
  const { value } = place;
  if (keyword === "pattern") {
    const maxLength = leastOf(member(check.beside, "maxLength"), schema.maxLength ?? MAX_TEXT_LENGTH);
    return checkPattern(place, { maxLength, times: check.times }, context.reporter);
  }
  const limit = schema[keyword as "minimum" | "maximum" | "minLength" | "maxLength" | "maxItems"];
  if (typeof value !== "number" || typeof limit !== "number") return true;
  const isLower = keyword.startsWith("min");
  if (isLower ? value >= limit : value <= limit) return true;
  const message = `the catalogue already has ${keyword} ${limit}: a parameter can only be narrowed`;
  context.reporter.error(place.at, "narrowing-widens", message, `write ${isLower ? "at least" : "at most"} ${limit}, or leave it out`);
  return false;
}

function leastOf(narrower: Place | undefined, most: number): number {
  return typeof narrower?.value === "number" ? Math.min(narrower.value, most) : most;
}

function checkBounds(place: Place, schema: ItemSchema, { reporter }: CheckContext): boolean {
  for (const [low, high] of BOUNDS) {
    const [from, to] = [member(place, low), member(place, high)];
    const least = typeof from?.value === "number" ? from.value : schema[low];
    const most = typeof to?.value === "number" ? to.value : schema[high];
    if (least === undefined || most === undefined || least <= most) continue;
    const at = (to ?? from ?? place).at;
    reporter.error(
      at,
      "narrowing-contradiction",
      `nothing is both at least ${least} and at most ${most}`,
      "callers could send no value at all",
    );
    return false;
  }
  return true;
}

/** Each value must be of the parameter's type, and be taken by the catalogue and by the other keywords. */
function checkEnum(place: Place, schema: ItemSchema, context: CheckContext): boolean {
  const words = member(place, "enum");
  if (words === undefined) return true;
  const described: ParameterSchema = { ...schema, description: "" };
  const own = Narrowing.safeParse(withoutEnum(place));
  const results = words.items.map((item) => {
    if (!isOfType(item.value, schema.type)) {
      const hint = schema.type === "string" ? `put it in quotes: ${quote(String(item.value))}` : undefined;
      context.reporter.error(item.at, "narrowing-type", `the parameter is ${TYPE_WORDS[schema.type]}, and this is not`, hint);
      return false;
    }
    const text = String(item.value);
    const byCatalogue = context.readers(described)(text);
    if ("fault" in byCatalogue) {
      context.reporter.error(item.at, "narrowing-widens", `the catalogue refuses ${quote(text)}: it ${byCatalogue.fault}`);
      return false;
    }
    if (!own.success || !("fault" in context.readers(described, own.data)(text))) return true;
    context.reporter.error(item.at, "narrowing-contradiction", `the keywords beside enum refuse ${quote(text)}`, "change one of the two");
    return false;
  });
  return results.every(Boolean);
}

function withoutEnum(place: Place): Record<string, unknown> {
  return Object.fromEntries(
    entries(place).flatMap(([keyword, { value }]) => (keyword === "enum" || keyword === "default" ? [] : [[keyword, value]])),
  );
}

function isOfType(value: unknown, type: ParameterSchema["type"]): boolean {
  if (type === "integer") return Number.isSafeInteger(value);
  return typeof value === type;
}
