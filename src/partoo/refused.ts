/** Why an endpoint that Partoo has can't be allowed, however its path is written. */
import type { RefusedEndpoint } from "./endpoint.ts";
import { CATALOGUE } from "./catalogue.ts";
import { REFUSED } from "./refused-table.ts";

export { REFUSED } from "./refused-table.ts";

/** What people put around a template: an address, the API's base, a query, a last slash. */
const ORIGIN = /^https?:\/\/[^/]*/;
const BASE = /^\/(?:api\/)?v2(?=\/)/;
const TEMPLATES: readonly string[] = [...new Set([...CATALOGUE.keys(), ...REFUSED.map(({ template }) => template)])];
const TAIL = /\/?(?:[?#].*)?$/s;

/**
 * Finds the reason for a path as people write it: parameters under any name (`/user/{id}`) or filled in (`/user/123`), with `/v2`
 * or a whole address in front, with a query behind.
 * @param method in any letter case; HEAD counts as GET
 * @returns undefined when the endpoint is unknown, or may be allowed
 */
export function findRefused(method: string, template: string): RefusedEndpoint | undefined {
  const verb = method.toUpperCase() === "HEAD" ? "GET" : method.toUpperCase();
  const path = template.replace(ORIGIN, "").replace(BASE, "").replace(TAIL, "").split("/");
  const refused = REFUSED.filter((endpoint) => endpoint.method === verb);
  const nearest = findNearest(path, verb === "GET" ? [...CATALOGUE.keys()] : []);
  const nearestRefused = findNearest(
    path,
    refused.map((endpoint) => endpoint.template),
  );
  if (nearestRefused === undefined || (nearest !== undefined && nearest.literals >= nearestRefused.literals)) return undefined;
  return refused.find((endpoint) => endpoint.template === nearestRefused.template);
}

/** Templates of all known endpoints, allowed ones first, each once: for "did you mean". */
export function allTemplates(): readonly string[] {
  return TEMPLATES;
}

/** @param path of Partoo, as sent: `/business/123`. @returns the endpoint's template, `/business/{business_id}`, allowed or refused */
export function templateOfPath(path: string): string | undefined {
  return findNearest(path.split("/"), TEMPLATES)?.template;
}

interface Likeness {
  readonly template: string;
  /** Segments that are the same, word for word. */
  readonly literals: number;
}

/** The template that fits with the most literal segments: `/user/me` before `/user/{user_id}`. */
function findNearest(path: readonly string[], templates: readonly string[]): Likeness | undefined {
  let nearest: Likeness | undefined;
  for (const template of templates) {
    const expected = template.split("/");
    if (expected.length !== path.length) continue;
    if (!expected.every((segment, position) => segment.startsWith("{") || segment === path[position])) continue;
    const literals = expected.filter((segment) => !segment.startsWith("{")).length;
    if (nearest === undefined || literals > nearest.literals) nearest = { template, literals };
  }
  return nearest;
}
