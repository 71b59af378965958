/** The directory as operations: stores near somebody, all as pins, and one. */
import type { DirectoryRoutes } from "../directory/store-record.ts";
import type { Content } from "./answers.ts";
import type { Parameter } from "./parameters.ts";
import type { JsonSchema, SchemaBook } from "./schemas.ts";
import { businessJsonLd } from "../directory/json-ld.ts";
import { PIN_MEMBERS } from "../directory/store-record.ts";
import { required } from "../config/required.ts";
import { responsesOf } from "./answers.ts";
import { itemProperties } from "./fields.ts";
import { localBusiness } from "./json-ld.ts";
import { IF_NONE_MATCH, pathParameter } from "./parameters.ts";
import { sampleOf } from "./samples.ts";
import { objectOf, orNull } from "./schemas.ts";
import { storesParameters } from "./store-parameters.ts";

type Members = Readonly<Record<string, JsonSchema>>;
type Shown = Readonly<Record<string, unknown>>;

const INSTANT = { type: "string", format: "date-time" };
const AS_OF = { as_of: { ...INSTANT, description: "Only while Partoo can't be reached: what is known is of then." } };
const OPEN_SAMPLE = { now: true, until: "2026-11-23T19:30:00+01:00", next_change: "2026-11-23T19:30:00+01:00", today: ["09:00-19:30"] };
/** A Monday, in the week of the sample. */
const SAMPLE_INSTANT = Date.UTC(2026, 10, 23);

/** @returns operations by path */
export function storePaths(routes: DirectoryRoutes, book: SchemaBook): Readonly<Record<string, object>> {
  const reference = required(Object.values(routes.single.endpoint.path)[0], "path");
  const one = { ...pathParameter("store", reference), description: "The store's id, or c- and its code." };
  return {
    "/stores": {
      get: operation("storesNear", "Stores: nearest, found, open now", storesParameters(routes), {
        "application/json": list(routes, book),
      }),
    },
    "/stores/all": { get: operation("storesAll", "All stores, as pins for a map", [], { "application/json": pins(routes, book) }) },
    "/stores/{store}": { get: operation("storeById", "One store, also for search engines", [one], single(routes, book)) },
  };
}

function operation(operationId: string, summary: string, parameters: readonly Parameter[], content: Content): object {
  const responses = responsesOf(`${summary}.`, content, { asksPartoo: false });
  return { operationId, summary, parameters: [...parameters, IF_NONE_MATCH], responses };
}

function list({ search }: DirectoryRoutes, book: SchemaBook): Content[string] {
  const shown = storeMembers(itemProperties(search, book));
  const showsDistance = showsPlace(search.selection.fields);
  const distance = showsDistance ? { distance_m: { type: "integer", description: "Metres from near, when it was asked." } } : {};
  const showsHours = search.selection.fields.includes("open_hours");
  const store = objectOf({ ...shown, ...distance, open: openSchema(showsHours, book) }, [...idOf(shown), "open"]);
  const members = {
    stores: { type: "array", items: book.name(store, "Store") },
    page: { type: "integer" },
    count: { type: "integer", description: "How many there are on all pages." },
    widened_to_m: { type: "integer", description: "Nothing was within radius: what is within this many metres." },
    ...AS_OF,
  };
  const stores = samples({ search }).map((sample, at) => ({
    ...sample,
    ...(showsDistance ? { distance_m: 640 + 1210 * at } : {}),
    open: openSample(showsHours),
  }));
  return {
    schema: book.name(objectOf(members, ["stores", "page", "count"]), "StoreList"),
    example: { stores, page: 1, count: stores.length },
  };
}

function pins({ search }: DirectoryRoutes, book: SchemaBook): Content[string] {
  const shown = pinned(storeMembers(itemProperties(search, book)));
  const open = { type: ["boolean", "null"], description: "null: it can't be told." };
  const pin = book.name(objectOf({ ...shown, open }, [...idOf(shown), "open"]), "StorePin");
  const members = { stores: { type: "array", items: pin }, count: { type: "integer" }, ...AS_OF };
  const stores = samples({ search }).map((sample) => ({ ...pinned(sample), open: true }));
  return { schema: book.name(objectOf(members, ["stores", "count"]), "StorePins"), example: { stores, count: stores.length } };
}

function pinned<Member>(members: Readonly<Record<string, Member>>): Readonly<Record<string, Member>> {
  return Object.fromEntries(Object.entries(members).filter(([name]) => PIN_MEMBERS.has(name)));
}

function single({ search, single: route }: DirectoryRoutes, book: SchemaBook): Content {
  const shown = storeMembers(itemProperties(route, book));
  const showsHours = search.selection.fields.includes("open_hours");
  const store = objectOf({ ...shown, open: openSchema(showsHours, book), ...AS_OF }, [...idOf(shown), "open"]);
  const sample = route.shape(sampleOf(route)) as Shown;
  const jsonLd = JSON.parse(businessJsonLd(sample, SAMPLE_INSTANT)) as unknown;
  return {
    "application/json": { schema: book.name(store, "StoreDetail"), example: { ...sample, open: openSample(showsHours) } },
    "application/ld+json": { schema: localBusiness(route.selection.fields, book), example: jsonLd },
  };
}

/** A store always has an id: one without is in no directory. */
function storeMembers(shown: Members): Members {
  return shown["id"] === undefined ? shown : { ...shown, id: { ...shown["id"], type: "string" } };
}

function idOf(shown: Members): readonly string[] {
  return shown["id"] === undefined ? [] : ["id"];
}

function showsPlace(fields: readonly string[]): boolean {
  return fields.includes("lat") && fields.includes("long");
}

/** null where it can't be told. @param showsHours whether the key may show the hours themselves */
function openSchema(showsHours: boolean, book: SchemaBook): JsonSchema {
  const today = { type: "array", items: { type: "string" }, description: "Windows that begin today, HH:MM-HH:MM, local time." };
  const members = {
    now: { type: "boolean" },
    until: orNull({ ...INSTANT, description: "When it closes, local time; null when it is closed." }),
    next_change: orNull({ ...INSTANT, description: "When it closes or opens next; null when that is not within a year." }),
    ...(showsHours ? { today } : {}),
  };
  const open = book.name(objectOf(members, Object.keys(members)), "Open");
  return { ...orNull(open), description: "null: it can't be told." };
}

function openSample(showsHours: boolean): object {
  const { today, ...rest } = OPEN_SAMPLE;
  return showsHours ? { ...rest, today } : rest;
}

function samples({ search }: Pick<DirectoryRoutes, "search">): readonly Shown[] {
  return (search.shape(sampleOf(search)) as { readonly businesses: readonly Shown[] }).businesses;
}
