/** Opening hours of the made-up stores, and the public holidays of their countries in 2026 and 2027. */
import type { Country } from "./cities.ts";

export const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] as const;

/** Windows `HH:MM-HH:MM` by day, in the store's local time; an empty list is a day off (partoo reference §6). */
export type OpenHours = Readonly<Record<(typeof DAYS)[number], readonly string[]>>;

/** Exceptions to the week; dates are `YYYY-MM-DD`, both ends included. */
export interface SpecificHours {
  readonly open: readonly { readonly starts_at: string; readonly ends_at: string; readonly open_hours: readonly string[] }[];
  readonly close: readonly { readonly starts_at: string; readonly ends_at: string }[];
}

/** Weeks by name. A window that ends at or before its start runs past midnight. */
export const WEEKS = {
  continuous: week("09:00-19:30", "09:00-19:30", "09:00-19:30", "09:00-19:30", "09:00-20:00", "09:00-20:00", ""),
  lunchBreak: week(
    "14:00-19:00",
    "09:00-12:30 14:00-19:00",
    "09:00-12:30 14:00-19:00",
    "09:00-12:30 14:00-19:00",
    "09:00-12:30 14:00-19:00",
    "09:30-12:30 14:00-18:30",
    "",
  ),
  siesta: week(
    "10:00-14:00 17:00-20:30",
    "10:00-14:00 17:00-20:30",
    "10:00-14:00 17:00-20:30",
    "10:00-14:00 17:00-20:30",
    "10:00-14:00 17:00-21:00",
    "10:00-14:30",
    "",
  ),
  everyDay: week("08:00-21:00", "08:00-21:00", "08:00-21:00", "08:00-21:00", "08:00-21:30", "08:00-21:30", "09:00-12:45"),
  kitchen: week(
    "",
    "12:00-14:30 19:00-23:00",
    "12:00-14:30 19:00-23:00",
    "12:00-14:30 19:00-23:30",
    "12:00-14:30 19:00-00:00",
    "12:00-15:00 19:00-00:00",
    "12:00-15:30",
  ),
  lateBar: week("", "18:00-00:00", "18:00-01:00", "18:00-02:00", "18:00-02:00", "17:00-04:00", ""),
  wholeDay: week("00:00-23:59", "00:00-23:59", "00:00-23:59", "00:00-23:59", "00:00-23:59", "00:00-23:59", "00:00-23:59"),
} as const satisfies Readonly<Record<string, OpenHours>>;

export type WeekName = keyof typeof WEEKS;

/** National holidays, `YYYY-MM-DD`; those that fall on a Sunday are left out for Spain, where regions move them. */
const HOLIDAYS: Readonly<Record<Country, readonly string[]>> = {
  FR: days(
    "2026: 01-01 04-06 05-01 05-08 05-14 05-25 07-14 08-15 11-01 11-11 12-25",
    "2027: 01-01 03-29 05-01 05-06 05-08 05-17 07-14 08-15 11-01 11-11 12-25",
  ),
  ES: days("2026: 01-01 01-06 04-03 05-01 08-15 10-12 12-08 12-25", "2027: 01-01 01-06 03-26 05-01 10-12 11-01 12-06 12-08 12-25"),
  IT: days(
    "2026: 01-01 01-06 04-06 04-25 05-01 06-02 08-15 11-01 12-08 12-25 12-26",
    "2027: 01-01 01-06 03-29 04-25 05-01 06-02 08-15 11-01 12-08 12-25 12-26",
  ),
};

/** Days on which nearly nothing opens. */
const QUIET_DAYS = new Set(["01-01", "05-01", "12-25"]);
const SUNDAYS_BEFORE_CHRISTMAS = ["2026-12-13", "2026-12-20", "2027-12-12", "2027-12-19"];
const CHRISTMAS_EVES = ["2026-12-24", "2027-12-24"];

/** How a store spends its holidays. */
export type HolidayHabit = "closed" | "short-days" | "august";

/** The exceptions of every country and habit, made once and shared by all stores that have them. */
export const SPECIFIC_HOURS: Readonly<Record<Country, Readonly<Record<HolidayHabit, SpecificHours>>>> = {
  FR: exceptionsOf("FR"),
  ES: exceptionsOf("ES"),
  IT: exceptionsOf("IT"),
};

function exceptionsOf(country: Country): Readonly<Record<HolidayHabit, SpecificHours>> {
  const holidays = HOLIDAYS[country];
  const closed = { open: festive(), close: holidays.map(oneDay) };
  const quiet = holidays.filter((date) => QUIET_DAYS.has(date.slice(5)));
  const others = holidays.filter((date) => !QUIET_DAYS.has(date.slice(5)));
  const shortDays = {
    open: [...others.map((date) => ({ ...oneDay(date), open_hours: ["09:30-13:00"] })), ...festive()],
    close: quiet.map(oneDay),
  };
  const august = {
    open: festive(),
    close: [...closed.close, { starts_at: "2026-08-10", ends_at: "2026-08-23" }, { starts_at: "2027-08-09", ends_at: "2027-08-22" }],
  };
  return { closed, "short-days": shortDays, august };
}

function festive(): SpecificHours["open"] {
  return [
    ...SUNDAYS_BEFORE_CHRISTMAS.map((date) => ({ ...oneDay(date), open_hours: ["10:00-13:00", "14:00-19:00"] })),
    ...CHRISTMAS_EVES.map((date) => ({ ...oneDay(date), open_hours: ["09:00-17:00"] })),
  ];
}

function oneDay(date: string): { readonly starts_at: string; readonly ends_at: string } {
  return { starts_at: date, ends_at: date };
}

function days(...years: readonly string[]): readonly string[] {
  return years.flatMap((line) => {
    const [year, list] = line.split(": ") as [string, string];
    return list.split(" ").map((day) => `${year}-${day}`);
  });
}

function week(...windows: readonly [string, string, string, string, string, string, string]): OpenHours {
  return Object.fromEntries(
    DAYS.map((day, at) => [day, windows[at] === "" ? [] : (windows[at] as string).split(" ")]),
  ) as unknown as OpenHours;
}
