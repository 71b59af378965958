/** Members of a store in the directory's answers: those of its route, and those that are made here. */
import type { Route } from "../policy.ts";
import type { Members, SchemaBook } from "./schemas.ts";
import { itemProperties } from "./fields.ts";
import { objectOf, orNull } from "./schemas.ts";

const INSTANT = { type: "string", format: "date-time" };
const ALWAYS_THERE: ReadonlySet<string> = new Set(["id", "open"]);
const OPEN_SAMPLE = { now: true, until: "2026-11-23T19:30:00+01:00", next_change: "2026-11-23T19:30:00+01:00" };

/** @param route by whose fields the store is shown */
export function storeMembers(route: Route, book: SchemaBook): Members {
  const shown = itemProperties(route, book);
  // Without an id it is in no directory.
  return shown["id"] === undefined ? shown : { ...shown, id: { ...shown["id"], type: "string" } };
}

/** Names of the members that no store is without. */
export function alwaysThere(members: Members): readonly string[] {
  return Object.keys(members).filter((name) => ALWAYS_THERE.has(name));
}

/** @param search the route that decides what may be told of all stores */
export function madeMembers(search: Route, book: SchemaBook): Members {
  const today = { type: "array", items: { type: "string" }, description: "Windows that begin today, HH:MM-HH:MM, local time." };
  const members = {
    now: { type: "boolean" },
    until: orNull({ ...INSTANT, description: "When it closes, local time; null when it is closed." }),
    next_change: orNull({ ...INSTANT, description: "When it closes or opens next; null when that is not within a year." }),
    ...(showsHours(search) ? { today } : {}),
  };
  const open = book.name(objectOf(members, Object.keys(members)), "Open");
  return { open: { ...orNull(open), description: "null: it can't be told." } };
}

/** Of the sample's stores. */
export function madeSample(search: Route): object {
  return { open: { ...OPEN_SAMPLE, ...(showsHours(search) ? { today: ["09:00-19:30"] } : {}) } };
}

function showsHours({ selection }: Route): boolean {
  return selection.fields.includes("open_hours");
}
