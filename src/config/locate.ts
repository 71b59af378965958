/** Where something of a configuration is written, for whoever explains a decision. Never asked while a request is answered. */
import type { Location } from "./diagnostic.ts";
import type { Source, SourceFile } from "./source.ts";
import { join } from "node:path";
import { follow } from "./place.ts";

/** Follows a path of names as far as the file goes, so that what is a default points to where it could be written. */
export interface Locator {
  /** In bff.yaml: `("keys", "locator-read", "allow", "GET /business/search")`. */
  bff(...path: readonly string[]): Location;
  /** In frontends/NAME.yaml: `("origins")`. */
  frontend(name: string, ...path: readonly string[]): Location;
}

export function createLocator(directory: string, source: Source): Locator {
  return {
    bff: (...path) => locate(source.bff, path) ?? { file: join(directory, "bff.yaml"), line: 1, column: 1 },
    frontend: (name, ...path) =>
      locate(source.frontends.get(name), path) ?? { file: join(directory, "frontends", `${name}.yaml`), line: 1, column: 1 },
  };
}

function locate(file: SourceFile | undefined, path: readonly string[]): Location | undefined {
  return file?.root === undefined ? undefined : follow(file.root, path).place.nameAt;
}
