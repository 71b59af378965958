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
  /** Texts of files below config/, each with what stands there instead. */
  readonly replace: readonly (readonly [file: string, before: string, after: string])[];
  /** Whole content of frontends/store-locator.yaml; default: as shipped. */
  readonly frontend?: string;
}

/** Nothing is called for but what is asked, and the load reaches no limit. */
export const NO_SWEEP: ConfigurationChanges = {
  replace: [
    ["bff.yaml", "quota: 300/min", "quota: 9999999/min"],
    ["bff.yaml", "organization: acme\n", "organization: acme\n    sweep: false\n"],
    ["frontends/mobile-app.yaml", "stores: true", "stores: false"],
  ],
  frontend: UNLIMITED_FRONTEND,
};

/** @param into a folder that does not exist yet @throws Error when the shipped file has none of a text */
export function copyConfiguration(root: string, into: string, { replace, frontend }: ConfigurationChanges): void {
  cpSync(join(root, "config"), into, { recursive: true });
  for (const [name, before, after] of replace) {
    const file = join(into, name);
    const text = readFileSync(file, "utf8");
    if (!text.includes(before)) throw new Error(`config/${name} has changed its form`);
    writeFileSync(file, text.replace(before, after));
  }
  if (frontend !== undefined) writeFileSync(join(into, "frontends/store-locator.yaml"), frontend);
}
