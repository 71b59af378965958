/** Checks that every name that becomes an environment variable becomes its own one. */
import type { Location } from "../diagnostic.ts";
import type { CheckContext, ConfigPlaces } from "./context.ts";
import { entries, member, textItems } from "../place.ts";
import { variableName } from "../../environment.ts";
import { quote } from "../suggest.ts";

interface Named {
  readonly name: string;
  readonly at: Location;
}

/** Checks keys, organizations and servers. */
export function checkNames(places: ConfigPlaces, context: CheckContext): void {
  const under = (name: string): readonly Named[] =>
    entries(member(places.bff, name)).map(([own, place]) => ({ name: own, at: place.nameAt }));
  checkVariables("PARTOO_KEY_", under("keys"), context);
  checkVariables("WEBHOOK_SECRET_", under("organizations"), context);
  const servers = places.frontends.flatMap(({ root }) => textItems(member(root, "servers")));
  checkVariables(
    "BFF_SERVER_",
    servers.map(({ text, at }) => ({ name: text, at })),
    context,
  );
}

function checkVariables(prefix: string, names: readonly Named[], { reporter }: CheckContext): void {
  const taken = new Map<string, Named>();
  for (const { name, at } of names) {
    const variable = variableName(prefix, name);
    const suffix = /_(FILE|NEXT)$/.exec(variable)?.[0];
    if (suffix !== undefined) {
      const message = `${quote(name)} would be the variable ${variable}, where ${suffix} has a meaning of its own`;
      reporter.error(at, "name-suffix", message, "choose a name that does not end so");
    }
    const other = taken.get(variable);
    if (other !== undefined && other.name !== name) {
      reporter.error(
        at,
        "name-collision",
        `${quote(name)} and ${quote(other.name)} would both be the variable ${variable}`,
        "rename one of the two",
      );
    }
    taken.set(variable, { name, at });
  }
}
