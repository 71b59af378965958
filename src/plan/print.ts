/** A plan for people. */
import type { OrganizationPlan, RoutePlan } from "./plan.ts";

/** Of what is no route. */
const WHAT: Readonly<Record<string, string>> = {
  sweep: "pages of all stores",
  changes: "page of what changed",
  ratings: "pages of ratings",
};

/** @param stores as the plan assumes */
export function printPlans(plans: readonly OrganizationPlan[], stores: number): string {
  return [`Worst case with ${stores} stores (--stores N), every answer asked for all the time:`, ...plans.map(printPlan)].join("\n\n");
}

function printPlan({ organization, budget, routes, callsPerMinute, holds }: OrganizationPlan): string {
  const width = Math.max(...routes.map(({ key, route }) => key.length + route.length), 0) + 2;
  const lines = routes.map((route) => `  ${`${route.key} ${route.route}`.padEnd(width)} ${words(route)}`);
  const verdict = holds ? "holds" : "does not hold: lengthen fresh, narrow parameters, or raise the quota";
  return [`${organization}: ${budget} calls a minute`, ...lines, `  ${round(callsPerMinute)} of ${budget} a minute ${verdict}`].join("\n");
}

function words({ answers, unbounded, callsPerMinute, freshSeconds, route }: RoutePlan): string {
  if (callsPerMinute === null || answers === null) return `no end: ${unbounded.join(", ")}; only misses, share and quota hold it down`;
  if (callsPerMinute === 0) return "0 a minute: the sweep holds every store";
  const what = WHAT[route] ?? (answers === 1 ? "answer" : "answers");
  return `${round(callsPerMinute)} a minute: ${answers} ${what}, each ${freshSeconds} s`;
}

function round(calls: number): string {
  return calls >= 100 ? String(Math.ceil(calls)) : calls.toFixed(1);
}
