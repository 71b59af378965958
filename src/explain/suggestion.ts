/** The way out of a refusal: the smallest YAML that would allow the request, or why no configuration can. */
import type { Location } from "../config/diagnostic.ts";
import type { Locator } from "../config/locate.ts";
import type { Decision } from "../decide.ts";
import type { Endpoint } from "../partoo/endpoint.ts";
import type { Frontend, Policy } from "../policy.ts";
import type { ProblemCode } from "../problem.ts";
import type { Ask } from "./ask.ts";
import { originFault } from "../config/origin.ts";
import { createParameterReaders } from "../config/parameters.ts";
import { nearest } from "../config/suggest.ts";
import { CATALOGUE } from "../partoo/catalogue.ts";
import { findRefused } from "../partoo/refused.ts";
import { STORES_SEGMENT } from "../directory/stores-match.ts";
import { matchRoute } from "../request/match.ts";
import { decodePath } from "../request/path.ts";
import { suggestStores } from "./stores-suggestion.ts";
import { nest } from "./yaml.ts";

export interface Suggestion {
  /** The line that refused, or where the change belongs. */
  readonly at: Location;
  /** Lines to write; empty: no configuration allows it. */
  readonly changes: readonly Change[];
  /** Said beside the changes, or instead of them. */
  readonly note?: string;
}

export interface Change {
  readonly file: string;
  readonly yaml: string;
}

interface Refusal {
  readonly policy: Policy;
  readonly locate: Locator;
  readonly ask: Ask;
  readonly code: ProblemCode;
  readonly frontend: Frontend | undefined;
}

export function suggest(
  { policy, locate }: { readonly policy: Policy; readonly locate: Locator },
  ask: Ask,
  { fault, frontend }: Decision & { readonly decision: "refused" },
): Suggestion {
  const refusal: Refusal = { policy, locate, ask, code: fault.code, frontend };
  if (frontend === undefined)
    return fault.code === "frontend-unknown" ? newFrontend(refusal) : { at: locate.bff(), changes: [], note: NOTES[fault.code] ?? NOTHING };
  const known = { ...refusal, frontend };
  const [, first, ...below] = segmentsOf(ask);
  if (first === STORES_SEGMENT && ABOUT_TARGETS.has(fault.code)) return suggestStores({ locate, frontend, below, query: queryOf(ask) });
  if (first === SESSION_SEGMENT && below.length === 0 && fault.code === "method-not-allowed") return offerSessions(known);
  if (fault.code === "origin-not-allowed") return listOrigin(known);
  if (fault.code === "session-required") return takeSession(known);
  if (fault.code === "route-not-allowed") return allowRoute(known);
  if (fault.code === "parameter-unknown" || fault.code === "parameter-invalid") return allowParameters(known);
  return { at: frontend.where, changes: [], note: NOTES[fault.code] ?? NOTHING };
}

/** Refusals of what is asked for, not of who asks. */
const ABOUT_TARGETS: ReadonlySet<ProblemCode> = new Set(["route-not-allowed", "parameter-unknown", "parameter-invalid"]);
const SESSION_SEGMENT = "session";
const NOTHING = "No configuration allows this.";
const NOTES: Partial<Record<ProblemCode, string>> = {
  "method-not-allowed": "Frontends read: no configuration allows another method. Writing is a job for server-to-server code.",
  "path-encoding": "No configuration allows these bytes in a path.",
  "fetch-metadata-refused": "No configuration allows documents to load this; read it with fetch().",
};

type Known = Refusal & { readonly frontend: Frontend };

function newFrontend({ policy, locate, ask }: Refusal): Suggestion {
  const name = segmentsOf(ask)[0] ?? "";
  const likely = nearest(name, [...policy.frontends.keys()]);
  const at = locate.bff("keys");
  if (likely !== undefined) return { at, changes: [], note: `Did you mean /${likely}/?` };
  const [key] = policy.keys.keys();
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name) || key === undefined) return { at, changes: [], note: NOTHING };
  const caller = ask.origin !== undefined && originFault(ask.origin) === undefined ? `origins: [${ask.origin}]` : "apps: true";
  return { at, changes: [{ file: locate.frontend(name).file, yaml: `key: ${key}\n${caller}` }] };
}

/** The Origin that the request carries, however it was given. */
function originOf({ origin, headers = [] }: Ask): string | undefined {
  return origin ?? headers.find(([name]) => name.toLowerCase() === "origin")?.[1];
}

function listOrigin({ locate, ask, frontend }: Known): Suggestion {
  const at = locate.frontend(frontend.name, "origins");
  const { file } = at;
  const origin = originOf(ask);
  if (origin === undefined) {
    return {
      at: locate.frontend(frontend.name, "apps"),
      changes: [{ file, yaml: "apps: true" }],
      note: "Any script may call then, within misses and share.",
    };
  }
  const fault = originFault(origin);
  if (fault !== undefined)
    return {
      at,
      changes: [],
      note: `This Origin can't be listed: ${fault.message}.${fault.hint === undefined ? "" : ` Instead: ${fault.hint}.`}`,
    };
  return { at, changes: [{ file, yaml: `origins:\n${[...frontend.origins, origin].map((each) => `  - ${each}`).join("\n")}` }] };
}

function takeSession({ locate, frontend: { name } }: Known): Suggestion {
  const at = locate.frontend(name, "session");
  const note = `Clients get a session with POST /${name}/session; explain takes --session for a request that carries one. Without sessions any script may spend, within misses and share.`;
  return { at, changes: [{ file: at.file, yaml: "session: none" }], note };
}

/** Asked of the address of sessions with another method, or where there are none. */
function offerSessions({ locate, ask, frontend: { name, session } }: Known): Suggestion {
  const at = locate.frontend(name, "session");
  if (session !== "none" || ask.method !== "POST") return { at, changes: [], note: `Sessions are minted with POST /${name}/session.` };
  const note = "Requests that need a call to Partoo need a session then.";
  return { at, changes: [{ file: at.file, yaml: "session: on-miss" }], note };
}

function allowRoute({ locate, ask, frontend }: Known): Suggestion {
  const { key, name } = frontend;
  const at = locate.bff("keys", key.name, "allow");
  const [, version, ...segments] = segmentsOf(ask);
  if (version !== "v2") return { at: frontend.where, changes: [], note: `Paths begin with /${name}/v2/.` };
  const endpoint = endpointOf(segments);
  if (endpoint === undefined) {
    const reason = findRefused("GET", `/${segments.join("/")}`)?.reason;
    return {
      at,
      changes: [],
      note: reason === undefined ? "The catalogue knows no such endpoint, so nothing allows it." : `It can't be allowed: it ${reason}.`,
    };
  }
  const route = `GET ${endpoint.template}`;
  const isAllowed = key.routes.some(({ template }) => template === endpoint.template);
  const isNarrowed = frontend.routes.length < key.routes.length;
  const only = [...frontend.routes.map(({ template }) => `GET ${template}`), route].map((item) => `  - ${item}`);
  const inOnly = isNarrowed ? [{ file: frontend.where.file, yaml: `only:\n${only.join("\n")}` }] : [];
  if (isAllowed) return { at: locate.frontend(name, "only"), changes: inOnly };
  const required = endpoint.requiredQuery ?? [];
  const leaf = [
    ...(required.length === 0 ? [] : [`query: { ${required.map((parameter) => `${parameter}: {}`).join(", ")} }`]),
    `fields: [${harmlessFields(endpoint).join(", ")}]`,
  ];
  return {
    at,
    changes: [{ file: at.file, yaml: nest(["keys", key.name, "allow", route], leaf) }, ...inOnly],
    note: "List the fields that the page needs.",
  };
}

/** A few that name no person. */
function harmlessFields({ fields }: Endpoint): readonly string[] {
  const harmless = Object.entries(fields).filter(
    ([, { personal, type }]) => personal === undefined && !["object", "either", "map", "array"].includes(type),
  );
  const names = harmless.map(([name]) => name);
  const usual = names.filter((name) => name === "id" || name === "name");
  return usual.length > 0 ? usual : names.slice(0, 1);
}

function allowParameters({ locate, ask, frontend }: Known): Suggestion {
  const { route } = matchRoute(frontend, decodePath(rawSegmentsOf(ask)));
  const { endpoint } = route;
  const path = ["keys", frontend.key.name, "allow", `GET ${route.template}`];
  const readers = createParameterReaders();
  const wanted: string[] = [];
  for (const [name, value] of queryOf(ask)) {
    const at = locate.bff(...path, route.force.has(name) ? "force" : "query", name);
    const schema = Object.hasOwn(endpoint.query, name) ? endpoint.query[name] : undefined;
    if (schema === undefined)
      return { at, changes: [], note: `The catalogue knows no parameter ${printable(name)} that may be used here.` };
    if (route.force.has(name))
      return { at, changes: [], note: `${name} is forced in this line; take it out of force and list it in query.` };
    const general = readers(schema)(value);
    const known = route.query.get(name);
    if (known !== undefined && !("fault" in known.read(value))) continue;
    if ("fault" in general) return { at, changes: [], note: `${name} ${general.fault}; Partoo would not take it.` };
    wanted.push(name);
  }
  const [first] = wanted;
  if (first === undefined) return { at: route.where, changes: [], note: "Send each parameter once, and the path with valid names." };
  const at = locate.bff(...path, "query", first);
  return {
    at,
    changes: [
      {
        file: at.file,
        yaml: nest(
          [...path, "query"],
          wanted.map((name) => `${name}: {}`),
        ),
      },
    ],
  };
}

function literals(template: string): number {
  return template.split("/").filter((segment) => !segment.startsWith("{")).length;
}

/** Catalogue endpoints by path, the one with the most literal segments first. */
function endpointOf(segments: readonly string[]): Endpoint | undefined {
  return [...CATALOGUE.values()]
    .filter(({ template }) => {
      const expected = template.split("/").slice(1);
      return (
        expected.length === segments.length &&
        expected.every((part, position) => (part.startsWith("{") ? segments[position] !== "" : part === segments[position]))
      );
    })
    .toSorted((one, other) => literals(other.template) - literals(one.template))[0];
}

function queryOf({ target }: Ask): URLSearchParams {
  return new URLSearchParams(target.split("?").slice(1).join("?"));
}

function rawSegmentsOf({ target }: Ask): readonly string[] {
  return (target.split("?")[0] ?? "").slice(1).split("/");
}

/** As far as they can be decoded. */
function segmentsOf(ask: Ask): readonly string[] {
  try {
    return decodePath(rawSegmentsOf(ask));
  } catch {
    return rawSegmentsOf(ask);
  }
}

function printable(name: string): string {
  return JSON.stringify(name.slice(0, 40).replaceAll(/[^\x20-\x7e]/g, "?"));
}
