/** The bearer tokens of servers that frontends list: BFF_SERVER_<NAME>. */
import type { Variables } from "./environment.ts";
import { variableName } from "./environment.ts";
import { Secret } from "./secret.ts";

/** A token that can be guessed is a way around every limit by address. */
const MIN_TOKEN_LENGTH = 16;

/** @returns the tokens by server, and one line for each that is missing or unusable */
export function readServerTokens(
  names: ReadonlySet<string>,
  env: Variables,
): { readonly tokens: ReadonlyMap<string, Secret>; readonly faults: readonly string[] } {
  const tokens = new Map<string, Secret>();
  const faults: string[] = [];
  for (const name of names) {
    const variable = variableName("BFF_SERVER_", name);
    const value = env[variable];
    try {
      if (value !== undefined && value.trim().length >= MIN_TOKEN_LENGTH) tokens.set(name, new Secret(variable, value, "callers"));
      else faults.push(`${variable} is missing or shorter than ${MIN_TOKEN_LENGTH} characters: the bearer token of server ${name}`);
    } catch (fault) {
      faults.push((fault as Error).message);
    }
  }
  return { tokens, faults };
}
