/** Checks organizations: their quota, and that what is declared is used. */
import type { Place } from "../place.ts";
import type { CheckContext, ConfigPlaces } from "./context.ts";
import { entries, member, textOf } from "../place.ts";
import { DEFAULT_QUOTA, DEFAULT_RESERVE } from "../defaults.ts";
import { callsPerMinute, percentage } from "../units.ts";

/** Checks the numbers of every organization. */
export function checkOrganizations(bff: Place, context: CheckContext): void {
  for (const [, organization] of entries(member(bff, "organizations"))) checkQuota(organization, context);
}

function checkQuota(organization: Place, { reporter }: CheckContext): void {
  const [quota, reserve, instances] = [member(organization, "quota"), member(organization, "reserve"), member(organization, "instances")];
  const calls = callsPerMinute.safeParse(quota?.value ?? DEFAULT_QUOTA);
  const part = percentage.safeParse(reserve?.value ?? DEFAULT_RESERVE);
  if (!calls.success || !part.success) return;
  const budget = calls.data - Math.ceil(calls.data * part.data);
  if (budget < 1) {
    reporter.error(
      (reserve ?? quota ?? organization).at,
      "quota-empty",
      "the reserve leaves this server no call a minute",
      "lower reserve or raise quota",
    );
  } else if (typeof instances?.value === "number" && budget < instances.value) {
    const message = `${budget} calls a minute are left for ${instances.value} instances: less than one each`;
    reporter.warning(instances.at, "quota-thin", message, "run fewer instances, or lower reserve");
  }
}

/** Warns of keys and organizations that no frontend reaches. */
export function checkUses(places: ConfigPlaces, { reporter }: CheckContext): void {
  const { bff, frontends } = places;
  if (bff === undefined || !places.complete) return;
  if (frontends.length === 0) {
    const at = { file: bff.at.file, line: 1, column: 1 };
    reporter.warning(at, "frontends-missing", "there is no frontend, so nobody can call", "write frontends/NAME.yaml beside this file");
    return;
  }
  const usedKeys = new Set(frontends.map(({ root }) => textOf(member(root, "key"))));
  const keys = entries(member(bff, "keys"));
  // A misspelt name is reported where it stands; what it was meant for is not unused.
  if (!isSubset(usedKeys, member(bff, "keys"))) return;
  for (const [name, key] of keys) {
    if (!usedKeys.has(name))
      reporter.warning(key.nameAt, "key-unused", "no frontend uses this key", "remove it, or name it in a frontend: key: …");
  }
  const belonging = new Set(keys.map(([, key]) => textOf(member(key, "organization"))));
  if (isSubset(belonging, member(bff, "organizations"))) checkOrganizationUses(bff, usedKeys, reporter);
}

function checkOrganizationUses(bff: Place, usedKeys: ReadonlySet<string | undefined>, reporter: CheckContext["reporter"]): void {
  const keys = entries(member(bff, "keys"));
  for (const [name, organization] of entries(member(bff, "organizations"))) {
    const own = keys.filter(([, key]) => textOf(member(key, "organization")) === name);
    if (own.length === 0) {
      reporter.warning(
        organization.nameAt,
        "organization-unused",
        "no key belongs to this organization",
        "remove it, or name it in a key: organization: …",
      );
    } else if (!own.some(([key]) => usedKeys.has(key))) {
      reporter.warning(
        organization.nameAt,
        "organization-without-frontend",
        "no frontend uses a key of this organization",
        "remove it, or write a frontend",
      );
    }
  }
}

function isSubset(names: ReadonlySet<string | undefined>, declared: Place | undefined): boolean {
  return [...names].every((name) => name !== undefined && member(declared, name) !== undefined);
}
