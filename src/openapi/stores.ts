/** The directory as operations: stores near somebody, all as pins, and one. */
import type { DirectoryRoutes } from "../directory/store-record.ts";
import type { Frontend, Route } from "../policy.ts";
import type { Content } from "./answers.ts";
import type { Parameter } from "./parameters.ts";
import type { Members, SchemaBook } from "./schemas.ts";
import type { Telling } from "./store-members.ts";
import { required } from "../config/required.ts";
import { businessJsonLd } from "../directory/json-ld.ts";
import { PIN_MEMBERS, routesOf } from "../directory/store-record.ts";
import { responsesOf } from "./answers.ts";
import { localBusiness } from "./json-ld.ts";
import { IF_NONE_MATCH, pathParameter } from "./parameters.ts";
import { sampleOf } from "./samples.ts";
import { objectOf } from "./schemas.ts";
import { alwaysThere, figuresOf, madeMembers, madeSample, storeMembers } from "./store-members.ts";
import { storesParameters } from "./store-parameters.ts";

type Shown = Readonly<Record<string, unknown>>;

const INTEGER = { type: "integer" };
const AS_OF = {
  as_of: { type: "string", format: "date-time", description: "Only while Partoo can't be reached: what is known is of then." },
};
/** A Monday, in the week of the sample. */
const SAMPLE_INSTANT = Date.UTC(2026, 10, 23);

/** @returns operations by path; none when the key shows no stores */
export function storePaths(frontend: Frontend, book: SchemaBook): Readonly<Record<string, object>> {
  const { key } = frontend;
  const routes = routesOf(key);
  if (routes === undefined) return {};
  const shown = { ...routes, key };
  const reference = required(Object.values(routes.single.endpoint.path)[0], "path");
  const one = { ...pathParameter("store", reference), description: "The store's id, or c- and its code." };
  const operation = operationsOf(frontend);
  return {
    "/stores": {
      get: operation("storesNear", "Stores: nearest, found, open now", storesParameters(routes), {
        "application/json": list(shown, book),
      }),
    },
    "/stores/all": { get: operation("storesAll", "All stores, as pins for a map", [], { "application/json": pins(routes, book) }) },
    "/stores/{store}": { get: operation("storeById", "One store, also for search engines", [one], single(shown, book)) },
  };
}

type Operation = (operationId: string, summary: string, parameters: readonly Parameter[], content: Content) => object;

function operationsOf(frontend: Frontend): Operation {
  return (operationId, summary, parameters, content) => {
    const responses = responsesOf(`${summary}.`, content, { frontend, asksPartoo: false });
    return { operationId, summary, parameters: [...parameters, IF_NONE_MATCH], responses };
  };
}

function list({ key, search }: Telling, book: SchemaBook): Content[string] {
  const showsDistance = ["lat", "long"].every((name) => search.selection.fields.includes(name));
  const distance = showsDistance ? { distance_m: { ...INTEGER, description: "Metres from near, when it was asked." } } : {};
  const store = { ...storeMembers(search, book), ...distance, ...madeMembers({ key, search }, book) };
  const members = {
    stores: { type: "array", items: book.name(objectOf(store, alwaysThere(store)), "Store") },
    page: INTEGER,
    count: { ...INTEGER, description: "How many there are on all pages." },
    widened_to_m: { ...INTEGER, description: "Nothing was within radius: what is within this many metres." },
    ...AS_OF,
  };
  const stores = samples(search).map((sample, at) => ({
    ...sample,
    ...(showsDistance ? { distance_m: 640 + 1210 * at } : {}),
    ...madeSample({ key, search }),
  }));
  return {
    schema: book.name(objectOf(members, ["stores", "page", "count"]), "StoreList"),
    example: { stores, page: 1, count: stores.length },
  };
}

function pins({ search }: DirectoryRoutes, book: SchemaBook): Content[string] {
  const open = { type: ["boolean", "null"], description: "null: it can't be told." };
  const pin = { ...pinned(storeMembers(search, book)), open };
  const items = book.name(objectOf(pin, alwaysThere(pin)), "StorePin");
  const members = { stores: { type: "array", items }, count: INTEGER, ...AS_OF };
  const stores = samples(search).map((sample) => ({ ...pinned(sample), open: true }));
  return { schema: book.name(objectOf(members, ["stores", "count"]), "StorePins"), example: { stores, count: stores.length } };
}

function pinned<Member>(members: Readonly<Record<string, Member>>): Readonly<Record<string, Member>> {
  return Object.fromEntries(Object.entries(members).filter(([name]) => PIN_MEMBERS.has(name)));
}

function single({ key, search, single: route }: DirectoryRoutes & Telling, book: SchemaBook): Content {
  const store: Members = { ...storeMembers(route, book), ...madeMembers({ key, search }, book), ...AS_OF };
  const sample = { ...(route.shape(sampleOf(route)) as Shown), ...madeSample({ key, search }) };
  const jsonLd = JSON.parse(businessJsonLd(sample, SAMPLE_INSTANT)) as unknown;
  return {
    "application/json": { schema: book.name(objectOf(store, alwaysThere(store)), "StoreDetail"), example: sample },
    "application/ld+json": {
      schema: localBusiness({ fields: route.selection.fields, isRated: figuresOf(key).size === 2 }, book),
      example: jsonLd,
    },
  };
}

function samples(search: Route): readonly Shown[] {
  return (search.shape(sampleOf(search)) as { readonly businesses: readonly Shown[] }).businesses;
}
