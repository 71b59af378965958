/** Checks the routes that a key allows: their names, parameters, forced values, fields and lifetimes. */
import type { Endpoint } from "../../partoo/endpoint.ts";
import type { Place } from "../place.ts";
import type { CheckContext } from "./context.ts";
import { textOfValue } from "../parameters.ts";
import { entries, member } from "../place.ts";
import { isEndpoint, readRouteName } from "../route-name.ts";
import { didYouMean, quote } from "../suggest.ts";
import { duration } from "../units.ts";
import { checkFields } from "./fields.ts";
import { checkNarrowing } from "./narrowing.ts";

/** Checks one key's `allow`. @returns the endpoints it names, each with its place */
export function checkRoutes(allow: Place | undefined, context: CheckContext): ReadonlyMap<Endpoint, Place> {
  const allowed = new Map<Endpoint, Place>();
  for (const [name, route] of entries(allow)) {
    const read = readRouteName(name);
    if (!isEndpoint(read)) {
      context.reporter.error(route.nameAt, read.code, read.message, read.hint);
      continue;
    }
    allowed.set(read, route);
    checkQuery(route, read, context);
    checkForce(route, read, context);
    checkRequired(route, read, context);
    checkFields(route, read, context);
    checkCache(route, context);
  }
  return allowed;
}

function checkQuery(route: Place, endpoint: Endpoint, context: CheckContext): void {
  for (const [name, narrowing] of entries(member(route, "query"))) {
    const schema = findParameter(endpoint, { name, place: narrowing }, context);
    if (schema !== undefined) checkNarrowing(narrowing, schema, context);
  }
}

function checkForce(route: Place, endpoint: Endpoint, context: CheckContext): void {
  const query = member(route, "query");
  for (const [name, forced] of entries(member(route, "force"))) {
    const schema = findParameter(endpoint, { name, place: forced }, context);
    if (member(query, name) !== undefined) {
      const message = `${quote(name)} is in query, too: callers can't send what is forced`;
      context.reporter.error(forced.nameAt, "parameter-forced", message, "keep it in one of the two");
    }
    if (schema === undefined || (typeof forced.value === "object" && !Array.isArray(forced.value))) continue;
    const written = textOfValue(forced.value, schema);
    const read = "fault" in written ? written : context.readers(schema)(written.text);
    if ("fault" in read)
      context.reporter.error(forced.at, "value-refused", `the forced value of ${quote(name)} is refused: it ${read.fault}`);
  }
}

function findParameter(
  endpoint: Endpoint,
  named: { name: string; place: Place },
  { reporter }: CheckContext,
): Endpoint["query"][string] | undefined {
  const { name, place } = named;
  if (Object.hasOwn(endpoint.query, name)) return endpoint.query[name];
  const message = `${quote(name)} is no query parameter of GET ${endpoint.template} that may be used`;
  reporter.error(place.nameAt, "parameter-unknown", message, parameterHint(name, endpoint));
  return undefined;
}

function parameterHint(name: string, endpoint: Endpoint): string | undefined {
  if (Object.hasOwn(endpoint.path, name)) return "it is part of the path; remove the line";
  if (name === "org_id") return "a key always reads its own organization; remove the line";
  return didYouMean(name, Object.keys(endpoint.query));
}

function checkRequired(route: Place, endpoint: Endpoint, { reporter }: CheckContext): void {
  for (const name of endpoint.requiredQuery ?? []) {
    if (member(member(route, "query"), name) !== undefined || member(member(route, "force"), name) !== undefined) continue;
    const message = `Partoo answers GET ${endpoint.template} only with the parameter ${quote(name)}`;
    reporter.error(route.nameAt, "parameter-required", message, "list it in query or set it in force");
  }
}

function checkCache(route: Place, { reporter }: CheckContext): void {
  const cache = member(route, "cache");
  const fresh = member(cache, "fresh") ?? cache;
  const freshSeconds = secondsOf(fresh);
  if (fresh === undefined || freshSeconds === undefined) return;
  if (freshSeconds === 0) reporter.error(fresh.at, "cache-fresh", "fresh must be at least 1s: without it every visitor costs a call");
  const [stale, browser] = [member(cache, "stale"), member(cache, "browser")];
  const [staleSeconds = 0, browserSeconds = 0] = [secondsOf(stale), secondsOf(browser)];
  if (stale !== undefined && staleSeconds > 0 && staleSeconds < freshSeconds) {
    const hint = "stale counts from the end of fresh; make it at least as long, or 0s for never";
    reporter.warning(stale.at, "cache-stale", "stale is shorter than fresh: little is left to bridge a fault at Partoo", hint);
  }
  if (browser !== undefined && browserSeconds > freshSeconds) {
    reporter.warning(
      browser.at,
      "cache-browser",
      "browser is longer than fresh: visitors see changes later than this server",
      "make it at most as long as fresh",
    );
  }
}

function secondsOf(place: Place | undefined): number | undefined {
  if (place === undefined) return undefined;
  const read = duration.safeParse(place.value);
  return read.success ? read.data : undefined;
}
