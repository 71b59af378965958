/** What one line of the corpus is: bytes somebody sends, and the one thing that may come of them. */
import type { ProblemCode } from "../../../src/problem.ts";
import { request } from "../../support/raw-client.ts";

/**
 * `plain`: answered, and Partoo hears exactly the bytes of the plain request.
 * Else status and code of the refusal, of which Partoo hears nothing.
 */
export type Outcome = "plain" | "204 preflight" | `${number} ${ProblemCode}`;

export type Entry = readonly [name: string, bytes: string | readonly string[], outcome: Outcome];

/** The plain request: whatever is harmless beside it must not change what Partoo hears. */
export const PLAIN_TARGET = "/store-locator/v2/business/search?city=Paris";

/** Entries of a target each, in an otherwise ordinary request. */
export function targets(outcome: Outcome, list: readonly string[]): readonly Entry[] {
  return list.map((target) => [named(target), request(target), outcome]);
}

/** Entries of field lines each, added to the plain request. */
export function fields(outcome: Outcome, list: readonly (string | readonly string[])[]): readonly Entry[] {
  return list.map((lines) => {
    const added = typeof lines === "string" ? [lines] : lines;
    return [named(added.join(" | ")), request(PLAIN_TARGET, { fields: added }), outcome];
  });
}

/** Printable, and short enough for a test's name. */
export function named(text: string): string {
  const printable = Array.from(text, (character) =>
    /[\x20-\x7e]/.test(character) ? character : `<${character.charCodeAt(0).toString(16)}>`,
  );
  const name = printable.join("");
  return name.length > 110 ? `${name.slice(0, 90)}… (${text.length} bytes)` : name;
}
