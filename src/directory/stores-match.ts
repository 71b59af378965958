/** Stages d and e of the directory: `GET /{frontend}/stores…`, as far as a frontend offers it. */
import Negotiator from "negotiator";
import type { Frontend, KeyPolicy } from "../policy.ts";
import type { StoresRequest, StoresRequestReader } from "./stores-request.ts";
import { REVIEW_METRICS } from "../partoo/reviews.ts";
import { problem } from "../problem.ts";
import { routesOf } from "./store-record.ts";
import { createStoresRequestReader } from "./stores-request.ts";

/** After the frontend's name. No route of Partoo's is reached by it: those follow `v2`. */
export const STORES_SEGMENT = "stores";
const JSON_LD = "application/ld+json";

/** What is asked of the directory, checked and in canonical form. */
export interface StoresMatch {
  readonly request: StoresRequest;
  /** Of one store: in the words of schema.org. */
  readonly form?: "json-ld";
  /** Whether the frontend may be asked for the figures that ratings are. */
  readonly showsRatings: boolean;
  /** As documentation, log and metrics name it. */
  readonly template: "/stores" | "/stores/all" | "/stores/{store}";
  /** Names of the query parameters that the caller sent. */
  readonly sentNames: readonly string[];
}

const TEMPLATES = { list: "/stores", all: "/stores/all", one: "/stores/{store}" } as const;

/** The template that segments after `stores` have the form of; undefined: none. Nothing is decided by it. */
export function templateOfStores([name, ...rest]: readonly string[]): StoresMatch["template"] | undefined {
  if (name === undefined) return TEMPLATES.list;
  if (rest.length > 0 || name === "") return undefined;
  return name === "all" ? TEMPLATES.all : TEMPLATES.one;
}

/**
 * Whether a path belongs to the directory that a frontend offers.
 * @param path decoded segments, the frontend's name first
 * @throws Problem route-not-allowed
 */
export function isOfStores({ stores }: Frontend, [, first, name, ...rest]: readonly string[]): boolean {
  if (!stores || first !== STORES_SEGMENT) return false;
  if (rest.length === 0 && name !== "") return true;
  throw problem("route-not-allowed", { detail: "Below stores there are all, ids and c-codes." });
}

/**
 * @param path of the directory
 * @param accept the request's field; empty when it has none
 * @throws Problem parameter-unknown, parameter-invalid
 */
export function readStores(frontend: Frontend, path: readonly string[], query: string, accept: string): StoresMatch {
  const request = readerOf(frontend.key).read(path[2], query);
  const isJsonLd = request.kind === "one" && prefersJsonLd(accept);
  const { kind, sentNames } = request;
  const form = isJsonLd ? ({ form: "json-ld" } as const) : {};
  return { request, ...form, showsRatings: mayShowRatings(frontend), template: TEMPLATES[kind], sentNames };
}

/** Whether the frontend may be asked for the figures that ratings are. */
export function mayShowRatings({ routes }: Pick<Frontend, "routes">): boolean {
  return routes.some(({ template }) => template === REVIEW_METRICS.template);
}

const readers = new WeakMap<KeyPolicy, StoresRequestReader>();

function readerOf(key: KeyPolicy): StoresRequestReader {
  let reader = readers.get(key);
  if (reader === undefined) {
    const routes = routesOf(key);
    if (routes === undefined) throw new TypeError(`the key ${key.name} shows no stores`);
    readers.set(key, (reader = createStoresRequestReader(routes)));
  }
  return reader;
}

function prefersJsonLd(accept: string): boolean {
  if (!accept.includes("ld+json")) return false;
  return new Negotiator({ headers: { accept } }).mediaType(["application/json", JSON_LD]) === JSON_LD;
}
