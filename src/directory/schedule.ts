/** Partoo's opening hours, read leniently into numbers: what is not as documented is left out, nothing throws (partoo reference §6). */

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;
const WINDOW = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/;
const DATE = /^\d{4}-\d{2}-\d{2}/;
const DAY_MS = 86_400_000;
const DAY_MINUTES = 1440;
/** How "open all day" is entered in Partoo's app. */
const WHOLE_DAY = "00:00-23:59";

/** Minutes from midnight of the day it belongs to; `end` is not in it, is above `start`, and may lie in the next day. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** Days since 1970-01-01, both inclusive. */
interface Dates {
  readonly first: number;
  readonly last: number;
}

interface SpecialDates extends Dates {
  readonly windows: readonly Window[];
}

/** Opening hours in the store's local time. */
export interface Schedule {
  /** From Monday; sorted by start. */
  readonly week: readonly (readonly Window[])[];
  readonly openings: readonly SpecialDates[];
  readonly closures: readonly Dates[];
  /** The last day on which anything differs from the week; -Infinity when nothing does. */
  readonly lastSpecialDay: number;
}

/**
 * @param openHours `open_hours`: windows `HH:MM-HH:MM` by day
 * @param specificHours `specific_hours`: `{ open: [{ starts_at, ends_at, open_hours }], close: [{ starts_at, ends_at }] }`
 * @returns undefined when the usual week is not known
 */
export function readSchedule(openHours: unknown, specificHours: unknown): Schedule | undefined {
  if (!isObject(openHours) || !DAYS.some((day) => Array.isArray(openHours[day]))) return undefined;
  const special = isObject(specificHours) ? specificHours : {};
  const openings = listOf(special["open"]).flatMap((entry) => {
    const dates = readDates(entry);
    return dates === undefined ? [] : [{ ...dates, windows: readWindows(entry["open_hours"]) }];
  });
  const closures = listOf(special["close"]).flatMap((entry) => readDates(entry) ?? []);
  return {
    week: DAYS.map((day) => readWindows(openHours[day])),
    openings,
    closures,
    lastSpecialDay: [...openings, ...closures].reduce((latest, { last }) => Math.max(latest, last), -Infinity),
  };
}

/** The windows that begin on a day: none on a closure, those of exceptional openings where there are any, else the week's. */
export function windowsOn({ week, openings, closures }: Schedule, day: number): readonly Window[] {
  for (const closure of closures) if (covers(closure, day)) return NONE;
  const special = openings.filter((opening) => covers(opening, day));
  if (special.length === 1) return special[0]?.windows ?? NONE;
  if (special.length > 1) return special.flatMap(({ windows }) => windows).toSorted(byStart);
  return week[weekday(day)] ?? NONE;
}

/** `YYYY-MM-DD`, and whatever follows it. @returns days since 1970-01-01; undefined for anything that is no date */
export function readDay(date: unknown): number | undefined {
  if (typeof date !== "string" || !DATE.test(date)) return undefined;
  const at = Date.parse(date.slice(0, 10));
  return Number.isNaN(at) ? undefined : at / DAY_MS;
}

/** `YYYY-MM-DD`. @param day since 1970-01-01, as `readDay()` gives it */
export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, "2026-01-31".length);
}

/** As Partoo writes it. */
export function windowText({ start, end }: Window): string {
  return start === 0 && end === DAY_MINUTES ? WHOLE_DAY : `${timeText(start)}-${timeText(end)}`;
}

const NONE: readonly Window[] = [];

/** 1970-01-01 was a Thursday. */
function weekday(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}

function covers({ first, last }: Dates, day: number): boolean {
  return day >= first && day <= last;
}

/** Without an end it is one day. */
function readDates({ starts_at: startsAt, ends_at: endsAt }: JsonObject): Dates | undefined {
  const first = readDay(startsAt);
  const last = readDay(endsAt) ?? first;
  return first === undefined || last === undefined || last < first ? undefined : { first, last };
}

function readWindows(windows: unknown): readonly Window[] {
  if (!Array.isArray(windows)) return NONE;
  return windows.flatMap((window: unknown) => readWindow(window) ?? []).toSorted(byStart);
}

/** An end at or before the start is on the next day. */
function readWindow(text: unknown): Window | undefined {
  if (text === WHOLE_DAY) return { start: 0, end: DAY_MINUTES };
  const match = typeof text === "string" ? WINDOW.exec(text) : null;
  if (match === null) return undefined;
  const [, startHour, startMinute, endHour, endMinute] = match.map(Number) as [number, number, number, number, number];
  const start = startHour * 60 + startMinute;
  const end = endHour * 60 + endMinute;
  if (end > DAY_MINUTES) return undefined;
  return { start, end: end > start ? end : end + DAY_MINUTES };
}

function byStart(one: Window, other: Window): number {
  return one.start - other.start || one.end - other.end;
}

function timeText(minutes: number): string {
  const inDay = minutes % DAY_MINUTES;
  return `${String(Math.floor(inDay / 60)).padStart(2, "0")}:${String(inDay % 60).padStart(2, "0")}`;
}

type JsonObject = Readonly<Record<string, unknown>>;

function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
