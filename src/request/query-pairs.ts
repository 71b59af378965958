/** The names and values of a query, each decoded once: the part of stage e that is the same whatever the parameters are. */
import { distance } from "fastest-levenshtein";
import { problem } from "../problem.ts";
import { decodeUtf8 } from "./path.ts";

const MAX_NAMES_LISTED = 8;
const MAX_NAME_LENGTH = 40;
const NO_PAIRS: ReadonlyMap<string, string> = new Map();

/** A map's keys, or a set. */
type Names = Pick<ReadonlySet<string>, "has" | "keys">;

export interface QueryNames {
  /** What callers may send. */
  readonly allowed: Names;
  /** What they may not, because we do. */
  readonly forced?: Names;
}

/**
 * Splits a query and decodes each part once; every name must be known, free and unrepeated.
 * @param query raw, without "?"
 * @throws Problem parameter-unknown, parameter-invalid
 */
export function readPairs(query: string, names: QueryNames): ReadonlyMap<string, string> {
  if (query === "") return NO_PAIRS;
  const pairs = new Map<string, string>();
  const unknown: string[] = [];
  const invalid: string[] = [];
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = decodePart(equals === -1 ? pair : pair.slice(0, equals));
    const text = decodePart(equals === -1 ? "" : pair.slice(equals + 1));
    if (name !== undefined && names.forced?.has(name) === true) invalid.push(`${name} is set by this proxy`);
    else if (name === undefined || !names.allowed.has(name)) unknown.push(name ?? "");
    else if (pairs.has(name)) invalid.push(`${name} is repeated`);
    else if (text === undefined) invalid.push(`${name} is not valid UTF-8`);
    else pairs.set(name, text);
  }
  if (unknown.length > 0) throw problem("parameter-unknown", { detail: unknownDetail(unknown, [...names.allowed.keys()]) });
  if (invalid.length > 0) throw problem("parameter-invalid", { detail: `${invalid.slice(0, MAX_NAMES_LISTED).join("; ")}.` });
  return pairs;
}

/** application/x-www-form-urlencoded: "+" is a space. */
function decodePart(raw: string): string | undefined {
  if (!raw.includes("%") && !raw.includes("+")) return raw;
  return decodeUtf8(raw.replaceAll("+", " "));
}

function unknownDetail(unknown: readonly string[], allowed: readonly string[]): string {
  const listed = unknown.slice(0, MAX_NAMES_LISTED).map((name) => {
    const shown = name.replaceAll(/[^\w.-]/g, "?").slice(0, MAX_NAME_LENGTH) || "(no name)";
    const nearest = allowed.find((candidate) => distance(candidate, shown) <= 2);
    return nearest === undefined ? shown : `${shown} (did you mean ${nearest}?)`;
  });
  return `Not known here: ${listed.join(", ")}. Allowed: ${allowed.join(", ") || "none"}.`;
}
