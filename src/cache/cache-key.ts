/** Names of stored responses. Whatever changes what may leave is a new name, so that a withdrawn field is gone with the next answer. */
import { createHash } from "node:crypto";
import type { UpstreamBase } from "../environment.ts";
import type { KeyPolicy, Route } from "../policy.ts";
import type { RouteMatch } from "../request/match.ts";
import { SHAPER_VERSION } from "../shape/shaper.ts";

/** Bumped when a name would mean something else. */
const FORMAT = 1;

export interface CacheKeys {
  /** @param target canonical path and query, as `RouteMatch.target` */
  of(key: KeyPolicy, route: Route, target: string): string;
  /** The same of a match, made once: requests for one target share theirs. */
  ofMatch(key: KeyPolicy, match: RouteMatch): string;
}

/** @param base where Partoo is: answers of its sandbox are not those of production */
export function createCacheKeys(base: UpstreamBase): CacheKeys {
  /** A route belongs to one key, so all but the target is the same each time. */
  const around = new WeakMap<Route, readonly [before: string, after: string]>();
  const make = (key: KeyPolicy, route: Route): readonly [before: string, after: string] => {
    const [before, after] = [
      JSON.stringify([FORMAT, base.origin + base.prefix, key.name, route.template]),
      JSON.stringify([shapeHash(route)]),
    ];
    const parts = [`${before.slice(0, -1)},`, `,${after.slice(1)}`] as const;
    around.set(route, parts);
    return parts;
  };
  const names = new WeakMap<RouteMatch, string>();
  const of: CacheKeys["of"] = (key, route, target) => {
    const [before, after] = around.get(route) ?? make(key, route);
    return before + JSON.stringify(target) + after;
  };
  return {
    of,
    ofMatch(key, match) {
      let name = names.get(match);
      if (name === undefined) names.set(match, (name = of(key, match.route, match.target)));
      return name;
    },
  };
}

/** Of all that decides what leaves: the selection, what the catalogue knows of each field, and how the shaper copies. */
function shapeHash({ endpoint, selection }: Route): string {
  const content = [
    SHAPER_VERSION,
    selection.fields,
    selection.customFields,
    endpoint.items,
    endpoint.paging,
    endpoint.fields,
    endpoint.shorthands,
  ];
  return createHash("sha256").update(JSON.stringify(content)).digest("base64url").slice(0, 16);
}
