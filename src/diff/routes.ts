/** Differences of one route between two policies: parameters, forced values, fields, lifetimes. */
import type { FieldSchema } from "../partoo/endpoint.ts";
import type { Lifetimes, QueryParameter, Route } from "../policy.ts";
import type { Difference } from "./change.ts";
import { personalMembers } from "../partoo/personal.ts";
import { compareNames, compareValues } from "./change.ts";
import { compareNarrowings } from "./narrowings.ts";

export function diffRoute(before: Route, after: Route): readonly Difference[] {
  return [
    ...diffParameters(before, after),
    ...diffForced(before.force, after.force),
    ...diffFields(before, after),
    ...diffLifetimes(before.lifetimes, after.lifetimes),
  ];
}

/** Everything of a route that appears, as differences from nothing: so that a reviewer sees what is opened. */
export function exposures(route: Route): readonly Difference[] {
  return route.selection.fields.filter((name) => isPersonal(route, name)).map((name) => fieldExposed(route, name));
}

function diffParameters(before: Route, after: Route): readonly Difference[] {
  const { added, removed } = compareNames(before.query.keys(), after.query.keys());
  const kept = [...after.query.values()].flatMap((parameter): readonly Difference[] => {
    const old = before.query.get(parameter.name);
    if (old === undefined) return [];
    return [
      ...compareNarrowings(parameter.name, old.narrowing, parameter.narrowing),
      ...compareValues(defaultWords(old), defaultWords(parameter), (change) => ({
        kind: "default-changed",
        detail: `${parameter.name}: default ${change}`,
        risk: "none",
      })),
    ];
  });
  return [
    ...added.map((name): Difference => ({ kind: "parameter-added", detail: name, risk: "opens" })),
    ...removed.map((name): Difference => ({ kind: "parameter-removed", detail: name, risk: "breaks" })),
    ...kept,
  ];
}

/** @param before forced values by name */
export function diffForced(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly Difference[] {
  const { added, removed } = compareNames(before.keys(), after.keys());
  const kept = [...after.keys()].filter((name) => before.has(name));
  return [
    ...added.map((name): Difference => ({ kind: "force-added", detail: `${name}: ${forced(after, name)}`, risk: "opens" })),
    ...removed.map((name): Difference => ({ kind: "force-removed", detail: `${name}: ${forced(before, name)}`, risk: "opens" })),
    ...kept.flatMap((name) =>
      compareValues(forced(before, name), forced(after, name), (change) => ({
        kind: "force-changed",
        detail: `${name}: ${change}`,
        risk: "opens",
      })),
    ),
  ];
}

/** What begins and ceases to leave. */
export function diffFields(before: Route, after: Route): readonly Difference[] {
  const fields = compareNames(before.selection.fields, after.selection.fields);
  const custom = compareNames(before.selection.customFields, after.selection.customFields);
  return [
    ...fields.added.map((name) => fieldExposed(after, name)),
    ...fields.removed.map((name): Difference => ({ kind: "field-withdrawn", detail: name, risk: "breaks" })),
    ...custom.added.map((name): Difference => ({ kind: "custom-field-exposed", detail: name, risk: "opens" })),
    ...custom.removed.map((name): Difference => ({ kind: "custom-field-withdrawn", detail: name, risk: "breaks" })),
  ];
}

function fieldExposed(route: Route, name: string): Difference {
  return { kind: "field-exposed", detail: name, risk: isPersonal(route, name) ? "personal" : "opens" };
}

function isPersonal({ endpoint }: Route, name: string): boolean {
  const field: FieldSchema | undefined = endpoint.fields[name];
  return field !== undefined && personalMembers(name, field).length > 0;
}

function diffLifetimes(before: Lifetimes, after: Lifetimes): readonly Difference[] {
  return compareValues(lifetimeWords(before), lifetimeWords(after), (detail) => ({ kind: "cache-changed", detail, risk: "load" }));
}

function lifetimeWords({ freshSeconds, staleSeconds, browserSeconds, ignoreUpstream }: Lifetimes): string {
  return `fresh ${freshSeconds}s, stale ${staleSeconds}s, browser ${browserSeconds}s${ignoreUpstream ? ", upstream ignored" : ""}`;
}

function defaultWords({ default: value }: QueryParameter): string {
  return value === undefined ? "none" : JSON.stringify(value);
}

function forced(force: ReadonlyMap<string, string>, name: string): string {
  return JSON.stringify(force.get(name) ?? "");
}
