/** What changes for callers and for Partoo between two policies. Comments, order and anchors change nothing. */
import type { Frontend, KeyPolicy, Organization, Policy, Rate, Route } from "../policy.ts";
import type { Change, Difference } from "./change.ts";
import { compareNames, compareValues, RISKS } from "./change.ts";
import { diffRoute, exposures } from "./routes.ts";
import { diffSessions, sessionWords } from "./sessions.ts";
import { diffStores, openStores } from "./stores.ts";

/** @returns one item for each frontend that a change reaches, most serious first, then by frontend and route */
export function diffPolicies(before: Policy, after: Policy): readonly Change[] {
  const { added, removed } = compareNames(before.frontends.keys(), after.frontends.keys());
  const changes = [...after.frontends.values()].flatMap((frontend): readonly Change[] => {
    const old = before.frontends.get(frontend.name);
    if (old === undefined) return [];
    return [
      ...reaching(frontend, null, [...diffCallers(old, frontend), ...diffSessions(old, frontend), ...diffSpending(old, frontend)]),
      ...diffRoutes(old, frontend),
      ...diffDirectories(old, frontend),
    ];
  });
  const all = [...added.flatMap((name) => appearing(after.frontends.get(name))), ...removed.map(disappearing), ...changes];
  return all.toSorted(byWeight);
}

function byWeight(one: Change, other: Change): number {
  return weight(one) < weight(other) ? -1 : 1;
}

function weight({ risk, frontend, route, kind, detail }: Change): string {
  return JSON.stringify([RISKS.indexOf(risk), frontend, route ?? "", kind, detail]);
}

/** Of the directory, that the key's routes make and not the frontend's. */
function diffDirectories(before: Frontend, after: Frontend): readonly Change[] {
  return diffStores(before, after).flatMap(({ route, differences }) => reaching(after, route, differences));
}

function reaching({ name }: Frontend, route: string | null, differences: readonly Difference[]): readonly Change[] {
  return differences.map(({ kind, detail, risk }) => ({ kind, frontend: name, route, detail, risk }));
}

function appearing(frontend: Frontend | undefined): readonly Change[] {
  if (frontend === undefined) return [];
  const detail = [`with the key ${frontend.key.name}`, sessionWords(frontend)].filter((words) => words !== undefined).join(", ");
  const added: Difference = { kind: "frontend-added", detail, risk: "opens" };
  return [
    ...reaching(frontend, null, [added]),
    ...frontend.routes.flatMap((route) => openRoute(frontend, route)),
    ...openStores(frontend).flatMap(({ route, differences }) => reaching(frontend, route, differences)),
  ];
}

function disappearing(name: string): Change {
  return { kind: "frontend-removed", frontend: name, route: null, detail: "its addresses answer 404", risk: "breaks" };
}

function openRoute(frontend: Frontend, route: Route): readonly Change[] {
  const detail = `fields ${route.selection.fields.join(", ")}`;
  return reaching(frontend, nameOf(route), [{ kind: "route-added", detail, risk: "opens" }, ...exposures(route)]);
}

function diffRoutes(before: Frontend, after: Frontend): readonly Change[] {
  const old = new Map(before.routes.map((route) => [route.template, route]));
  const current = new Set(after.routes.map(({ template }) => template));
  const gone = before.routes.filter(({ template }) => !current.has(template));
  return [
    ...gone.flatMap((route) => reaching(after, nameOf(route), [{ kind: "route-removed", detail: "it answers 404", risk: "breaks" }])),
    ...after.routes.flatMap((route) => {
      const earlier = old.get(route.template);
      return earlier === undefined ? openRoute(after, route) : reaching(after, nameOf(route), diffRoute(earlier, route));
    }),
  ];
}

function nameOf({ template }: Route): string {
  return `GET ${template}`;
}

function diffCallers(before: Frontend, after: Frontend): readonly Difference[] {
  const origins = compareNames(before.origins, after.origins);
  const servers = compareNames(before.servers, after.servers);
  const apps: Difference = after.apps
    ? { kind: "apps-admitted", detail: "callers without Origin are admitted", risk: "opens" }
    : { kind: "apps-refused", detail: "callers without Origin are refused", risk: "breaks" };
  return [
    ...origins.added.map((detail): Difference => ({ kind: "origin-added", detail, risk: "opens" })),
    ...origins.removed.map((detail): Difference => ({ kind: "origin-removed", detail, risk: "breaks" })),
    ...servers.added.map((detail): Difference => ({ kind: "server-added", detail, risk: "opens" })),
    ...servers.removed.map((detail): Difference => ({ kind: "server-removed", detail, risk: "breaks" })),
    ...(before.apps === after.apps ? [] : [apps]),
  ];
}

/** A change of how much may be asked. */
function load(kind: string): (detail: string) => Difference {
  return (detail) => ({ kind, detail, risk: "load" });
}

function diffSpending(before: Frontend, after: Frontend): readonly Difference[] {
  return [
    ...compareValues(rateWords(before.limits.requests), rateWords(after.limits.requests), load("limit-requests")),
    ...compareValues(rateWords(before.limits.misses), rateWords(after.limits.misses), load("limit-misses")),
    ...compareValues(modeWords(before), modeWords(after), load("limit-mode")),
    ...compareValues(`${Math.round(before.share * 100)}%`, `${Math.round(after.share * 100)}%`, load("share")),
    ...diffKeys(before.key, after.key),
  ];
}

function modeWords({ limits }: Frontend): string {
  return limits.reportOnly ? "report" : "enforce";
}

function diffKeys(before: KeyPolicy, after: KeyPolicy): readonly Difference[] {
  return [
    ...compareValues(before.name, after.name, load("key")),
    ...compareValues(before.expires ?? "never", after.expires ?? "never", (detail) => ({ kind: "expires", detail, risk: "none" })),
    ...compareValues(sweepWords(before), sweepWords(after), load("sweep")),
    ...diffOrganizations(before.organization, after.organization),
  ];
}

function diffOrganizations(before: Organization, after: Organization): readonly Difference[] {
  return [
    ...compareValues(before.name, after.name, load("organization")),
    ...compareValues(quotaWords(before), quotaWords(after), load("quota")),
    ...compareValues(String(before.instances), String(after.instances), load("instances")),
    ...compareValues(webhookWords(before), webhookWords(after), (detail) => ({ kind: "webhooks", detail, risk: "opens" })),
  ];
}

function sweepWords({ sweep }: KeyPolicy): string {
  return sweep ? "all stores are held" : "stores are asked for one by one";
}

function quotaWords({ quotaPerMinute, reservePerMinute }: Organization): string {
  return `${quotaPerMinute}/min less ${reservePerMinute}`;
}

function webhookWords({ webhooks }: Organization): string {
  if (webhooks === undefined) return "refused";
  return webhooks.kind === "header" ? `a secret in ${webhooks.field}` : `signed for ${webhooks.publicKey}`;
}

function rateWords({ count, windowSeconds }: Rate): string {
  return `${count} in ${windowSeconds} s`;
}
