/** Stages d and e: the frontend's route for a path, then its parameters, checked and in canonical form. */
import type { RatingsSource } from "../directory/ratings-source.ts";
import type { Frontend, QueryParameter, Route, TemplateSegment } from "../policy.ts";
import { literalSegmentsAt } from "../partoo/catalogue.ts";
import { problem } from "../problem.ts";
import { readPairs } from "./query-pairs.ts";

/** Between the frontend's name and Partoo's own path, as in Partoo's documentation. */
const API_VERSION_SEGMENT = "v2";

/** A route that a path belongs to; its parameters are not checked yet. */
export interface MatchedRoute {
  readonly route: Route;
  /** Decoded path segments after `v2`, as many as the template has. */
  readonly segments: readonly string[];
}

declare const validated: unique symbol;

/** A call that may be made: the only value that `upstream.send()` accepts, and only `readParameters()` makes one. */
export interface RouteMatch {
  readonly [validated]: true;
  readonly route: Route;
  /** Path and query for upstream after its base, rebuilt from the template: `/business/search?city=Paris&per_page=50`. */
  readonly target: string;
  /** Names of the query parameters that the caller sent, for the log. */
  readonly sentNames: readonly string[];
}

/**
 * Finds the route. A literal segment that any endpoint of Partoo has at a position never fills a parameter there.
 * @param path decoded segments, the frontend's name first
 * @throws Problem route-not-allowed
 */
export function matchRoute(frontend: Frontend, path: readonly string[]): MatchedRoute {
  if (path[1] === API_VERSION_SEGMENT) {
    const segments = path.slice(2);
    for (const route of frontend.routes) if (fits(route.segments, segments)) return { route, segments };
  }
  throw problem("route-not-allowed", { detail: `The frontend ${frontend.name} has no such route.` });
}

function fits(template: readonly TemplateSegment[], segments: readonly string[]): boolean {
  if (template.length !== segments.length) return false;
  return template.every((expected, position) => {
    const segment = segments[position] ?? "";
    if ("literal" in expected) return segment === expected.literal;
    return segment !== "" && !literalSegmentsAt(position).has(segment);
  });
}

/**
 * Checks path and query parameters, adds defaults and forced values, and rebuilds the target with sorted names.
 * @param query raw, without "?"
 * @throws Problem parameter-unknown, parameter-invalid
 */
export function readParameters(match: MatchedRoute, query: string): RouteMatch {
  const { route } = match;
  const path = readPath(match);
  const sent = readPairs(query, { allowed: route.query, forced: route.force });
  const values = new Map<string, string>();
  const invalid: string[] = [];
  for (const [name, text] of sent) {
    const result = (route.query.get(name) as QueryParameter).read(text);
    if ("fault" in result) invalid.push(`${name} ${result.fault}`);
    else values.set(name, result.canonical);
  }
  if (invalid.length > 0) throw problem("parameter-invalid", { detail: `${invalid.join("; ")}.` });
  for (const { name, default: fallback } of route.query.values()) {
    if (fallback !== undefined && !values.has(name)) values.set(name, fallback);
  }
  for (const [name, value] of route.force) values.set(name, value);
  const missing = (route.endpoint.requiredQuery ?? []).filter((name) => !values.has(name));
  if (missing.length > 0) throw problem("parameter-invalid", { detail: `${missing.join(", ")} must be given.` });
  return { route, target: path + canonicalQuery(values), sentNames: [...sent.keys()] } as unknown as RouteMatch;
}

/** Every state a store may have, so that a sweep leaves none out. */
const EVERY_STATUS = "closed,open,opening_soon,temporarily_closed";
export const SWEEP_PAGE_SIZE = 100;

/**
 * One page of all stores, whatever a route may be asked for: what is seen is shaped by each route before anything is kept.
 * @param changedSince only those changed since, Unix seconds (partoo reference §6, modified__gte)
 */
export function sweepMatch(route: Route, page: number, changedSince?: number): RouteMatch {
  const query = new Map([
    ["page", String(page)],
    ["per_page", String(SWEEP_PAGE_SIZE)],
    ["status", EVERY_STATUS],
    ...(changedSince === undefined ? [] : [["modified__gte", String(changedSince)] as const]),
  ]);
  return { route, target: route.template + canonicalQuery(query), sentNames: [] } as unknown as RouteMatch;
}

export const RATINGS_PAGE_SIZE = 100;
/** What a route may force and a reading asks for in its own way. */
const ASKED_BY_READING: ReadonlySet<string> = new Set(["metrics", "dimensions", "page", "per_page"]);

/** Which reviews the figures are of, by name. */
export function ratingsFilters({ force }: Route): ReadonlyMap<string, string> {
  return new Map([...force].filter(([name]) => !ASKED_BY_READING.has(name)));
}

/** One page of the figures of all stores, under the filters that the route forces (partoo reference §7). */
export function ratingsMatch({ route, figures }: RatingsSource, page: number): RouteMatch {
  const query = new Map([
    ...ratingsFilters(route),
    ["metrics", figures.join(",")],
    ["dimensions", "business"],
    ["page", String(page)],
    ["per_page", String(RATINGS_PAGE_SIZE)],
  ]);
  return { route, target: route.template + canonicalQuery(query), sentNames: [] } as unknown as RouteMatch;
}

/** One business by its id. @param route of a single business @param businessId Partoo's own: 24 hexadecimal digits */
export function businessMatch(route: Route, businessId: string): RouteMatch {
  return { route, target: `/business/${businessId}`, sentNames: [] } as unknown as RouteMatch;
}

function readPath({ route, segments }: MatchedRoute): string {
  let path = "";
  route.segments.forEach((expected, position) => {
    if ("literal" in expected) {
      path += `/${expected.literal}`;
      return;
    }
    const result = expected.read(segments[position] ?? "");
    if ("fault" in result) throw problem("parameter-invalid", { detail: `${expected.parameter} ${result.fault}.` });
    path += `/${encodeURIComponent(result.canonical)}`;
  });
  return path;
}

function canonicalQuery(values: ReadonlyMap<string, string>): string {
  if (values.size === 0) return "";
  const names = [...values.keys()].toSorted();
  return `?${names.map((name) => `${name}=${encodeURIComponent(values.get(name) ?? "")}`).join("&")}`;
}
