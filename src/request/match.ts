/** Stages d and e: the frontend's route for a path, then its parameters, checked and in canonical form. */
import type { Frontend, QueryParameter, Route, TemplateSegment } from "../policy.ts";
import { distance } from "fastest-levenshtein";
import { literalSegmentsAt } from "../partoo/catalogue.ts";
import { problem } from "../problem.ts";
import { decodeUtf8 } from "./path.ts";

/** Between the frontend's name and Partoo's own path, as in Partoo's documentation. */
const API_VERSION_SEGMENT = "v2";
const MAX_NAMES_LISTED = 8;
const MAX_NAME_LENGTH = 40;

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
  const sent = query === "" ? NO_PAIRS : readPairs(query, route);
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

/** One page of all stores, whatever a route may be asked for: what is seen is shaped by each route before anything is kept. */
export function sweepMatch(route: Route, page: number): RouteMatch {
  const query = new Map([
    ["page", String(page)],
    ["per_page", String(SWEEP_PAGE_SIZE)],
    ["status", EVERY_STATUS],
  ]);
  return { route, target: route.template + canonicalQuery(query), sentNames: [] } as unknown as RouteMatch;
}

/** One business by its id. @param route of a single business @param businessId Partoo's own: 24 hexadecimal digits */
export function businessMatch(route: Route, businessId: string): RouteMatch {
  return { route, target: `/business/${businessId}`, sentNames: [] } as unknown as RouteMatch;
}

const NO_PAIRS: ReadonlyMap<string, string> = new Map();

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

/** Splits a query and decodes each part once; every name must be known, free and unrepeated. */
function readPairs(query: string, route: Route): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  const unknown: string[] = [];
  const invalid: string[] = [];
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = decodePart(equals === -1 ? pair : pair.slice(0, equals));
    const text = decodePart(equals === -1 ? "" : pair.slice(equals + 1));
    if (name !== undefined && route.force.has(name)) invalid.push(`${name} is set by this proxy`);
    else if (name === undefined || !route.query.has(name)) unknown.push(name ?? "");
    else if (pairs.has(name)) invalid.push(`${name} is repeated`);
    else if (text === undefined) invalid.push(`${name} is not valid UTF-8`);
    else pairs.set(name, text);
  }
  if (unknown.length > 0) throw problem("parameter-unknown", { detail: unknownDetail(unknown, route) });
  if (invalid.length > 0) throw problem("parameter-invalid", { detail: `${invalid.slice(0, MAX_NAMES_LISTED).join("; ")}.` });
  return pairs;
}

/** application/x-www-form-urlencoded: "+" is a space. */
function decodePart(raw: string): string | undefined {
  if (!raw.includes("%") && !raw.includes("+")) return raw;
  return decodeUtf8(raw.replaceAll("+", " "));
}

function unknownDetail(unknown: readonly string[], route: Route): string {
  const allowed = [...route.query.keys()];
  const listed = unknown.slice(0, MAX_NAMES_LISTED).map((name) => {
    const shown = name.replaceAll(/[^\w.-]/g, "?").slice(0, MAX_NAME_LENGTH) || "(no name)";
    const nearest = allowed.find((candidate) => distance(candidate, shown) <= 2);
    return nearest === undefined ? shown : `${shown} (did you mean ${nearest}?)`;
  });
  return `Not known here: ${listed.join(", ")}. Allowed: ${allowed.join(", ") || "none"}.`;
}

function canonicalQuery(values: ReadonlyMap<string, string>): string {
  if (values.size === 0) return "";
  const names = [...values.keys()].toSorted();
  return `?${names.map((name) => `${name}=${encodeURIComponent(values.get(name) ?? "")}`).join("&")}`;
}
