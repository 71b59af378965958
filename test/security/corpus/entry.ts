/** What one row of the corpus is: bytes somebody sends, and the one thing that may come of them. */
import type { ProblemCode } from "../../../src/problem.ts";
import { request } from "../../support/raw-client.ts";

/** Status and code of a refusal, of which Partoo hears nothing. */
export type Refusal = `${number} ${ProblemCode}`;

/**
 * - `plain`: the very bytes that answer the plain request, and Partoo hears exactly the bytes of the plain request.
 * - `asked`: 200, and Partoo hears the same; of another frontend, so with other fields.
 * - `200 ours`, `304 ours`: answered, and Partoo hears nothing.
 * - `200 cookie`, `200 bearer`: a session is minted, and Partoo hears nothing.
 */
export type Outcome = "plain" | "asked" | "204 preflight" | "200 ours" | "304 ours" | "200 cookie" | "200 bearer" | Refusal;

/** One connection, one request, one answer; after it the connection is closed or in step. */
export type Entry = readonly [name: string, bytes: string | readonly string[], outcome: Outcome];

/** One connection, several requests at once: all the answers that may come, in order, and whether the connection goes on. */
export type Pipeline = readonly [name: string, bytes: string, outcomes: readonly Outcome[], after: "in step" | "closed"];

/** One class of rows. */
export interface Group<Row> {
  /** Why it is dangerous, and where it is written what must come of it. */
  readonly why: string;
  readonly rows: readonly Row[];
}

/** The plain request: whatever is harmless beside it must not change what Partoo hears. */
export const PLAIN_TARGET = "/store-locator/v2/business/search?city=Paris";

export const LISTED = "https://stores.acme.example";

/** Entries of a target each, in an otherwise ordinary request. */
export function targets(outcome: Outcome, list: readonly string[]): readonly Entry[] {
  return list.map((target) => [named(target), request(target), outcome]);
}

/** Entries of field lines each, added to the plain request. */
export function fields(outcome: Outcome, list: readonly (string | readonly string[])[]): readonly Entry[] {
  return fieldsAt(PLAIN_TARGET, outcome, list);
}

/** Entries of field lines each, added to a request of the target. @param origin null: none is sent */
export function fieldsAt(
  target: string,
  outcome: Outcome,
  list: readonly (string | readonly string[])[],
  origin: string | null = LISTED,
): readonly Entry[] {
  const from = origin === LISTED ? "" : `Origin: ${named(origin ?? "none")}`;
  const shown = [target === PLAIN_TARGET ? "" : target, from].filter((text) => text !== "");
  return list.map((lines) => {
    const added = typeof lines === "string" ? [lines] : lines;
    return [
      [...shown, named(added.join(" | "))].filter((text) => text !== "").join(" "),
      request(target, { origin, fields: added }),
      outcome,
    ];
  });
}

/** Entries of another method each, to the target. */
export function methods(target: string, outcome: Outcome, list: readonly string[]): readonly Entry[] {
  return list.map((method) => [`${method} ${named(target)}`, request(target, { method }), outcome]);
}

/** Printable, and short enough for a test's name. */
export function named(text: string): string {
  const printable = Array.from(text, (character) =>
    /[\x20-\x7e]/.test(character) ? character : `<${character.charCodeAt(0).toString(16)}>`,
  );
  const name = printable.join("");
  return name.length > 110 ? `${name.slice(0, 90)}… (${text.length} bytes)` : name;
}
