/** All cross-checks of a configuration, in one place. Each reports for itself; none stops the others. */
import type { Source } from "../source.ts";
import type { CheckContext, ConfigPlaces } from "./context.ts";
import { checkFrontend } from "./frontends.ts";
import { checkKeys } from "./keys.ts";
import { checkNames } from "./names.ts";
import { checkOrganizations, checkUses } from "./organizations.ts";
import { checkSecrets } from "./secrets.ts";

/** Checks the files against the catalogue and each other. What could not be read is left out. */
export function checkConfig(source: Source, context: CheckContext): void {
  const files = [...source.frontends].map(([name, { file, root }]) => ({ name, file, root }));
  const frontends = files.flatMap(({ name, file, root }) => (root === undefined ? [] : [{ name, file, root }]));
  const places: ConfigPlaces = { bff: source.bff?.root, frontends, complete: source.complete && frontends.length === files.length };
  for (const file of [source.bff, ...source.frontends.values()]) if (file !== undefined) checkSecrets(file, context);
  if (places.bff !== undefined) {
    checkOrganizations(places.bff, context);
    checkKeys(places.bff, context);
  }
  for (const frontend of frontends) checkFrontend(frontend, places.bff, context);
  checkNames(places, context);
  checkUses(places, context);
}
