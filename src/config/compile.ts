/** Compiles a checked configuration into the one frozen policy that requests are decided by. */
import type { Endpoint, ParameterSchema } from "../partoo/endpoint.ts";
import type {
  Frontend,
  KeyPolicy,
  Lifetimes,
  Organization,
  ParameterReader,
  Policy,
  QueryParameter,
  Route,
  TemplateSegment,
  WebhookPolicy,
} from "../policy.ts";
import type { ParameterReaders } from "./parameters.ts";
import type { Location } from "./diagnostic.ts";
import type { Place } from "./place.ts";
import type { BffFile, FrontendFile, RouteFile } from "./schema.ts";
import { createHash } from "node:crypto";
import { BUSINESS_BY_ID, BUSINESS_SEARCH } from "../partoo/business.ts";
import { findEndpoint, literalSegmentsAt } from "../partoo/catalogue.ts";
import { compileShaper } from "../shape/shaper.ts";
import * as defaults from "./defaults.ts";
import { deepFreeze } from "./deep-freeze.ts";
import { textOfValue } from "./parameters.ts";
import { member } from "./place.ts";
import { callsPerMinute, duration, percentage, rate } from "./units.ts";

/** A file's typed value and its places. */
interface Checked<Config> {
  readonly config: Config;
  readonly root: Place;
}

/** A configuration without a fault. */
export interface CompileInput {
  readonly bff: Checked<BffFile>;
  /** By name, sorted. */
  readonly frontends: ReadonlyMap<string, Checked<FrontendFile>>;
}

export interface CompileOptions {
  readonly readers: ParameterReaders;
  /** Origins that every frontend takes besides its own. */
  readonly devOrigins?: readonly string[];
}

const VERSION_LENGTH = 12;
/** How every route begins. */
const METHOD = "GET ";
/** Characters that never belong into a path segment of Partoo, whatever a schema says. */
const PATH_TRICKS = /[/\\%?#;]/;

/**
 * The policy of a configuration in which loading found no error.
 * @throws TypeError when it was not checked: a name that leads nowhere, a value that a reader refuses
 */
export function compilePolicy(input: CompileInput, options: CompileOptions): Policy {
  const { bff } = input;
  const organizations = new Map(
    Object.entries(bff.config.organizations).map(([name, file]) => [
      name,
      compileOrganization(name, file, member(member(bff.root, "organizations"), name)),
    ]),
  );
  const keys = new Map<string, KeyPolicy>();
  for (const [name, file] of Object.entries(bff.config.keys)) {
    const place = required(member(member(bff.root, "keys"), name), name);
    const organization = required(organizations.get(file.organization), file.organization);
    const routes = Object.entries(file.allow).map(([route, allowed]) =>
      compileRoute(allowed, { name: route, place: required(member(member(place, "allow"), route), route) }, options.readers),
    );
    const inPartoo = {
      ...(file.permissions === undefined ? {} : { permissions: file.permissions }),
      ...(file.expires === undefined ? {} : { expires: file.expires }),
    };
    keys.set(name, { name, organization, ...inPartoo, routes, sweep: file.sweep ?? showsStores(routes), where: place.nameAt });
  }
  const frontends = new Map<string, Frontend>();
  for (const [name, { config, root }] of input.frontends) {
    const key = required(keys.get(config.key), config.key);
    frontends.set(name, compileFrontend(config, { name, key, where: { ...root.nameAt } }, options.devOrigins ?? []));
  }
  return deepFreeze({ version: versionOf(input, options), organizations, keys, frontends });
}

function compileOrganization(name: string, file: BffFile["organizations"][string], at: Place | undefined): Organization {
  const quotaPerMinute = file.quota ?? callsPerMinute.parse(defaults.DEFAULT_QUOTA);
  const reserve = file.reserve ?? percentage.parse(defaults.DEFAULT_RESERVE);
  return {
    name,
    quotaPerMinute,
    reservePerMinute: Math.ceil(quotaPerMinute * reserve),
    instances: file.instances ?? defaults.DEFAULT_INSTANCES,
    ...(file.webhooks === undefined ? {} : { webhooks: compileWebhooks(file.webhooks, required(member(at, "webhooks"), name).nameAt) }),
  };
}

function compileWebhooks(file: NonNullable<BffFile["organizations"][string]["webhooks"]>, where: Location): WebhookPolicy {
  return "header" in file ? { kind: "header", field: file.header, where } : { kind: "signature", publicKey: file.public_key, where };
}

function compileRoute(file: RouteFile, named: { name: string; place: Place }, readers: ParameterReaders): Route {
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

/** Whether both routes that show stores are there: then holding all of them pays. */
function showsStores(routes: readonly Route[]): boolean {
  return [BUSINESS_SEARCH, BUSINESS_BY_ID].every(({ template }) => routes.some((route) => route.template === template));
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

function compileFrontend(file: FrontendFile, known: Pick<Frontend, "name" | "key" | "where">, devOrigins: readonly string[]): Frontend {
  const { key } = known;
  const origins = new Set([...(file.origins ?? []), ...devOrigins]);
  const [soleOrigin] = origins;
  const only = file.only === undefined ? undefined : new Set(file.only.map((route) => route.slice(METHOD.length)));
  return {
    ...known,
    routes: key.routes.filter(({ template }) => only === undefined || only.has(template)),
    origins,
    ...(origins.size === 1 && soleOrigin !== undefined ? { soleOrigin } : {}),
    apps: file.apps ?? false,
    servers: new Set(file.servers ?? []),
    limits: {
      requests: file.limits?.requests ?? rate.parse(defaults.DEFAULT_REQUESTS),
      misses: file.limits?.misses ?? rate.parse(defaults.DEFAULT_MISSES),
    },
    share: file.share ?? percentage.parse(defaults.DEFAULT_SHARE),
  };
}

/** Changes with what the configuration says, not with how it is laid out. */
function versionOf({ bff, frontends }: CompileInput, { devOrigins = [] }: CompileOptions): string {
  const content = [bff.config, [...frontends].map(([name, { config }]) => [name, config]), devOrigins];
  return createHash("sha256").update(JSON.stringify(content, sortedMembers)).digest("hex").slice(0, VERSION_LENGTH);
}

function sortedMembers(_name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new TypeError(`${name} leads nowhere: the configuration was not checked`);
  return value;
}
