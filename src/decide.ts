/** The decision on one request: stages a to e, pure and synchronous. Server and commands call this same function. */
import type { Caller } from "./caller/caller.ts";
import type { CallerKind } from "./caller/gate.ts";
import type { Frontend, Policy } from "./policy.ts";
import type { RequestHead } from "./request/request-line.ts";
import type { RouteMatch } from "./request/match.ts";
import type { StoresMatch } from "./directory/stores-match.ts";
import { LRUCache } from "lru-cache";
import { isPreflight } from "./caller/cors.ts";
import { isOfStores, readStores } from "./directory/stores-match.ts";
import { admitCaller } from "./caller/gate.ts";
import { Problem, problem } from "./problem.ts";
import { matchRoute, readParameters } from "./request/match.ts";
import { decodePath } from "./request/path.ts";
import { requireSession } from "./session/require-session.ts";
import { readRequestLine } from "./request/request-line.ts";

/** Targets remembered for each frontend, with what they matched: most are asked for again. Longer ones are read each time. */
const MAX_REMEMBERED = 5000;
const MAX_REMEMBERED_LENGTH = 256;
const SESSION_NAME = "session";
const DESCRIPTION_NAME = "openapi.json";
const NO_PATH: readonly string[] = [];
const FIRST_SEGMENT = /^\/([^/?]+)/;

/** Where a request was refused, in the order of the way of one request. */
export type Stage = "request-line" | "frontend" | "caller" | "route" | "parameters";

export type Decision =
  | { readonly decision: "allowed"; readonly frontend: Frontend; readonly kind: CallerKind; readonly match: RouteMatch }
  | { readonly decision: "directory"; readonly frontend: Frontend; readonly kind: CallerKind; readonly stores: StoresMatch }
  | { readonly decision: "description"; readonly frontend: Frontend }
  | { readonly decision: "session"; readonly frontend: Frontend; readonly kind: CallerKind }
  | { readonly decision: "preflight"; readonly frontend: Frontend }
  | { readonly decision: "refused"; readonly stage: Stage; readonly fault: Problem; readonly frontend?: Frontend };

/** Never throws for anything a caller can send. */
export function decide(policy: Policy, request: RequestHead, caller: Caller): Decision {
  const named = namedFrontend(policy, request.target);
  let stage: Stage = "request-line";
  try {
    const line = readRequestLine(request);

    stage = "frontend";
    const { frontend } = named;
    if (frontend === undefined) throw problem("frontend-unknown", { detail: "The first part of the path names no frontend." });
    if (isPreflight(line.method, request.headers)) return admitPreflight(frontend, caller);
    if (line.method === "OPTIONS") throw methodNotAllowed();
    const matches = matchesOf(frontend);
    const known = matches.get(request.target);
    const path = known === undefined ? decodePath(line.path.slice(1).split("/")) : NO_PATH;

    const isRead = line.method === "GET" || line.method === "HEAD";
    if (isRead && isDescription(path)) return { decision: "description", frontend };

    stage = "caller";
    const kind = admitCaller(frontend, caller);
    if (isSession(frontend, path)) {
      stage = "route";
      if (line.method !== "POST") throw sessionsArePosted();
      return { decision: "session", frontend, kind };
    }
    if (frontend.session === "required" && kind !== "server") requireSession(frontend, caller.session);

    stage = "route";
    if (!isRead) throw methodNotAllowed();
    if (known !== undefined) return { decision: "allowed", frontend, kind, match: known };
    if (isOfStores(frontend, path)) {
      stage = "parameters";
      return {
        decision: "directory",
        frontend,
        kind,
        stores: readStores(frontend, path, line.query, String(request.headers["accept"] ?? "")),
      };
    }
    const matched = matchRoute(frontend, path);

    stage = "parameters";
    const match = readParameters(matched, line.query);
    if (request.target.length <= MAX_REMEMBERED_LENGTH) matches.set(request.target, match);
    return { decision: "allowed", frontend, kind, match };
  } catch (fault) {
    if (!(fault instanceof Problem)) throw fault;
    return { decision: "refused", stage, fault, ...named };
  }
}

/** The frontend that a target's first segment names, as sent; even of a target that is refused, so that its page can read why. */
export function namedFrontend(policy: Policy, target: string): { readonly frontend?: Frontend } {
  const name = FIRST_SEGMENT.exec(target)?.[1];
  const frontend = name === undefined ? undefined : policy.frontends.get(name);
  return frontend === undefined ? {} : { frontend };
}

/** Anybody may read what a frontend may be asked for: it is in every page that asks. */
function isDescription([, name, ...rest]: readonly string[]): boolean {
  return name === DESCRIPTION_NAME && rest.length === 0;
}

/** Where a frontend's sessions are minted, if it has any. */
function isSession({ session }: Frontend, [, name, ...rest]: readonly string[]): boolean {
  return session !== "none" && name === SESSION_NAME && rest.length === 0;
}

function sessionsArePosted(): Problem {
  return problem("method-not-allowed", {
    detail: "Sessions are minted with POST.",
    headers: { allow: "POST, OPTIONS", connection: "close" },
  });
}

/** What targets matched under a frontend as it is configured now; a changed policy has frontends of its own. */
const matchesByFrontend = new WeakMap<Frontend, LRUCache<string, RouteMatch>>();

function matchesOf(frontend: Frontend): LRUCache<string, RouteMatch> {
  let matches = matchesByFrontend.get(frontend);
  if (matches === undefined) matchesByFrontend.set(frontend, (matches = new LRUCache({ max: MAX_REMEMBERED })));
  return matches;
}

function admitPreflight(frontend: Frontend, caller: Caller): Decision {
  if (frontend.origins.has(caller.origin ?? "")) return { decision: "preflight", frontend };
  throw problem("origin-not-allowed", { detail: `The Origin is not listed for the frontend ${frontend.name}.` });
}

function methodNotAllowed(): Problem {
  return problem("method-not-allowed", {
    detail: "Frontends read: GET and HEAD are all there is, and POST to session where one is asked for.",
    headers: { allow: "GET, HEAD, OPTIONS", connection: "close" },
  });
}
