/** Checks each frontend: its name, its key, who may call it, and with which routes. */
import type { Place } from "../place.ts";
import type { Reporter } from "../reporter.ts";
import type { CheckContext, FrontendPlace } from "./context.ts";
import { filtersNotApplied } from "../../directory/visibility.ts";
import { BUSINESS_BY_ID, BUSINESS_SEARCH } from "../../partoo/business.ts";
import { originFault } from "../origin.ts";
import { entries, member, textItems, textOf } from "../place.ts";
import { isEndpoint, readRouteName } from "../route-name.ts";
import { didYouMean, quote } from "../suggest.ts";
import { percentage } from "../units.ts";
import { checkRepeats } from "./context.ts";
import { checkSessions } from "./sessions.ts";

/** First path segments with a meaning of their own (design §3). */
const RESERVED_NAMES: ReadonlySet<string> = new Set(["healthz", "readyz", "webhooks", "v2", "session", "stores"]);

const SHOWING_STORES = [BUSINESS_SEARCH, BUSINESS_BY_ID].map(({ template }) => `GET ${template}`);

/** Checks one frontend against the keys of bff.yaml, when that could be read. */
export function checkFrontend(frontend: FrontendPlace, bff: Place | undefined, context: CheckContext): void {
  const { root, name, file } = frontend;
  const { reporter } = context;
  if (RESERVED_NAMES.has(name)) {
    const at = { file, line: 1, column: 1 };
    reporter.error(at, "frontend-reserved", `the name ${quote(name)} has a meaning of its own in addresses`, "rename the file");
  }
  const key = bff === undefined ? undefined : findKey(root, bff, context);
  checkOrigins(member(root, "origins"), context);
  checkRepeats(member(root, "servers"), reporter);
  checkReachable(frontend, context);
  checkOnly(member(root, "only"), key, context);
  checkShare(member(root, "share"), context);
  checkStores(member(root, "stores"), key, context);
  checkSessions(root, context);
}

function findKey(root: Place, bff: Place, { reporter }: CheckContext): Place | undefined {
  const named = member(root, "key");
  const name = textOf(named);
  if (named === undefined || name === undefined) return undefined;
  const keys = member(bff, "keys");
  const found = member(keys, name);
  if (keys !== undefined && found === undefined) {
    const known = entries(keys).map(([own]) => own);
    reporter.error(named.at, "key-unknown", `${quote(name)} is no key of bff.yaml`, didYouMean(name, known));
  }
  return found;
}

function checkOrigins(origins: Place | undefined, { reporter }: CheckContext): void {
  checkRepeats(origins, reporter);
  for (const item of origins?.items ?? []) {
    if (item.value === null) {
      reporter.error(item.at, "origin-null", "null is sent by any sandboxed page, so it is nobody", "list the page's own origin");
    }
    const fault = typeof item.value === "string" ? originFault(item.value) : undefined;
    if (fault !== undefined) reporter.error(item.at, fault.code, fault.message, fault.hint);
  }
}

function checkReachable({ root, file }: FrontendPlace, { reporter }: CheckContext): void {
  const isList = (name: string): boolean => {
    const place = member(root, name);
    return place !== undefined && (!Array.isArray(place.value) || place.items.length > 0);
  };
  const apps = member(root, "apps");
  if (isList("origins") || isList("servers") || (apps !== undefined && apps.value !== false)) return;
  const at = member(root, "origins")?.nameAt ?? { file, line: 1, column: 1 };
  reporter.error(at, "frontend-unreachable", "nobody can call this frontend", "list origins of pages or servers, or set apps: true");
}

function checkOnly(only: Place | undefined, key: Place | undefined, { reporter }: CheckContext): void {
  checkRepeats(only, reporter);
  const allow = member(key, "allow");
  for (const { text, at } of textItems(only)) {
    if (member(allow, text) !== undefined) continue;
    const read = readRouteName(text);
    if (!isEndpoint(read)) {
      reporter.error(at, read.code, read.message, read.hint);
    } else if (allow !== undefined) {
      const hint = didYouMean(text, [...allow.members.keys()]);
      reporter.error(at, "only-not-allowed", `the key does not allow ${quote(text)}`, hint ?? "allow it there first, or remove the line");
    }
  }
}

function checkShare(share: Place | undefined, { reporter }: CheckContext): void {
  const read = share === undefined ? undefined : percentage.safeParse(share.value);
  if (share === undefined || read?.success !== true || read.data > 0) return;
  reporter.error(share.at, "share-empty", "a share of 0% leaves this frontend no call to Partoo", "write at least 1%, or remove the file");
}

/** The directory is made of what the key's sweep reads, and may show what its two routes show. */
function checkStores(stores: Place | undefined, key: Place | undefined, { reporter }: CheckContext): void {
  if (stores?.value !== true || key === undefined) return;
  const allow = member(key, "allow");
  const missing = SHOWING_STORES.filter((route) => member(allow, route) === undefined);
  if (missing.length > 0) {
    const message = `the directory shows what ${quote(missing.join(" and "))} may show, which the key does not allow`;
    reporter.error(stores.nameAt, "stores-routes", message, "allow it, or remove the line");
    return;
  }
  if (member(key, "sweep")?.value === false) {
    const hint = "take sweep: false from the key, or remove the line";
    reporter.error(stores.nameAt, "stores-sweep", "the directory needs all stores, and its key does not hold them", hint);
  }
  const search = member(allow, `GET ${BUSINESS_SEARCH.template}`);
  const unknown = filtersNotApplied(member(search, "force")?.members.keys() ?? []);
  if (unknown.length > 0) {
    const message = `the search forces ${unknown.join(", ")}, by which the directory can't tell stores apart`;
    reporter.error(stores.nameAt, "stores-force", message, "force status, country, city or zipcode, or remove the line");
  }
  checkStoresShown(stores, search, reporter);
}

/** What most pages of a directory are made for. */
function checkStoresShown(stores: Place, search: Place | undefined, reporter: Reporter): void {
  const shown = new Set(textItems(member(search, "fields")).map(({ text }) => text));
  const hidden = ["lat", "long"].filter((name) => !shown.has(name));
  if (hidden.length > 0) {
    const message = `the directory has no distances, no pins, no radius and no bounds: the key's search does not show ${hidden.join(" and ")}`;
    reporter.warning(stores.nameAt, "stores-position", message, listThere(hidden.join(" and ")));
  }
  if (!shown.has("open_hours")) {
    const message = "the directory says whether a store is open, and not its hours of today: the key's search does not show open_hours";
    reporter.warning(stores.nameAt, "stores-hours", message, listThere("open_hours"));
  }
}

function listThere(names: string): string {
  return `list ${names} in fields of the key's GET ${BUSINESS_SEARCH.template}`;
}
