/** Checks keys: their organization, permissions, expiry, and that each has a use. */
import type { Endpoint } from "../../partoo/endpoint.ts";
import type { Place } from "../place.ts";
import type { CheckContext } from "./context.ts";
import { entries, member, textItems, textOf } from "../place.ts";
import { didYouMean, quote } from "../suggest.ts";
import { date } from "../units.ts";
import { checkRepeats } from "./context.ts";
import { checkRoutes } from "./routes.ts";
import { reportSecret } from "./secrets.ts";

/** Long names of permissions are words with _ between them (partoo reference §3); without one, it is the key itself. */
const NO_PERMISSION = /^[^_\s]{20,}$/;
const DAY_MS = 86_400_000;
/** Time enough to make a new key and to bring it out. */
const EXPIRES_SOON_DAYS = 30;
const SWEEP_ROUTES = ["/business/search", "/business/{business_id}"];

/** Checks every key of bff.yaml with its routes. */
export function checkKeys(bff: Place, context: CheckContext): void {
  for (const [, key] of entries(member(bff, "keys"))) {
    const allowed = checkRoutes(member(key, "allow"), context);
    checkOrganizationName(key, bff, context);
    checkPermissions(key, allowed, context);
    checkExpiry(member(key, "expires"), context);
    checkSweep(member(key, "sweep"), allowed, context);
  }
}

function checkOrganizationName(key: Place, bff: Place, { reporter }: CheckContext): void {
  const organization = member(key, "organization");
  const name = textOf(organization);
  const known = entries(member(bff, "organizations")).map(([own]) => own);
  if (organization === undefined || name === undefined || known.includes(name)) return;
  reporter.error(organization.at, "organization-unknown", `${quote(name)} is no organization of this file`, didYouMean(name, known));
}

function checkPermissions(key: Place, allowed: ReadonlyMap<Endpoint, Place>, { reporter }: CheckContext): void {
  const permissions = member(key, "permissions");
  if (permissions === undefined) {
    const hint = "restrict it in Partoo, then list here what you ticked: permissions: [review_read]";
    if (key.members.size > 0)
      reporter.warning(key.nameAt, "key-unrestricted", "this key has no permissions: in Partoo it may do all that its user may", hint);
    return;
  }
  const secrets = textItems(permissions).filter(({ text }) => NO_PERMISSION.test(text));
  for (const { at } of secrets) reportSecret(at, reporter);
  if (secrets.length > 0) return;
  checkRepeats(permissions, reporter);
  const held = new Set(textItems(permissions).map(({ text }) => text));
  const needed = new Set<string>();
  for (const [endpoint, route] of allowed) {
    for (const { name, basis } of endpoint.permissions) {
      needed.add(name);
      if (held.has(name)) continue;
      const sure = basis === "inferred" ? " (inferred; Partoo does not say so)" : "";
      const hint = `tick ${name} in Partoo and list it in permissions`;
      reporter.warning(
        route.nameAt,
        "permission-missing",
        `GET ${endpoint.template} needs the permission ${name}${sure}, and this key has not`,
        hint,
      );
    }
  }
  for (const { text, at } of textItems(permissions)) {
    if (needed.has(text)) continue;
    const hint =
      didYouMean(
        text,
        [...needed].filter((name) => !held.has(name)),
      ) ?? "take it from the key in Partoo, and from this list";
    reporter.warning(at, "permission-unused", `no route of this key is known to need ${quote(text)}`, hint);
  }
}

/** The last day is good; after it Partoo answers 401. */
function checkExpiry(expires: Place | undefined, { reporter, today }: CheckContext): void {
  const read = date.safeParse(expires?.value);
  if (expires === undefined || !read.success) return;
  const daysLeft = (Date.parse(read.data) - Date.parse(today)) / DAY_MS;
  const hint = "make a new key in Partoo, then change its value and this date";
  if (daysLeft < 0) reporter.warning(expires.at, "key-expired", "this day has passed: Partoo refuses the key", hint);
  else if (daysLeft <= EXPIRES_SOON_DAYS) reporter.warning(expires.at, "key-expires-soon", `this key expires ${inDays(daysLeft)}`, hint);
}

function inDays(days: number): string {
  if (days === 0) return "today";
  return days === 1 ? "in 1 day" : `in ${days} days`;
}

function checkSweep(sweep: Place | undefined, allowed: ReadonlyMap<Endpoint, Place>, { reporter }: CheckContext): void {
  if (sweep?.value !== true) return;
  const templates = new Set([...allowed.keys()].map(({ template }) => template));
  const missing = SWEEP_ROUTES.filter((template) => !templates.has(template));
  if (missing.length === 0) return;
  const message = `all stores can only be held where both business routes are allowed; GET ${missing.join(" and GET ")} is not`;
  reporter.error(sweep.nameAt, "sweep-routes", message, "allow it, or remove the line");
}
