/** The way out of a refusal below `stores`: the line that offers the directory, the field that a filter needs, or why there is none. */
import type { Locator } from "../config/locate.ts";
import type { Frontend, Route } from "../policy.ts";
import type { Change, Suggestion } from "./suggestion.ts";
import { routesOf } from "../directory/store-record.ts";
import { createStoresRequestReader } from "../directory/stores-request.ts";
import { filtersNotApplied } from "../directory/visibility.ts";
import { BUSINESS_BY_ID, BUSINESS_SEARCH } from "../partoo/business.ts";
import { nest } from "./yaml.ts";

const CUSTOM = "custom.";

interface RefusedStores {
  readonly locate: Locator;
  readonly frontend: Frontend;
  /** Segments of the path after `stores`. */
  readonly below: readonly string[];
  readonly query: URLSearchParams;
}

export function suggestStores(refused: RefusedStores): Suggestion {
  const { frontend, below } = refused;
  if (below.length > 1 || below[0] === "") {
    return { at: frontend.where, changes: [], note: "Below stores there are all, ids and c-codes, and nothing below those." };
  }
  return frontend.stores ? showFilter(refused) : offerStores(refused);
}

function offerStores({ locate, frontend: { name, key } }: RefusedStores): Suggestion {
  const at = locate.frontend(name, "stores");
  const offered: Change = { file: at.file, yaml: "stores: true" };
  const routes = routesOf(key);
  const allow = ["keys", key.name, "allow"];
  if (routes === undefined) {
    const missing = [BUSINESS_SEARCH, BUSINESS_BY_ID].filter(({ template }) => key.routes.every((route) => route.template !== template));
    const names = missing.map(({ template }) => `GET ${template}`).join(" and ");
    const note = `The directory shows what GET ${BUSINESS_SEARCH.template} and GET ${BUSINESS_BY_ID.template} may show. Allow ${names} for ${key.name} first, then write stores: true in ${at.file}.`;
    return { at: locate.bff(...allow), changes: [], note };
  }
  const unknown = filtersNotApplied(routes.search.force.keys());
  if (unknown.length > 0) {
    const note = `The search of ${key.name} forces ${unknown.join(", ")}, by which the directory can't tell stores apart: no stores: true with it.`;
    return { at: locate.bff(...allow, `GET ${BUSINESS_SEARCH.template}`, "force"), changes: [], note };
  }
  if (key.sweep) return { at, changes: [offered] };
  const held = locate.bff("keys", key.name, "sweep");
  return {
    at: held,
    changes: [{ file: held.file, yaml: nest(["keys", key.name], ["sweep: true"]) }, offered],
    note: "The directory needs all stores: they are read at start and every fresh, 100 a call, and what changed once a minute.",
  };
}

/** Only what the search shows can be filtered by. */
function showFilter({ locate, frontend: { name: frontend, key }, below, query }: RefusedStores): Suggestion {
  const routes = routesOf(key);
  const { search } = routes ?? {};
  if (routes === undefined || search === undefined) throw new TypeError(`the key ${key.name} shows no stores`);
  const path = ["keys", key.name, "allow", `GET ${search.template}`];
  const at = locate.frontend(frontend, "stores");
  if (below.length > 0)
    return { at, changes: [], note: "Only the list takes parameters; a store is named by its id, or by c- and its code." };
  const { parameters } = createStoresRequestReader(routes);
  const unknown = [...new Set(query.keys())].filter((name) => !parameters.has(name));
  if (unknown.length === 0) return { at, changes: [], note: "No configuration changes which values the directory takes." };
  const lines = unknown.every((name) => name === "category" || isCustom(name)) ? shownLines(search, unknown) : [];
  if (lines.length === 0) return { at, changes: [], note: `The directory takes ${[...parameters].join(", ")}.` };
  const { file, ...place } = locate.bff(...path, unknown.includes("category") ? "fields" : "custom_fields");
  return { at: { file, ...place }, changes: [{ file, yaml: nest(path, lines) }], note: "Only what the search shows can be filtered by." };
}

function shownLines({ selection: { fields, customFields } }: Route, filters: readonly string[]): readonly string[] {
  const custom = filters.filter(isCustom).map((name) => name.slice(CUSTOM.length));
  return [
    ...(filters.includes("category") ? [`fields: [${[...fields, "categories"].join(", ")}]`] : []),
    ...(custom.length === 0 ? [] : [`custom_fields: [${[...customFields, ...custom].map((name) => JSON.stringify(name)).join(", ")}]`]),
  ];
}

function isCustom(name: string): boolean {
  return name.startsWith(CUSTOM) && name.length > CUSTOM.length;
}
