/** Copies of the shipped configuration, changed for what is measured. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ORIGIN } from "./world.ts";

/** store-locator as shipped but for the directory, with limits that no load reaches. */
export const UNLIMITED_FRONTEND = `key: locator-read
origins: [${ORIGIN}]
limits: { requests: 9999999/s, misses: 9999999/s }
`;

export interface ConfigurationChanges {
  /** Texts of bff.yaml, each with what stands there instead. */
  readonly replace: readonly (readonly [before: string, after: string])[];
  /** Whole content of frontends/store-locator.yaml; default: as shipped. */
  readonly frontend?: string;
}

/** @param into a folder that does not exist yet @throws Error when the shipped file has none of a text */
export function copyConfiguration(root: string, into: string, { replace, frontend }: ConfigurationChanges): void {
  cpSync(join(root, "config"), into, { recursive: true });
  const file = join(into, "bff.yaml");
  let text = readFileSync(file, "utf8");
  for (const [before, after] of replace) {
    if (!text.includes(before)) throw new Error("config/bff.yaml has changed its form");
    text = text.replace(before, after);
  }
  writeFileSync(file, text);
  if (frontend !== undefined) writeFileSync(join(into, "frontends/store-locator.yaml"), frontend);
}
