/** The bearer tokens of servers that frontends list: BFF_SERVER_<NAME>. */
import type { Variables } from "./environment.ts";
import type { Policy } from "./policy.ts";
import { variableName } from "./environment.ts";
import { Secret } from "./secret.ts";

/** A token that can be guessed is a way around every limit by address. */
export const MIN_TOKEN_LENGTH = 16;

/** Variable that holds a server's token. */
export function serverVariable(name: string): string {
  return variableName("BFF_SERVER_", name);
}

/** Whether a value is long enough to be one. */
export function isServerToken(value: string | undefined): value is string {
  return value !== undefined && value.trim().length >= MIN_TOKEN_LENGTH;
}

/** @returns the tokens by server, and one line for each that is missing or unusable */
export function readServerTokens(
  policy: Policy,
  env: Variables,
): { readonly tokens: ReadonlyMap<string, Secret>; readonly faults: readonly string[] } {
  const names = new Set([...policy.frontends.values()].flatMap((frontend) => [...frontend.servers]));
  const tokens = new Map<string, Secret>();
  const faults: string[] = [];
  for (const name of names) {
    const variable = serverVariable(name);
    const value = env[variable];
    try {
      if (isServerToken(value)) tokens.set(name, new Secret(variable, value, "callers"));
      else faults.push(`${variable} is missing or shorter than ${MIN_TOKEN_LENGTH} characters: the bearer token of server ${name}`);
    } catch (fault) {
      faults.push((fault as Error).message);
    }
  }
  return { tokens, faults };
}
