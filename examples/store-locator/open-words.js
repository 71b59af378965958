// @ts-check
/** Opening times in words, in the store's own local time: its clock is in the offsets of the proxy's times, whatever the visitor's is. */

/** @import { Store } from "./calls.js" */
/** @typedef {"open" | "soon" | "closed" | "unknown"} OpenMood how it is coloured */

const DAYS = /** @type {const} */ (["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]);
const DAY_MS = 86_400_000;
const SOON_MS = 3_600_000;
/** Of the exceptional days to come, those within it are told. */
const AHEAD_DAYS = 60;
const LOCALE = "en-GB";

/**
 * `Open until 19:00`, `Closed, opens Monday 09:00`.
 * @param {Store} store @param {number} now Unix ms @returns {{ readonly mood: OpenMood, readonly words: string }}
 */
export function openWords(store, now) {
  const { status, opening_date: openingDate, open } = store;
  if (status === "temporarily_closed" || status === "closed_temporarily") return { mood: "closed", words: "Temporarily closed" };
  if (status === "opening_soon") {
    const day = openingDate === null || openingDate === undefined ? "soon" : dateWords(openingDate, { year: "numeric" });
    return { mood: "closed", words: `Opens ${day === "soon" ? day : `on ${day}`}` };
  }
  if (open === null) return { mood: "unknown", words: "Opening hours not known" };
  const { now: isOpen, until, next_change: nextChange } = open;
  if (isOpen) {
    if (until === null || Date.parse(until) - now > DAY_MS) return { mood: "open", words: "Open around the clock" };
    if (Date.parse(until) - now < SOON_MS) return { mood: "soon", words: `Closes soon, ${timeOf(until)}` };
    return { mood: "open", words: `Open until ${whenWords(until, now, { isEnd: true })}` };
  }
  return { mood: "closed", words: nextChange === null ? "Closed" : `Closed, opens ${whenWords(nextChange, now)}` };
}

/**
 * The usual week from Monday, today marked and with today's real windows.
 * @param {Store} store @param {number} now Unix ms
 * @returns {readonly { readonly day: string, readonly hours: string, readonly isToday: boolean, readonly usually?: string }[] | undefined}
 */
export function weekOf(store, now) {
  const { open_hours: week, open } = store;
  if (week === null || week === undefined) return undefined;
  const today = weekdayOf(storeDay(store, now));
  return DAYS.map((day, at) => {
    const usual = windowsWords(week[day] ?? []);
    const isToday = at === today;
    const hours = isToday && open?.today !== undefined ? windowsWords(open.today) : usual;
    return { day: day.charAt(0).toUpperCase() + day.slice(1), hours, isToday, ...(hours === usual ? {} : { usually: usual }) };
  });
}

/**
 * Exceptional days from today on, soonest first: `24 December: 09:00–17:00`.
 * @param {Store} store @param {number} now Unix ms @returns {readonly { readonly days: string, readonly hours: string }[]}
 */
export function exceptionsOf(store, now) {
  const today = storeDay(store, now);
  const last = new Date(Date.parse(today) + AHEAD_DAYS * DAY_MS).toISOString().slice(0, 10);
  const { open = [], close = [] } = store.specific_hours ?? {};
  return [...(open ?? []), ...(close ?? []).map((dates) => ({ ...dates, open_hours: [] }))]
    .map(({ starts_at: first, ends_at: end, open_hours: windows }) => ({
      first: dateOf(first ?? ""),
      end: dateOf(end ?? first ?? ""),
      windows: windows ?? [],
    }))
    .filter(({ first, end }) => first !== "" && end >= today && first <= last)
    .toSorted((one, other) => (one.first < other.first ? -1 : 1))
    .map(({ first, end, windows }) => ({ days: rangeWords(first, end), hours: windowsWords(windows) }));
}

/** Whether the visitor's clock shows another time than the store's. @param {Store} store @param {number} now Unix ms */
export function isElsewhere(store, now) {
  const instant = store.open?.next_change;
  return instant !== null && instant !== undefined && offsetOf(instant) !== -new Date(now).getTimezoneOffset() * 60_000;
}

/** @param {readonly string[]} windows `HH:MM-HH:MM` */
function windowsWords(windows) {
  if (windows.length === 0) return "Closed";
  if (windows[0] === "00:00-23:59") return "All day";
  return windows.map((window) => window.replace("-", "–")).join(", ");
}

/**
 * A time as said on the store's doorstep: `19:00`, `tomorrow 09:00`, `Monday 09:00`, `24 December 09:00`.
 * @param {string} instant ISO 8601 with the store's offset @param {number} now Unix ms @param {{ isEnd?: boolean }} [options] a night's end belongs to the evening before
 */
function whenWords(instant, now, { isEnd = false } = {}) {
  const today = new Date(now + offsetOf(instant)).toISOString().slice(0, 10);
  const days = (Date.parse(dateOf(instant)) - Date.parse(today)) / DAY_MS;
  const time = timeOf(instant);
  if (days === 0 || (isEnd && days === 1 && time <= "06:00")) return isEnd ? time : `at ${time}`;
  if (days === 1) return `tomorrow ${time}`;
  return days < 7 ? `${weekdayWords(instant)} ${time}` : `${dateWords(instant)} ${time}`;
}

/** The date at the store. @param {Store} store @param {number} now Unix ms */
function storeDay(store, now) {
  const instant = store.open?.next_change ?? undefined;
  const offset = instant === undefined ? -new Date(now).getTimezoneOffset() * 60_000 : offsetOf(instant);
  return new Date(now + offset).toISOString().slice(0, 10);
}

/** Milliseconds. @param {string} instant `…+01:00` */
function offsetOf(instant) {
  const [, sign = "+", hours = "0", minutes = "0"] = /([+-])(\d\d):(\d\d)$/.exec(instant) ?? [];
  return (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === "-" ? -1 : 1);
}

/** @param {string} instant */
function dateOf(instant) {
  return instant.slice(0, 10);
}

/** @param {string} instant */
function timeOf(instant) {
  return instant.slice(11, 16);
}

/** From Monday. @param {string} date */
function weekdayOf(date) {
  return (new Date(Date.parse(dateOf(date))).getUTCDay() + 6) % 7;
}

/** @param {string} date */
function weekdayWords(date) {
  return new Date(Date.parse(dateOf(date))).toLocaleDateString(LOCALE, { weekday: "long", timeZone: "UTC" });
}

/** @param {string} date @param {Intl.DateTimeFormatOptions} [more] */
function dateWords(date, more = {}) {
  return new Date(Date.parse(dateOf(date))).toLocaleDateString(LOCALE, { day: "numeric", month: "long", timeZone: "UTC", ...more });
}

/** @param {string} first @param {string} end */
function rangeWords(first, end) {
  const short = /** @type {const} */ ({ month: "short" });
  return first === end ? dateWords(first, { weekday: "short", ...short }) : `${dateWords(first, short)} – ${dateWords(end, short)}`;
}
