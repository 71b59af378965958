/** Words of an explanation, and where the line that decides is written. */
import type { CallerKind } from "../caller/gate.ts";
import type { Location } from "../config/diagnostic.ts";
import type { Locator } from "../config/locate.ts";
import type { FieldSelection, Frontend, KeyPolicy, Rate, Route } from "../policy.ts";

interface Reason {
  readonly words: string;
  readonly where: Location;
}

const KIND_WORDS: Readonly<Record<CallerKind, readonly [words: string, member: string]>> = {
  page: ["a page of a listed origin", "origins"],
  "same-origin": ["a page on the proxy's own origin", "key"],
  server: ["a listed server with its bearer token", "servers"],
  app: ["a caller without Origin: an app or a script", "apps"],
};

const UNITS: ReadonlyMap<number, string> = new Map([
  [1, "s"],
  [60, "min"],
  [3600, "h"],
]);

export function frontendWords(locate: Locator, { name, key }: Frontend): Reason {
  return { words: `${name}, with the key ${key.name}`, where: locate.frontend(name, "key") };
}

/** Who is admitted, by which line. */
export function callerWords(locate: Locator, { name }: Frontend, kind: CallerKind): Reason {
  const [words, member] = KIND_WORDS[kind];
  return { words, where: locate.frontend(name, member) };
}

/** The limit of requests. */
export function limitWords(locate: Locator, { name, limits }: Frontend, kind: CallerKind): Reason {
  const report = limits.reportOnly ? " (only reported)" : "";
  const words = kind === "server" ? "none for servers" : `requests ${rateWords(limits.requests)} for one address${report}`;
  return { words, where: locate.frontend(name, "limits") };
}

/** `id, name; custom fields Parking` */
export function fieldWords({ fields, customFields }: FieldSelection): string {
  return `${fields.join(", ")}${customFields.length === 0 ? "" : `; custom fields ${customFields.join(", ")}`}`;
}

/** Where a part of a route is written, or the route where it says nothing of it. */
export function locateRoute(locate: Locator, key: KeyPolicy, route: Route, part: string): Location {
  return locate.bff("keys", key.name, "allow", `GET ${route.template}`, part);
}

/** `600/min` */
export function rateWords({ count, windowSeconds }: Rate): string {
  return `${count}/${UNITS.get(windowSeconds) ?? `${windowSeconds} s`}`;
}
