/** Whether a store is open, remembered until it changes, and as the JSON that answers hold. */
import type { Opening, StoreHours } from "./hours.ts";
import { hash } from "node:crypto";
import { localTimeText, openingAt } from "./hours.ts";

/** One for all stores of the same hours in the same time zone. Instants are Unix ms. */
export interface OpenState {
  at(instant: number): Opening;
  /** `{"now":true,"until":"2026-11-23T19:00:00+01:00","next_change":…,"today":["09:00-19:00"]}` */
  textAt(instant: number): string;
  /** Short, and different for each text. */
  tagAt(instant: number): string;
}

/** @param showsToday whether the key may show the hours themselves */
export function createOpenState(hours: StoreHours, showsToday: boolean): OpenState {
  let known: Opening | undefined;
  let from = 0;
  let text: string | undefined;
  let tag: string | undefined;
  const at = (instant: number): Opening => {
    if (known !== undefined && instant >= from && instant < known.validUntil) return known;
    known = openingAt(hours, instant);
    from = instant;
    text = undefined;
    tag = undefined;
    return known;
  };
  const timeOf = (instant: number | null): string | null => (instant === null ? null : localTimeText(instant, hours.clock));
  return {
    at,
    textAt(instant) {
      const { now, until, nextChange, today } = at(instant);
      text ??= JSON.stringify({ now, until: timeOf(until), next_change: timeOf(nextChange), ...(showsToday ? { today } : {}) });
      return text;
    },
    tagAt(instant) {
      const { now, until, nextChange, today } = at(instant);
      tag ??= hash("sha1", JSON.stringify([now, until, nextChange, showsToday && today]), "base64url").slice(0, 12);
      return tag;
    },
  };
}
