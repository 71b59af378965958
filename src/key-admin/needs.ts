/** What the routes of a configured key need of Partoo's permissions, by the catalogue. */
import type { Basis } from "../partoo/endpoint.ts";
import type { KeyPolicy, Route } from "../policy.ts";

export interface Need {
  readonly permission: string;
  /** How sure it is that Partoo asks for it. */
  readonly basis: Basis;
  /** The first route that needs it. */
  readonly route: Route;
}

/** One for each permission, without what those depend on. */
export function needsOf({ routes }: KeyPolicy): readonly Need[] {
  const needs = new Map<string, Need>();
  for (const route of routes) {
    for (const { name, basis } of route.endpoint.permissions) {
      if (!needs.has(name)) needs.set(name, { permission: name, basis, route });
    }
  }
  return [...needs.values()];
}
