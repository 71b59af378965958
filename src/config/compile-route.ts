/** Compiles one route of a key: its segments, parameters, forced values, fields and lifetimes. */
import type { Endpoint, ParameterSchema } from "../partoo/endpoint.ts";
import type { Lifetimes, ParameterReader, QueryParameter, Route, TemplateSegment } from "../policy.ts";
import type { ParameterReaders } from "./parameters.ts";
import type { Place } from "./place.ts";
import type { RouteFile } from "./schema.ts";
import { findEndpoint, literalSegmentsAt } from "../partoo/catalogue.ts";
import { compileShaper } from "../shape/shaper.ts";
import * as defaults from "./defaults.ts";
import { textOfValue } from "./parameters.ts";
import { required } from "./required.ts";
import { duration } from "./units.ts";

/** How every route begins. */
export const METHOD = "GET ";
/** Characters that never belong into a path segment of Partoo, whatever a schema says. */
const PATH_TRICKS = /[/\\%?#;]/;

/** @param named as written, `GET /business/search` @throws TypeError when it was not checked */
export function compileRoute(file: RouteFile, named: { name: string; place: Place }, readers: ParameterReaders): Route {
  const template = named.name.slice(METHOD.length);
  const endpoint = required(findEndpoint(template), template);
  const selection = { fields: file.fields, customFields: file.custom_fields ?? [] };
  return {
    template,
    endpoint,
    segments: compileSegments(endpoint, readers),
    query: compileQuery(file, endpoint, readers),
    force: compileForce(file, endpoint, readers),
    selection,
    shape: compileShaper(endpoint, selection),
    lifetimes: compileLifetimes(file.cache, endpoint.freshSeconds),
    where: named.place.nameAt,
  };
}

function compileSegments(endpoint: Endpoint, readers: ParameterReaders): readonly TemplateSegment[] {
  return endpoint.template
    .split("/")
    .slice(1)
    .map((segment, position): TemplateSegment => {
      const parameter = /^\{(.+)\}$/.exec(segment)?.[1];
      if (parameter === undefined) return { literal: segment };
      return { parameter, read: pathReader(readers(required(endpoint.path[parameter], parameter)), literalSegmentsAt(position)) };
    });
}

/** A path parameter is never a word that stands at its place in another path of Partoo. */
function pathReader(read: ParameterReader, literals: ReadonlySet<string>): ParameterReader {
  const lower = new Set([...literals].map((literal) => literal.toLowerCase()));
  return (text) => {
    if (text === "." || text === ".." || PATH_TRICKS.test(text)) return { fault: "must have the form that is asked for" };
    if (lower.has(text.toLowerCase())) return { fault: "must not be the name of another endpoint" };
    return read(text);
  };
}

function compileQuery(file: RouteFile, endpoint: Endpoint, readers: ParameterReaders): ReadonlyMap<string, QueryParameter> {
  const query = new Map<string, QueryParameter>();
  for (const [name, narrowing] of Object.entries(file.query ?? {})) {
    const schema = required(endpoint.query[name], name);
    const read = readers(schema, narrowing);
    const fallback = narrowing.default === undefined ? {} : { default: canonicalOf(narrowing.default, schema, read) };
    query.set(name, { name, read, narrowing, ...fallback });
  }
  return query;
}

function compileForce(file: RouteFile, endpoint: Endpoint, readers: ParameterReaders): ReadonlyMap<string, string> {
  const force = new Map<string, string>();
  for (const [name, value] of Object.entries(file.force ?? {})) {
    const schema = required(endpoint.query[name], name);
    force.set(name, canonicalOf(value, schema, readers(schema)));
  }
  return force;
}

function canonicalOf(value: unknown, schema: ParameterSchema, read: ParameterReader): string {
  const written = textOfValue(value, schema);
  const result = "fault" in written ? written : read(written.text);
  if ("fault" in result) throw new TypeError(`a value ${result.fault}`);
  return result.canonical;
}

function compileLifetimes(cache: RouteFile["cache"], freshSeconds: number): Lifetimes {
  const times = typeof cache === "number" ? { fresh: cache } : (cache ?? { fresh: freshSeconds });
  return {
    freshSeconds: times.fresh,
    staleSeconds: ("stale" in times ? times.stale : undefined) ?? duration.parse(defaults.DEFAULT_STALE),
    browserSeconds: ("browser" in times ? times.browser : undefined) ?? duration.parse(defaults.DEFAULT_BROWSER),
    ignoreUpstream: "upstream" in times && times.upstream === "ignore",
  };
}
