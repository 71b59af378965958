/**
 * The calls that a configuration can cost in its worst minute: every answer that can be asked for is asked for all the time, so each
 * costs one call whenever its freshness ends. What callers can spell without end is named instead, for only limits hold it down.
 */
import type { Location } from "../config/diagnostic.ts";
import type { KeyPolicy, Policy, Route } from "../policy.ts";
import { freshSecondsOf, RENEWED_AFTER } from "../cache/census-taker.ts";
import { DELTA_SECONDS } from "../directory/deltas.ts";
import { ratingsSourceOf } from "../directory/ratings-source.ts";
import { everyMsOf } from "../directory/ratings-taker.ts";
import { BUSINESS_BY_ID } from "../partoo/business.ts";
import { RATINGS_PAGE_SIZE, SWEEP_PAGE_SIZE } from "../request/match.ts";
import { countValues } from "./count-values.ts";

export interface RoutePlan {
  readonly key: string;
  /** `GET /business/search`; `sweep`: all stores; of a directory `changes`: what was modified since, and `ratings`. */
  readonly route: string;
  readonly where: Location;
  readonly freshSeconds: number;
  /** How many stored answers there can be; null: no end. */
  readonly answers: number | null;
  /** Parameters that callers can spell without end. */
  readonly unbounded: readonly string[];
  /** In the worst minute; null: as many as misses, shares and the quota let through. */
  readonly callsPerMinute: number | null;
}

export interface OrganizationPlan {
  readonly organization: string;
  /** Calls a minute: quota less reserve. */
  readonly budget: number;
  readonly routes: readonly RoutePlan[];
  /** The sum over the routes whose answers can be counted. */
  readonly callsPerMinute: number;
  readonly holds: boolean;
}

/** @param stores how many stores the organization has: the configuration can't know. Keys that no frontend uses cost nothing. */
export function planCalls(policy: Policy, stores: number): readonly OrganizationPlan[] {
  const used = new Set([...policy.frontends.values()].map(({ key }) => key.name));
  const withDirectory = new Set([...policy.frontends.values()].filter(({ stores: isOffered }) => isOffered).map(({ key }) => key.name));
  return [...policy.organizations.values()].map((organization): OrganizationPlan => {
    const keys = [...policy.keys.values()].filter((key) => key.organization.name === organization.name && used.has(key.name));
    const routes = keys.flatMap((key) => [
      ...(key.sweep ? [planSweep(key, stores)] : []),
      ...(withDirectory.has(key.name) ? [planDeltas(key), ...planRatings(key, stores)] : []),
      ...key.routes.map((route) => planRoute(key, route, stores)),
    ]);
    const callsPerMinute = routes.reduce((sum, route) => sum + (route.callsPerMinute ?? 0), 0);
    const budget = organization.quotaPerMinute - organization.reservePerMinute;
    return { organization: organization.name, budget, routes, callsPerMinute, holds: callsPerMinute <= budget };
  });
}

/** Pages of all stores, and one more because stores may be added meanwhile. */
function planSweep(key: KeyPolicy, stores: number): RoutePlan {
  const freshSeconds = freshSecondsOf(key) * RENEWED_AFTER;
  const pages = Math.ceil(stores / SWEEP_PAGE_SIZE) + 1;
  return {
    key: key.name,
    route: "sweep",
    where: key.where,
    freshSeconds,
    answers: pages,
    unbounded: [],
    callsPerMinute: perMinute(pages, freshSeconds),
  };
}

/** One page a minute, by one process. More where so much was modified at once, up to where the next sweep is cheaper. */
function planDeltas(key: KeyPolicy): RoutePlan {
  return {
    key: key.name,
    route: "changes",
    where: key.where,
    freshSeconds: DELTA_SECONDS,
    answers: 1,
    unbounded: [],
    callsPerMinute: perMinute(1, DELTA_SECONDS),
  };
}

/** Pages of a hundred stores, and one that is not full. */
function planRatings(key: KeyPolicy, stores: number): readonly RoutePlan[] {
  const source = ratingsSourceOf(key);
  if (source === undefined) return [];
  const pages = Math.floor(stores / RATINGS_PAGE_SIZE) + 1;
  const freshSeconds = everyMsOf(source) / 1000;
  const { where } = source.route;
  return [
    { key: key.name, route: "ratings", where, freshSeconds, answers: pages, unbounded: [], callsPerMinute: perMinute(pages, freshSeconds) },
  ];
}

function planRoute(key: KeyPolicy, route: Route, stores: number): RoutePlan {
  const { freshSeconds } = route.lifetimes;
  const common = { key: key.name, route: `GET ${route.template}`, where: route.where, freshSeconds };
  // After a sweep each store is held, and an unknown one is answered without a call.
  if (key.sweep && route.template === BUSINESS_BY_ID.template) return { ...common, answers: stores, unbounded: [], callsPerMinute: 0 };
  const counts = [...pathCounts(route, stores), ...queryCounts(route)];
  const unbounded = counts.filter(({ values }) => values === Infinity).map(({ name }) => name);
  if (unbounded.length > 0) return { ...common, answers: null, unbounded, callsPerMinute: null };
  const answers = counts.reduce((product, { values }) => product * values, 1);
  return { ...common, answers, unbounded, callsPerMinute: perMinute(answers, freshSeconds) };
}

interface Count {
  readonly name: string;
  /** May be infinite. */
  readonly values: number;
}

/** A business goes by its id and by its code, and both are one answer where its store is known. */
function pathCounts({ endpoint, segments }: Route, stores: number): readonly Count[] {
  return segments.flatMap((segment): readonly Count[] => {
    if ("literal" in segment) return [];
    const { parameter: name } = segment;
    const schema = endpoint.path[name];
    if (name === "business_id") return [{ name, values: 2 * stores }];
    return [{ name, values: schema === undefined ? Infinity : countValues(schema) }];
  });
}

/** A parameter may be left out, which is one more way of asking unless that means the default. */
function queryCounts({ endpoint, query }: Route): readonly Count[] {
  return [...query.values()].map(({ name, narrowing, default: fallback }) => {
    const schema = endpoint.query[name];
    const isRequired = endpoint.requiredQuery?.includes(name) === true;
    const values = schema === undefined ? Infinity : countValues(schema, narrowing);
    return { name, values: values + (fallback === undefined && !isRequired ? 1 : 0) };
  });
}

function perMinute(calls: number, freshSeconds: number): number {
  return (calls * 60) / freshSeconds;
}
