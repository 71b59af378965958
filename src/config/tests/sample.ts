/** One request that a route allows, made from what its parameters accept. */
import type { ParameterSchema } from "../../partoo/endpoint.ts";
import type { ParameterReader, Route } from "../../policy.ts";

/** Texts of the kinds that Partoo's parameters have. */
const CANDIDATES = ["000000000000000000000001", "1", "10", "fr", "FR", "Paris", "75001", "2026-01-01", "gcid:restaurant"];

/** @returns path from `/v2` on and query with "?" (or nothing): only what must be sent */
export function sampleOf(route: Route): { readonly path: string; readonly query: string } {
  const { endpoint, segments, query, force } = route;
  const path = segments.map((segment) => {
    return "literal" in segment ? segment.literal : encodeURIComponent(acceptedText(segment.read, endpoint.path[segment.parameter]));
  });
  const pairs = (endpoint.requiredQuery ?? [])
    .filter((name) => !force.has(name) && query.get(name)?.default === undefined)
    .map((name) => {
      const parameter = query.get(name);
      return parameter === undefined ? name : `${name}=${encodeURIComponent(acceptedText(parameter.read, endpoint.query[name]))}`;
    });
  return { path: `/v2/${path.join("/")}`, query: pairs.length === 0 ? "" : `?${pairs.join("&")}` };
}

/** A text that a parameter accepts: the first candidate that passes, or the first of all when none does. */
export function acceptedText(read: ParameterReader, schema: ParameterSchema | undefined): string {
  const words = [...(schema?.enum ?? []), ...(schema?.items?.enum ?? []), ...CANDIDATES];
  return words.find((text) => !("fault" in read(text))) ?? CANDIDATES[0] ?? "";
}
