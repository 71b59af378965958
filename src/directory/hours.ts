/** Whether a store is open, until when, and when that changes: pure functions of Partoo's facts about it and an instant. */
import type { Schedule, Window } from "./schedule.ts";
import type { ZoneClock } from "./zone-clock.ts";
import { readDay, readSchedule, windowText, windowsOn } from "./schedule.ts";
import { findZone } from "./time-zone.ts";
import { zoneClock } from "./zone-clock.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** What changes later than this is not told. */
const FURTHEST_DAYS = 366;
/** After the last exception the weeks are all the same: eight days show all that may come. */
const WEEK_AND_A_DAY = 8;

/** Closed whatever the hours say. Partoo spells temporary closure in two ways (partoo reference §6). */
const CLOSED_STATUSES: ReadonlySet<unknown> = new Set(["closed", "temporarily_closed", "closed_temporarily"]);

/** All that decides when a store is open. */
export interface StoreHours {
  readonly clock: ZoneClock;
  /** undefined: it does not open until Partoo says otherwise. */
  readonly schedule: Schedule | undefined;
  /** Days since 1970-01-01; it opens on none before. */
  readonly firstDay: number;
}

/** The state at one instant. Instants are Unix ms. */
export interface Opening {
  readonly now: boolean;
  /** When it closes; null when it is closed or does not close within a year. */
  readonly until: number | null;
  /** When `now` turns; null when that is not within a year. */
  readonly nextChange: number | null;
  /** Windows that begin today, local time, `HH:MM-HH:MM`. */
  readonly today: readonly string[];
  /** Until then, not included, all of this stays as it is: the next change or local midnight. */
  readonly validUntil: number;
}

/** Members of a business that its hours depend on, as Partoo sends them: each may be missing, null or of any type. */
export interface HoursFacts {
  readonly open_hours?: unknown;
  readonly specific_hours?: unknown;
  readonly status?: unknown;
  readonly opening_date?: unknown;
  readonly lat?: unknown;
  readonly long?: unknown;
  readonly country?: unknown;
}

/** @returns undefined when it can't be told whether the store is open: no hours, or no time zone */
export function readHours(facts: HoursFacts): StoreHours | undefined {
  const clock = findClock(facts);
  if (clock === undefined) return undefined;
  const openingDay = readDay(facts.opening_date);
  if (CLOSED_STATUSES.has(facts.status) || (facts.status === "opening_soon" && openingDay === undefined)) {
    return { clock, schedule: undefined, firstDay: -Infinity };
  }
  const schedule = readSchedule(facts.open_hours, facts.specific_hours);
  return schedule === undefined ? undefined : { clock, schedule, firstDay: openingDay ?? -Infinity };
}

/** @param at Unix ms */
export function openingAt(hours: StoreHours, at: number): Opening {
  const { clock } = hours;
  const today = Math.floor((at + clock.offsetAt(at)) / DAY_MS);
  const midnight = clock.instantOf((today + 1) * DAY_MS);
  const { now, nextChange } = nextChangeAfter(hours, at, today);
  return {
    now,
    until: now ? nextChange : null,
    nextChange,
    today: windowsFrom(hours, today).map(windowText),
    validUntil: Math.min(nextChange ?? Infinity, midnight),
  };
}

/** ISO 8601 to the second with the offset of the store's time zone. */
export function localTimeText(instant: number, clock: ZoneClock): string {
  const offset = clock.offsetAt(instant);
  const minutes = Math.abs(Math.round(offset / MINUTE_MS));
  const sign = offset < 0 ? "-" : "+";
  const zone = `${sign}${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  return `${new Date(instant + offset).toISOString().slice(0, 19)}${zone}`;
}

/** undefined: nobody knows its time, or this Node does not know the zone: it has older tables. */
function findClock(facts: HoursFacts): ZoneClock | undefined {
  const zone = findZone(facts);
  try {
    return zone === undefined ? undefined : zoneClock(zone);
  } catch (fault) {
    if (fault instanceof RangeError) return undefined;
    throw fault;
  }
}

/** Windows follow each other by their start; those that meet or overlap are one opening. One that began yesterday may still last. */
function nextChangeAfter(hours: StoreHours, at: number, today: number): { readonly now: boolean; readonly nextChange: number | null } {
  const lastDay = lastDayToLookAt(hours, today);
  let closesAt: number | undefined;
  for (let day = today - 1; day <= lastDay; day += 1) {
    for (const window of windowsFrom(hours, day)) {
      const { opens, closes } = instantsOf(window, day, hours.clock);
      if (closesAt !== undefined && opens > closesAt) return { now: true, nextChange: closesAt };
      if (closes <= Math.max(at, opens)) continue;
      if (closesAt === undefined && opens > at) return { now: false, nextChange: opens };
      closesAt = Math.max(closesAt ?? closes, closes);
    }
  }
  const isOpenThroughout = closesAt !== undefined && closesAt >= hours.clock.instantOf((lastDay + 1) * DAY_MS);
  return { now: closesAt !== undefined, nextChange: isOpenThroughout ? null : (closesAt ?? null) };
}

function lastDayToLookAt({ schedule, firstDay }: StoreHours, today: number): number {
  const lastUnusual = Math.max(today, schedule?.lastSpecialDay ?? today, Number.isFinite(firstDay) ? firstDay : today);
  return Math.min(today + FURTHEST_DAYS, lastUnusual + WEEK_AND_A_DAY);
}

function windowsFrom({ schedule, firstDay }: StoreHours, day: number): readonly Window[] {
  return schedule === undefined || day < firstDay ? [] : windowsOn(schedule, day);
}

function instantsOf({ start, end }: Window, day: number, clock: ZoneClock): { readonly opens: number; readonly closes: number } {
  const midnight = day * DAY_MS;
  return { opens: clock.instantOf(midnight + start * MINUTE_MS), closes: clock.instantOf(midnight + end * MINUTE_MS) };
}
