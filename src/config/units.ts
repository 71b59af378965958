/** The small texts of a configuration that carry a unit: durations, rates, percentages, names, dates. */
import type { Rate } from "../policy.ts";
import { z } from "zod";

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, min: 60 };
const MAX_DURATION_SECONDS = 366 * 86_400;

const DURATION = /^(0|[1-9][0-9]{0,7})(s|m|h|d)$/;
const RATE = /^([1-9][0-9]{0,6})\/(s|min|h)$/;
const QUOTA = /^([1-9][0-9]{0,6})\/min$/;
const PERCENT = /^(100|[0-9]{1,2})%$/;
const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
/** Of keys, organizations and servers. Frontends are narrower, because they stand in paths. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** `10m` → 600. Units s, m, h, d; at most 366 days. */
export const duration = text(DURATION, 'write a number and a unit, as in "10m"; the units are s, m (minutes), h and d')
  .transform((value) => amount(value, DURATION))
  .refine((seconds) => seconds <= MAX_DURATION_SECONDS, { error: "366d is the longest duration" });

/** `600/min` → 600 in 60 seconds. */
export const rate = text(RATE, 'write a number, / and a unit, as in "600/min"; the units are s, min and h').transform((value): Rate => {
  const [count = "", unit = ""] = value.split("/");
  return { count: Number(count), windowSeconds: SECONDS[unit] ?? 60 };
});

/** `300/min` → 300. */
export const callsPerMinute = text(QUOTA, 'write calls per minute, as in "300/min"').transform((value) => Number.parseInt(value, 10));

/** `20%` → 0.2 */
export const percentage = text(PERCENT, 'write a whole percentage from 0% to 100%, as in "20%"').transform(
  (value) => Number.parseInt(value, 10) / 100,
);

/** A date of the calendar, `2027-06-30`, as text. */
export const date = text(DATE, 'write a date as year-month-day, as in "2027-06-30"').refine(isCalendarDate, {
  error: "this day does not exist",
});

/** A name of a key, organization or server. */
export const name = text(NAME, "a name has at most 63 letters, digits, - . or _, and begins with a letter or digit");

/** Text of one form, with the same words for every way of missing it. */
export function text(pattern: RegExp, error: string): z.ZodString {
  return z.string({ error }).regex(pattern, { error });
}

function amount(value: string, pattern: RegExp): number {
  const [, count = "", unit = ""] = pattern.exec(value) ?? [];
  return Number(count) * (SECONDS[unit] ?? 1);
}

function isCalendarDate(value: string): boolean {
  const time = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}
