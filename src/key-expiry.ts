/** When keys expire, by the days that the configuration names: told in the log 30, 7 and 1 days before, and when the day has come. */
import type { Logger } from "./log.ts";
import type { Policy } from "./policy.ts";

/** Days before its expiry at which a key is worth a word. */
export const EXPIRY_DAYS = [1, 7, 30] as const;
const DAY_MS = 86_400_000;
/** How often the calendar is looked at. */
const LOOK_MS = 600_000;

export interface KeyExpiry {
  readonly key: string;
  /** ISO day on which Partoo stops accepting it, as the day begins in UTC. */
  readonly expires: string;
  readonly daysLeft: number;
  /** The nearest mark that is reached: 30, 7, 1, or 0 from the day itself on. undefined: none. */
  readonly mark: number | undefined;
}

/** Keys with a day, the nearest first. @param now milliseconds since 1970 */
export function keyExpiries({ keys }: Pick<Policy, "keys">, now: number): readonly KeyExpiry[] {
  const today = new Date(now).toISOString().slice(0, 10);
  return [...keys.values()]
    .flatMap(({ name, expires }) => (expires === undefined ? [] : [{ key: name, expires, daysLeft: daysBetween(today, expires) }]))
    .map((expiry) => ({ ...expiry, mark: [0, ...EXPIRY_DAYS].find((mark) => expiry.daysLeft <= mark) }))
    .toSorted((one, other) => one.daysLeft - other.daysLeft);
}

/** @returns whole days from one ISO day to another */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}

/** Each mark of each key and day is told once. */
export function watchKeyExpiry({ policy, logger }: { readonly policy: () => Policy; readonly logger: Logger }): { close(): void } {
  let told: ReadonlySet<string> = new Set();
  const look = (): void => {
    const due = keyExpiries(policy(), Date.now()).flatMap((expiry) =>
      expiry.mark === undefined ? [] : [{ ...expiry, mark: expiry.mark }],
    );
    for (const expiry of due) if (!told.has(nameOf(expiry))) tell(expiry, logger);
    told = new Set(due.map(nameOf));
  };
  look();
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return { close: () => clearInterval(timer) };
}

function nameOf({ key, expires, mark }: KeyExpiry): string {
  return `${key} ${expires} ${mark}`;
}

function tell({ key, expires, daysLeft, mark }: KeyExpiry, logger: Logger): void {
  const line = { alarm: "key-expiry", key, expires, days_left: daysLeft };
  if (mark === 0) logger.error(line, "this key has expired, so Partoo refuses it: make a new one (docs/operations/key-rotation.md)");
  else logger.warn(line, "this key expires soon: make a new one (docs/operations/key-rotation.md)");
}
