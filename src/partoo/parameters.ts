/** Parameters that several endpoints share, and the text patterns behind them. Anchored, without nested repetition. */
import type { ParameterSchema } from "./endpoint.ts";

/**
 * A business id: 24 lower-case hexadecimal digits, as in every answer. Some made-up examples in Partoo's documentation
 * have 23; an id is 12 bytes, so an odd number of digits can't be one, and is refused.
 */
export const BUSINESS_ID = "^[0-9a-f]{24}$";

/** A business id, or `c-` and the customer's own store code (partoo reference §5). */
export const BUSINESS_REFERENCE = "^([0-9a-f]{24}|c-[A-Za-z0-9._~ -]{1,64})$";

/** Free text: anything but control characters. */
const TEXT = "^[^\\u0000-\\u001f\\u007f-\\u009f]+$";
/** The same inside a list, where a comma separates. */
const LIST_TEXT = "^[^,\\u0000-\\u001f\\u007f-\\u009f]+$";
const COUNTRY = "^[A-Z]{2}$";
const GOOGLE_CATEGORY = "^gcid:[A-Za-z0-9_-]{1,80}$";
/** A day of the calendar, from the year 1 on: months of 31, 30 and 28 days, and 29 February of a leap year. */
const DAY_OF_YEAR = "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8])";
const LEAP_YEAR = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";
const DATE = `(?!0000)(?:[0-9]{4}-(?:${DAY_OF_YEAR})|${LEAP_YEAR}-02-29)`;
/** Partoo's filters take UTC without an offset (partoo reference §5). */
const UTC_DATE_TIME = `^${DATE}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$`;
/** As many ids as one page can hold. */
const MAX_IDS = 100;

/** The path parameter of every `/business/{business_id}…` endpoint. */
export const BUSINESS_PATH: Readonly<Record<string, ParameterSchema>> = {
  business_id: {
    type: "string",
    description: "Partoo's id of the business, or c- and the store code.",
    pattern: BUSINESS_REFERENCE,
    minLength: 3,
    maxLength: 66,
  },
};

/** Counts from 1. Partoo bounds it nowhere for REST; older pages count from 0 and take 0 as 1. */
export const PAGE: ParameterSchema = { type: "integer", description: "Page, from 1.", minimum: 1 };

/** Items of a page: 1 to 100, Partoo's default is 30. */
export const PER_PAGE: ParameterSchema = {
  type: "integer",
  description: "Items of a page.",
  minimum: 1,
  maximum: 100,
};

/** @param description what is searched @param maxLength in characters */
export function text(description: string, maxLength: number): ParameterSchema {
  return { type: "string", description, pattern: TEXT, minLength: 1, maxLength };
}

/** Comma separated texts. @param maxLength of each, in characters */
export function texts(description: string, maxLength: number, maxItems: number): ParameterSchema {
  return {
    type: "array",
    description,
    items: { type: "string", pattern: LIST_TEXT, minLength: 1, maxLength },
    maxItems,
  };
}

/** Comma separated business ids; store codes are not taken here. */
export function businessIds(description: string): ParameterSchema {
  return {
    type: "array",
    description,
    items: { type: "string", pattern: BUSINESS_ID, minLength: 24, maxLength: 24 },
    maxItems: MAX_IDS,
  };
}

/** Comma separated numeric ids: groups, tags. */
export function numericIds(description: string): ParameterSchema {
  return { type: "array", description, items: { type: "integer", minimum: 1 }, maxItems: MAX_IDS };
}

/** One of a closed list of words. */
export function oneOf(description: string, words: readonly string[]): ParameterSchema {
  return { type: "string", description, enum: words };
}

/** Comma separated words of a closed list. */
export function someOf(description: string, words: readonly string[]): ParameterSchema {
  return {
    type: "array",
    description,
    items: { type: "string", enum: words },
    maxItems: words.length,
  };
}

/** `true` or `false`. */
export function flag(description: string): ParameterSchema {
  return { type: "boolean", description };
}

/** `True` or `False`, as Partoo's older parameters want it. */
export function capitalFlag(description: string): ParameterSchema {
  return { type: "boolean", description, booleanStyle: "capital" };
}

/** `2026-01-31T00:00:00`, UTC. */
export function utcDateTime(description: string): ParameterSchema {
  return { type: "string", description, pattern: UTC_DATE_TIME, minLength: 19, maxLength: 19 };
}

/** A field to sort by, or `-` and the field for descending order (partoo reference §5). */
export function orderBy(fields: readonly string[]): ParameterSchema {
  return oneOf(
    "Field to sort by; a leading - sorts in descending order.",
    fields.flatMap((field) => [field, `-${field}`]),
  );
}

/** ISO 3166-1 alpha-2, upper case. */
export function country(description: string): ParameterSchema {
  return { type: "string", description, pattern: COUNTRY, minLength: 2, maxLength: 2 };
}

/** A category in Google's words, `gcid:restaurant`. */
export function googleCategory(description: string): ParameterSchema {
  return { type: "string", description, pattern: GOOGLE_CATEGORY, minLength: 6, maxLength: 85 };
}
