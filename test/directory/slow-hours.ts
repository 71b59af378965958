/**
 * Opening hours as somebody would find out with a watch: walks minute by minute, looks at the clock on the wall, and reads
 * Partoo's texts anew each time. Shares no code with what it judges.
 */

export interface Facts {
  readonly open_hours: Readonly<Record<string, readonly string[]>>;
  readonly specific_hours?: {
    readonly open: readonly { readonly starts_at: string; readonly ends_at: string; readonly open_hours: readonly string[] }[];
    readonly close: readonly { readonly starts_at: string; readonly ends_at: string }[];
  } | null;
  readonly opening_date?: string | null;
}

const MINUTE = 60_000;
/** No clock is set back by more. */
const LONGEST_SETTING_BACK = 180;
const walls = new Map<string, Intl.DateTimeFormat>();

/** `2026-11-22 09:30`: what the clock on the wall shows. */
export function wallTime(zone: string, instant: number): string {
  const wall =
    walls.get(zone) ?? new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short", hourCycle: "h23" });
  walls.set(zone, wall);
  return wall.format(instant);
}

/** Whether it is open at each minute. Somebody who closed at 02:30 does not open again because the clock is set back to 02:00. */
export function walk(facts: Facts, zone: string, from: number, minutes: number): readonly boolean[] {
  let latest = "";
  const states: boolean[] = [];
  for (let minute = -LONGEST_SETTING_BACK; minute < minutes; minute += 1) {
    const wall = wallTime(zone, from + minute * MINUTE);
    if (wall > latest) latest = wall;
    if (minute >= 0) states.push(isOpen(facts, latest));
  }
  return states;
}

export function isOpenAt(facts: Facts, zone: string, instant: number): boolean {
  return walk(facts, zone, instant, 1)[0] === true;
}

function isOpen(facts: Facts, wall: string): boolean {
  const [date = "", time = ""] = wall.split(" ");
  return (
    windowsOf(facts, date).some(({ start, end }) => start <= time && (end <= start || time < end)) ||
    windowsOf(facts, dayBefore(date)).some(({ start, end }) => end <= start && time < end)
  );
}

function windowsOf({ open_hours: week, specific_hours: special, opening_date: opening }: Facts, date: string) {
  if (opening && date < opening) return [];
  if (special?.close.some((closure) => closure.starts_at <= date && date <= closure.ends_at)) return [];
  const openings = special?.open.filter((entry) => entry.starts_at <= date && date <= entry.ends_at) ?? [];
  const name = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"][new Date(`${date}T12:00Z`).getUTCDay()];
  const texts = openings.length > 0 ? openings.flatMap((entry) => entry.open_hours) : (week[name ?? ""] ?? []);
  return texts.map((text) => {
    const [start = "", end = ""] = (text === "00:00-23:59" ? "00:00-00:00" : text).split("-");
    return { start, end };
  });
}

function dayBefore(date: string): string {
  return new Date(Date.parse(`${date}T12:00Z`) - 24 * 60 * MINUTE).toISOString().slice(0, 10);
}
