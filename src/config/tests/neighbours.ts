/** Requests close to one that is allowed, none of which may be: other methods, encodings, parameters, endpoints and callers. */
import type { Ask } from "../../explain/ask.ts";
import type { Frontend, Route } from "../../policy.ts";
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
const FOREIGN = "https://evil.example";

/** @returns requests that differ from a sample of the route in one thing each; each must be refused */
export function neighboursOf(frontend: Frontend, route: Route): readonly Neighbour[] {
  const { path, query } = sampleOf(route);
  const caller = callerOf(frontend);
  const of = (words: string, ask: Partial<Ask>): Neighbour => {
    const { target = path + query, ...rest } = ask;
    return { words, ask: { method: "GET", ...caller, ...rest, target: `/${frontend.name}${target}` } };
  };
  const targets = [
    ...pathsNear(path).map((near) => near + query),
    ...siblingsOf(frontend).map((sibling) => `/v2${sibling}`),
    ...queriesNear(route, query).map((near) => path + near),
    `${path}${query}#fragment`,
  ];
  return [
    ...METHODS.map((method) => of(`the method ${method}`, { method })),
    ...[...new Set(targets)].map((target) => of(target, { target })),
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

/** A caller that the frontend admits. */
function callerOf({ origins, servers }: Frontend): Pick<Ask, "origin" | "server"> {
  const [origin] = origins;
  const [server] = servers;
  if (origin !== undefined) return { origin };
  return server === undefined ? {} : { server };
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
    ...[...query.keys()].flatMap((name) => [
      add(`${name}=%ff`),
      add(`${name}=%00`),
      add(`${name}=1&${name}=1`),
      add(`${name}[]=1`),
      add(`${name}=${"a".repeat(600)}`),
    ]),
  ];
}
