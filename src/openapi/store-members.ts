/** Members of a store in the directory's answers: those of its route, and those that are made here. */
import type { KeyPolicy, Route } from "../policy.ts";
import type { Members, SchemaBook } from "./schemas.ts";
import { ratingsSourceOf } from "../directory/ratings-source.ts";
import { itemProperties } from "./fields.ts";
import { objectOf, orNull } from "./schemas.ts";

const INSTANT = { type: "string", format: "date-time" };
const ALWAYS_THERE: ReadonlySet<string> = new Set(["id", "open", "rating"]);
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

/** The directory's key, and its route that decides what may be told of all stores. */
export interface Telling {
  readonly key: KeyPolicy;
  readonly search: Route;
}

export function madeMembers({ key, search }: Telling, book: SchemaBook): Members {
  const today = { type: "array", items: { type: "string" }, description: "Windows that begin today, HH:MM-HH:MM, local time." };
  const members = {
    now: { type: "boolean" },
    until: orNull({ ...INSTANT, description: "When it closes, local time; null when it is closed." }),
    next_change: orNull({ ...INSTANT, description: "When it closes or opens next; null when that is not within a year." }),
    ...(showsHours(search) ? { today } : {}),
  };
  const open = book.name(objectOf(members, Object.keys(members)), "Open");
  return { open: { ...orNull(open), description: "null: it can't be told." }, ...ratingMember(key, book) };
}

/** Of the sample's stores. */
export function madeSample({ key, search }: Telling): object {
  const open = { ...OPEN_SAMPLE, ...(showsHours(search) ? { today: ["09:00-19:30"] } : {}) };
  const shown = figuresOf(key);
  const rating = Object.fromEntries(Object.entries({ average: 4.4, count: 128 }).filter(([name]) => shown.has(name)));
  return { open, ...(shown.size === 0 ? {} : { rating }) };
}

function ratingMember(key: KeyPolicy, book: SchemaBook): Members {
  const shown = figuresOf(key);
  if (shown.size === 0) return {};
  const average = { type: "number", description: shown.has("count") ? "0 to 5; null where no review has stars." : "0 to 5." };
  const members = {
    ...(shown.has("average") ? { average: shown.has("count") ? orNull(average) : average } : {}),
    ...(shown.has("count") ? { count: { type: "integer", description: "How many reviews." } } : {}),
  };
  const rating = book.name(objectOf(members, Object.keys(members)), "Rating");
  return { rating: { ...orNull(rating), description: "null: no reviews." } };
}

/** Names of the members of a rating; none where the key may not ask for it. */
export function figuresOf(key: KeyPolicy): ReadonlySet<string> {
  const figures = ratingsSourceOf(key)?.figures ?? [];
  return new Set(figures.map((figure) => (figure === "average_rating" ? "average" : "count")));
}

function showsHours({ selection }: Route): boolean {
  return selection.fields.includes("open_hours");
}
