/** A configuration in a directory of its own, written again for each load. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/load.ts";
import type { LoadedConfig } from "../../src/config/load.ts";

/** Allows /business/search with `city`, `id` and `name`. */
export const SOUND_BFF = `version: 1
organizations: { acme: {} }
keys:
  reader:
    organization: acme
    permissions: []
    allow:
      GET /business/search: { query: { city: {} }, fields: [id, name] }
`;
export const SOUND_FRONTEND = "key: reader\norigins: [https://stores.acme.example]\n";

export interface TemporaryConfig {
  readonly directory: string;
  /** Writes bff.yaml and frontends/site.yaml, and loads them. */
  readonly load: (bff: string, frontend?: string, devOrigins?: readonly string[]) => LoadedConfig;
  readonly remove: () => void;
}

export function createTemporaryConfig(): TemporaryConfig {
  const directory = mkdtempSync(join(tmpdir(), "config-"));
  mkdirSync(join(directory, "frontends"));
  return {
    directory,
    load: (bff, frontend = SOUND_FRONTEND, devOrigins = []) => {
      writeFileSync(join(directory, "bff.yaml"), bff);
      writeFileSync(join(directory, "frontends", "site.yaml"), frontend);
      return loadConfig(directory, { devOrigins });
    },
    remove: () => rmSync(directory, { recursive: true }),
  };
}
