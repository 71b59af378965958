/** Compares a configured key with Partoo's record of it. Pure: what was asked of Partoo is handed in. */
import type { Diagnostic } from "../config/diagnostic.ts";
import type { KeyPolicy } from "../policy.ts";
import type { KeyRecord } from "./answers.ts";
import type { Match } from "./match-records.ts";
import type { PermissionBook } from "./permission-book.ts";
import { EXPIRY_DAYS, daysBetween } from "../key-expiry.ts";
import { auditPermissions } from "./audit-permissions.ts";
import { finding } from "./finding.ts";

const UNUSED_DAYS = 30;

export interface AuditContext {
  readonly book: PermissionBook;
  /** ISO day, UTC. */
  readonly today: string;
}

/** Every defect of one key, each with a way out. */
export function auditKey(key: KeyPolicy, match: Match, context: AuditContext): readonly Diagnostic[] {
  return [...auditMatch(key, match), ...match.records.flatMap((record) => auditRecord(key, record, context))];
}

function auditMatch(key: KeyPolicy, { records, doubtful }: Match): readonly Diagnostic[] {
  const at = { where: key.where, severity: "error" } as const;
  if (doubtful.length > 0) {
    const hint = `revoke what is no longer used (keys revoke ID), or give the right one this name: keys update ${key.name} --id ID`;
    return [
      finding(
        at,
        "several-records",
        `${doubtful.length} usable keys of Partoo may be this one: ${doubtful.map(({ id }) => id).join(", ")}`,
        hint,
      ),
    ];
  }
  if (records.length > 0) return [];
  const hint = `keys create ${key.name}; or, for a key that exists: keys update ${key.name} --id ID, with its id from Partoo`;
  return [finding(at, "record-missing", `PARTOO_ADMIN_KEY sees no key that is labelled ${key.name}`, hint)];
}

function auditRecord(key: KeyPolicy, record: KeyRecord, context: AuditContext): readonly Diagnostic[] {
  const faults = [...auditState(key, record, context.today), ...auditExpiry(key, record), ...auditKind(key, record)];
  return [...faults, ...auditPermissions(key, record, context.book)];
}

function auditState(key: KeyPolicy, { id, disabled, expires, lastUsed, created }: KeyRecord, today: string): readonly Diagnostic[] {
  const [error, warning] = [{ where: key.where, severity: "error" } as const, { where: key.where, severity: "warning" } as const];
  const renew = `keys create ${key.name}, then the key's value into the environment: docs/operations/key-rotation.md`;
  if (disabled) return [finding(error, "key-disabled", `key ${id} of Partoo is revoked`, renew)];
  const daysLeft = expires === undefined ? Infinity : daysBetween(today, expires);
  if (daysLeft <= 0) return [finding(error, "key-expired", `key ${id} of Partoo expired on ${expires}`, renew)];
  const threshold = EXPIRY_DAYS.find((days) => daysLeft <= days);
  const idleSince = lastUsed ?? created;
  return [
    ...(threshold === undefined
      ? []
      : [
          finding(
            threshold === 1 ? error : warning,
            "key-expiring",
            `key ${id} of Partoo expires on ${expires}, ${inDays(daysLeft)}`,
            renew,
          ),
        ]),
    ...(idleSince === undefined || daysBetween(idleSince, today) < UNUSED_DAYS ? [] : [unused(key, { id, lastUsed })]),
  ];
}

function unused(key: KeyPolicy, { id, lastUsed }: Pick<KeyRecord, "id" | "lastUsed">): Diagnostic {
  const since = lastUsed === undefined ? "was never used" : `was last used on ${lastUsed}`;
  const hint = "look whether the environment holds another key's value; if nothing uses the key, revoke it and take it out of bff.yaml";
  return finding({ where: key.where, severity: "warning" }, "key-unused", `key ${id} of Partoo ${since}`, hint);
}

function auditExpiry(key: KeyPolicy, { id, expires }: KeyRecord): readonly Diagnostic[] {
  if (expires === key.expires) return [];
  const message = `key ${id} of Partoo ${expires === undefined ? "never expires" : `expires on ${expires}`}; bff.yaml has ${key.expires ?? "no date"}`;
  const hint =
    expires === undefined ? `remove expires from bff.yaml, or set the day: keys update ${key.name}` : `write expires: ${expires}`;
  return [finding({ where: key.where, severity: "warning" }, "expires-differs", message, hint)];
}

function auditKind(key: KeyPolicy, { id, type, addresses }: KeyRecord): readonly Diagnostic[] {
  const at = { where: key.where, severity: "warning" } as const;
  const personal = "have an administrator make a main integration key; a personal key is deleted with its owner";
  const open = addresses.length === 0 || addresses.some((range) => range.endsWith("/0"));
  const narrow = `keys update ${key.name} --ip ADDRESS, for each address that this server calls Partoo from`;
  return [
    ...(type === "user" ? [finding(at, "key-personal", `key ${id} of Partoo is somebody's personal key`, personal)] : []),
    ...(open ? [finding(at, "key-from-anywhere", `key ${id} of Partoo works from any address`, narrow)] : []),
  ];
}

function inDays(days: number): string {
  return days === 1 ? "tomorrow" : `in ${days} days`;
}
