/** Requests close to one that is allowed, none of which may be: other methods, encodings, parameters, endpoints and callers. */
import type { Ask } from "../../explain/ask.ts";
import type { Frontend, Route } from "../../policy.ts";
import { routesOf } from "../../directory/store-record.ts";
import { createStoresRequestReader, STORES_PARAMETERS } from "../../directory/stores-request.ts";
import { CATALOGUE } from "../../partoo/catalogue.ts";
import { REFUSED } from "../../partoo/refused.ts";
import { sampleOf } from "./sample.ts";

export interface Neighbour {
  /** What is tried, for people. */
  readonly words: string;
  readonly ask: Ask;
}

const METHODS = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "get"];
/** Ways of smuggling a second segment, a query or nothing at all into one segment. */
const ENCODINGS = [
  "..%2Fapi_keys",
  "%2e%2e",
  "..",
  ".",
  "%2Fapi_keys",
  "%5C..%5Capi_keys",
  "%00",
  "%3Fpage=1",
  "%23",
  "%3B",
  ";a=b",
  "%252F",
  "%ff",
  "%",
  "/",
];
/** The list, all pins, one store. */
export const STORES_PATHS: readonly string[] = ["/stores", "/stores/all", "/stores/000000000000000000000001"];
const SESSION_PATH = "/session";
const FOREIGN = "https://evil.example";

/** @returns requests that differ from a sample of the route in one thing each; each must be refused */
export function neighboursOf(frontend: Frontend, route: Route): readonly Neighbour[] {
  const { path, query } = sampleOf(route);
  return around(frontend, path + query, [
    ...pathsNear(path).map((near) => near + query),
    ...siblingsOf(frontend).map((sibling) => `/v2${sibling}`),
    ...(frontend.stores ? [] : STORES_PATHS),
    ...queriesNear(route, query).map((near) => path + near),
  ]);
}

/** Of each address of the directory that a frontend offers. @param path one of `STORES_PATHS` */
export function neighboursOfStores(frontend: Frontend, path: string): readonly Neighbour[] {
  const list = frontend.stores && path === STORES_PATHS[0] ? parametersOf(frontend) : [];
  const others = [...STORES_PARAMETERS, "custom.x", "org_id", "x-apikey", "%00"].filter((name) => !list.includes(name));
  return around(frontend, path, [
    ...pathsNear(path),
    ...others.map((name) => `${path}?${name}=1`),
    ...list.flatMap((name) => spoiltPairs(encodeURIComponent(name))).map((pair) => `${path}?${pair}`),
  ]);
}

/** Of the address that mints sessions; of a frontend without sessions it is a neighbour itself. */
export function neighboursOfSession(frontend: Frontend): readonly Neighbour[] {
  const caller = callerOf(frontend);
  const at = (words: string, ask: Partial<Ask>): Neighbour => {
    const { target = SESSION_PATH, ...rest } = ask;
    return { words, ask: { method: "POST", ...caller, ...rest, target: `/${frontend.name}${target}` } };
  };
  if (frontend.session === "none") return [at("a session where there are none", {})];
  return [
    ...["GET", "HEAD", ...METHODS.filter((method) => method !== "POST"), "post"].map((method) => at(`the method ${method}`, { method })),
    ...[...new Set([...pathsNear(SESSION_PATH), "/v2/session", "/session#fragment"])].map((target) => at(target, { target })),
    ...foreigners(at),
  ];
}

function parametersOf({ key }: Frontend): readonly string[] {
  const routes = routesOf(key);
  return routes === undefined ? [] : [...createStoresRequestReader(routes).parameters];
}

/** @param sample from the version, or from `stores` on @param targets that may not be reached */
function around(frontend: Frontend, sample: string, targets: readonly string[]): readonly Neighbour[] {
  const caller = callerOf(frontend);
  const of = (words: string, ask: Partial<Ask>): Neighbour => {
    const { target = sample, ...rest } = ask;
    return { words, ask: { method: "GET", ...caller, ...rest, target: `/${frontend.name}${target}` } };
  };
  return [
    ...METHODS.map((method) => of(`the method ${method}`, { method })),
    ...[...new Set([...targets, `${sample}#fragment`])].map((target) => of(target, { target })),
    ...(caller.session === true ? [of("no session", { session: false })] : []),
    ...foreigners(of),
  ];
}

/** What other pages can make a browser send. */
function foreigners(of: (words: string, ask: Partial<Ask>) => Neighbour): readonly Neighbour[] {
  return [
    of("a foreign Origin", { origin: FOREIGN }),
    of("the Origin null", { origin: "null" }),
    of("an image of a foreign page", { ...ANONYMOUS, headers: fetchMetadata("cross-site", "no-cors", "image") }),
    of("a navigation", { ...ANONYMOUS, headers: fetchMetadata("none", "navigate", "document") }),
  ];
}

const ANONYMOUS = { origin: undefined, server: undefined } as unknown as Pick<Ask, "origin" | "server">;

function fetchMetadata(site: string, mode: string, dest: string): NonNullable<Ask["headers"]> {
  return [
    ["sec-fetch-site", site],
    ["sec-fetch-mode", mode],
    ["sec-fetch-dest", dest],
  ];
}

/** A caller that the frontend admits, with a session where it needs one. */
function callerOf({ origins, servers, session }: Frontend): Pick<Ask, "origin" | "server" | "session"> {
  const [origin] = origins;
  const [server] = servers;
  if (origin === undefined && server !== undefined) return { server };
  return { ...(origin === undefined ? {} : { origin }), ...(session === "required" ? { session: true } : {}) };
}

/** Each segment after the version, spoilt in each way; and the frame around them. */
function pathsNear(path: string): readonly string[] {
  const segments = path.split("/").slice(1);
  const near = segments.flatMap((segment, position) => {
    const replaced = (other: string): string => `/${segments.with(position, other).join("/")}`;
    const spoilt = ENCODINGS.flatMap((trick) => [replaced(`${segment}${trick}`), replaced(trick)]);
    return /[a-z]/.test(segment) && position > 0
      ? spoilt
      : [...spoilt, replaced(segment.toUpperCase()), replaced("v1")].filter((other) => other !== path);
  });
  return [...near, path.replace("/v2", ""), `/${path}`, `${path}/`, `${path}/1/2/3`].filter((other) => other !== path);
}

/** Endpoints of Partoo's that this frontend has no route for, those that a key could reach first. */
function siblingsOf({ routes }: Frontend): readonly string[] {
  const allowed = new Set(routes.map(({ template }) => template));
  const others = [...CATALOGUE.keys(), ...REFUSED.filter(({ method }) => method === "GET").map(({ template }) => template)];
  return others.filter((template) => !allowed.has(template)).map((template) => template.replaceAll(/\{[^}]+\}/g, "1"));
}

function queriesNear({ endpoint, query, force }: Route, sample: string): readonly string[] {
  const add = (pair: string): string => (sample === "" ? `?${pair}` : `${sample}&${pair}`);
  const notAllowed = Object.keys(endpoint.query).filter((name) => !query.has(name) && !force.has(name));
  return [
    add("org_id=1"),
    add("x-apikey=1"),
    add("%00=1"),
    ...notAllowed.map((name) => add(`${name}=1`)),
    ...[...force].flatMap(([name, value]) => [add(`${name}=${encodeURIComponent(value)}`), add(`${name}=`)]),
    ...[...query.keys()].flatMap((name) => spoiltPairs(name)).map((pair) => add(pair)),
  ];
}

/** One parameter, spoilt in each way. */
function spoiltPairs(name: string): readonly string[] {
  return [`${name}=%ff`, `${name}=%00`, `${name}=1&${name}=1`, `${name}[]=1`, `${name}=${"a".repeat(600)}`];
}
