/** What a caller asks of the directory: path and query parameters, read as strictly as those of Partoo's own routes. */
import type { Bounds } from "./geo-index.ts";
import type { Position } from "./position.ts";
import type { DirectoryRoutes } from "./store-record.ts";
import type { StoreQuery } from "./find-stores.ts";
import { problem } from "../problem.ts";
import { readPairs } from "../request/query-pairs.ts";
import { FURTHEST_METRES, roundDegrees, roundOutwards } from "./position.ts";
import { facetText } from "./store-record.ts";

const DEGREES = /^[+-]?\d{1,3}(\.\d{1,20})?$/;
const INTEGER = /^\d{1,10}$/;
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
export const CATEGORY = /^gcid:[A-Za-z0-9_-]{1,80}$/;
/** Characters of `q`. */
export const MAX_TEXT = 100;
/** Characters of a custom field's value. */
export const MAX_VALUE = 200;
export const MAX_CATEGORIES = 10;
export const MAX_LIMIT = 100;
export const DEFAULT_LIMIT = 10;
/** Further pages cost more than they are worth: a list is narrowed, or read whole from /stores/all. */
export const LAST_STORE = 1000;

export type StoresRequest = { readonly sentNames: readonly string[] } & (
  | { readonly kind: "list"; readonly query: StoreQuery }
  | { readonly kind: "all" }
  /** An id, or `c-` and a code. */
  | { readonly kind: "one"; readonly name: string }
);

/** Of every list. */
const PARAMETERS = ["near", "radius", "bounds", "q", "open_now", "limit", "page"];
const PLACE_MEMBERS = ["lat", "long"];
/** They tell where a store is, as exactly as one likes to ask. `near` tells an order. */
const NARROWING_PLACES: ReadonlySet<string> = new Set(["radius", "bounds"]);
const CATEGORY_PARAMETER = "category";
/** Names of ours that a list may be asked with; `custom.<Name>` besides, by the configuration. */
export const STORES_PARAMETERS: ReadonlySet<string> = new Set([...PARAMETERS, CATEGORY_PARAMETER]);

/** A parameter's value, or what is wrong with it: said after its name, and never with the value. */
type Reading<Value> = { readonly value: Value } | { readonly fault: string };

export interface StoresRequestReader {
  /** Names of the query parameters of a list. */
  readonly parameters: ReadonlySet<string>;
  /**
   * @param name decoded, what follows `stores`: nothing, `all`, or what a store is called
   * @param query raw, without "?"
   * @throws Problem parameter-unknown, parameter-invalid
   */
  read(name: string | undefined, query: string): StoresRequest;
}

/** Only what the key's search shows can be filtered by: a filter tells what it looks at. */
export function createStoresRequestReader({ search, single }: DirectoryRoutes): StoresRequestReader {
  const { fields, customFields } = search.selection;
  const showsPlaces = PLACE_MEMBERS.every((name) => fields.includes(name));
  const parameters: ReadonlySet<string> = new Set([
    ...PARAMETERS.filter((name) => showsPlaces || !NARROWING_PLACES.has(name)),
    ...(fields.includes("categories") ? [CATEGORY_PARAMETER] : []),
    ...customFields.map((name) => `custom.${name}`),
  ]);
  const readName = (name: string): string => {
    const segment = single.segments.at(-1);
    const result = segment !== undefined && "parameter" in segment ? segment.read(name) : { fault: "is no business" };
    if ("fault" in result) throw problem("parameter-invalid", { detail: `The store's name ${result.fault}.` });
    return result.canonical;
  };
  return {
    parameters,
    read(name, query) {
      const sent = readPairs(query, { allowed: name === undefined ? parameters : new Set() });
      const sentNames = [...sent.keys()];
      if (name === undefined) return { kind: "list", query: readList(sent), sentNames };
      return name === "all" ? { kind: "all", sentNames } : { kind: "one", name: readName(name), sentNames };
    },
  };
}

function readList(sent: ReadonlyMap<string, string>): StoreQuery {
  const faults: string[] = [];
  const read = <Value>(name: string, reader: (text: string) => Reading<Value>): Value | undefined => {
    const text = sent.get(name);
    if (text === undefined) return undefined;
    const reading = reader(text);
    if ("value" in reading) return reading.value;
    faults.push(`${name} ${reading.fault}`);
    return undefined;
  };
  const limit = read("limit", integer(1, MAX_LIMIT)) ?? DEFAULT_LIMIT;
  const lastPage = Math.floor(LAST_STORE / limit);
  const all = {
    near: read("near", readNear),
    radius: read("radius", integer(1, FURTHEST_METRES, " metres")),
    bounds: read("bounds", readBounds),
    q: read("q", words(MAX_TEXT)),
    openNow: read("open_now", readFlag) ?? false,
    facets: readFacets(sent, read),
    limit,
    page: read("page", integer(1, lastPage, ` here: pages end after ${LAST_STORE} stores`)) ?? 1,
  };
  if (sent.has("radius") && !sent.has("near")) faults.push("radius needs near");
  if (faults.length > 0) throw problem("parameter-invalid", { detail: `${faults.join("; ")}.` });
  const { near, radius, bounds, q, ...rest } = all;
  return {
    ...rest,
    ...(near === undefined ? {} : { near }),
    ...(radius === undefined ? {} : { radius }),
    ...(bounds === undefined ? {} : { bounds }),
    ...(q === undefined ? {} : { q }),
  };
}

type Read = <Value>(name: string, reader: (text: string) => Reading<Value>) => Value | undefined;

function readFacets(sent: ReadonlyMap<string, string>, read: Read): readonly (readonly string[])[] {
  const category = read(CATEGORY_PARAMETER, readCategories);
  const custom = [...sent.keys()]
    .filter((name) => name.startsWith("custom."))
    .toSorted()
    .flatMap((name) => {
      const value = read(name, words(MAX_VALUE));
      return value === undefined ? [] : [[facetText(name, value)]];
    });
  return category === undefined ? custom : [category.map((value) => facetText("category", value)), ...custom];
}

function readNear(text: string): Reading<Position> {
  const numbers = readDegrees(text, 2);
  if (numbers === undefined) return { fault: "must be a latitude and a longitude in degrees, as in 48.86,2.35" };
  const [lat, lon] = numbers as [number, number];
  if (Math.abs(lat) <= 90 && Math.abs(lon) <= 180) return { value: { lat: roundDegrees(lat), lon: roundDegrees(lon) } };
  if (Math.abs(lat) <= 180 && Math.abs(lon) <= 90) return { fault: "is latitude,longitude: the two look swapped" };
  return { fault: "must be a latitude from -90 to 90 and a longitude from -180 to 180" };
}

function readBounds(text: string): Reading<Bounds> {
  const numbers = readDegrees(text, 4);
  if (numbers === undefined) return { fault: "must be west,south,east,north in degrees, as in 2.2,48.8,2.5,48.9" };
  const [west, south, east, north] = numbers as [number, number, number, number];
  if (Math.abs(west) > 180 || Math.abs(east) > 180) return { fault: "must have a west and an east from -180 to 180" };
  if (Math.abs(south) > 90 || Math.abs(north) > 90) return { fault: "must have a south and a north from -90 to 90" };
  if (south > north) return { fault: "is west,south,east,north: south lies above north" };
  return {
    value: {
      west: roundOutwards(west, -180),
      south: roundOutwards(south, -90),
      east: roundOutwards(east, 180),
      north: roundOutwards(north, 90),
    },
  };
}

function readDegrees(text: string, count: number): readonly number[] | undefined {
  const parts = text.split(",", count + 1).map((part) => part.trim());
  return parts.length === count && parts.every((part) => DEGREES.test(part)) ? parts.map(Number) : undefined;
}

function readFlag(text: string): Reading<boolean> {
  return text === "true" || text === "false" ? { value: text === "true" } : { fault: "must be true or false" };
}

function readCategories(text: string): Reading<readonly string[]> {
  const values = text.split(",", MAX_CATEGORIES + 1);
  if (values.length > MAX_CATEGORIES) return { fault: `must have at most ${MAX_CATEGORIES} values` };
  if (!values.every((value) => CATEGORY.test(value))) return { fault: "must be Google categories, as in gcid:bakery" };
  return { value: [...new Set(values)].toSorted() };
}

function integer(minimum: number, maximum: number, unit = ""): (text: string) => Reading<number> {
  return (text) => {
    const value = INTEGER.test(text) ? Number(text) : NaN;
    return value >= minimum && value <= maximum ? { value } : { fault: `must be a whole number from ${minimum} to ${maximum}${unit}` };
  };
}

function words(maximum: number): (value: string) => Reading<string> {
  return (value) => {
    // Code points, as everywhere else.
    const { length } = Array.from(value.trim());
    if (length < 1 || length > maximum) return { fault: `must have 1 to ${maximum} characters` };
    return CONTROL.test(value) ? { fault: "must be without control characters" } : { value: value.trim() };
  };
}
