/** The values of the Partoo keys: from variables or from files. */
import { readFileSync } from "node:fs";
import type { Variables } from "./environment.ts";
import type { KeyRing, KeyRingContext, KeyValues } from "./key-ring.ts";
import type { KeyPolicy, Policy } from "./policy.ts";
import { variableName } from "./environment.ts";
import { createKeyRing } from "./key-ring.ts";
import { Secret } from "./secret.ts";

export type { KeyRing };

const PREFIX = "PARTOO_KEY_";

/** A key that no frontend uses needs no value. */
export function usedKeys({ frontends }: Policy): readonly KeyPolicy[] {
  return [...new Set([...frontends.values()].map(({ key }) => key))];
}

/** The variables that name a key's value. */
export function keyVariables(name: string): { readonly value: string; readonly file: string; readonly next: string } {
  const value = variableName(PREFIX, name);
  return { value, file: `${value}_FILE`, next: `${value}_NEXT` };
}

/**
 * @param names of configured keys
 * @returns the ring, and one line for each key whose value is missing or unusable
 */
export function openKeyRing(
  names: readonly string[],
  env: Variables,
  context: KeyRingContext,
): { readonly keys: KeyRing; readonly faults: readonly string[] } {
  const { values, faults } = readKeyValues(names, env, context.origin);
  return { keys: createKeyRing(values, context), faults };
}

/** @returns the values by name, and one line for each key whose value is missing or unusable */
export function readKeyValues(
  names: readonly string[],
  env: Variables,
  origin: string,
): { readonly values: ReadonlyMap<string, KeyValues>; readonly faults: readonly string[] } {
  const values = new Map<string, KeyValues>();
  const faults: string[] = [];
  for (const name of names) {
    try {
      values.set(name, readKey(name, env, origin));
    } catch (fault) {
      faults.push((fault as Error).message);
    }
  }
  return { values, faults };
}

function readKey(name: string, env: Variables, origin: string): KeyValues {
  const variables = keyVariables(name);
  const [value, file, next] = [env[variables.value], env[variables.file], env[variables.next]];
  if (value && file) throw new TypeError(`${variables.value} and ${variables.file} are both set; keep one`);
  if (!value && !file) throw new TypeError(`${variables.value} (or ${variables.file}) is missing: the value of key ${name}`);
  const fileText = file ? readKeyFile(variables.file, file) : "";
  const secret = (variable: string, text: string, label = name): Secret => {
    try {
      return new Secret(label, text, origin);
    } catch (fault) {
      throw new TypeError(`${variable}: ${(fault as Error).message}`, { cause: fault });
    }
  };
  return {
    current: value ? secret(variables.value, value) : secret(variables.file, fileText),
    next: next ? secret(variables.next, next, `${name} (next)`) : undefined,
    file: file || undefined,
    fileText,
  };
}

function readKeyFile(variable: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (fault) {
    throw new TypeError(`${variable}: ${file} can't be read (${(fault as NodeJS.ErrnoException).code})`, { cause: fault });
  }
}
