/** What a key may do at Partoo, against what its routes need: no more and no less. */
import type { Diagnostic } from "../config/diagnostic.ts";
import type { KeyPolicy } from "../policy.ts";
import type { KeyRecord } from "./answers.ts";
import type { Need } from "./needs.ts";
import type { PermissionBook } from "./permission-book.ts";
import { finding } from "./finding.ts";
import { needsOf } from "./needs.ts";
import { closePermissions } from "./permission-book.ts";
import { printable } from "./printable.ts";

/** Of an unrestricted key nothing more can be said: Partoo does not list what its user may. */
export function auditPermissions(key: KeyPolicy, record: KeyRecord, book: PermissionBook): readonly Diagnostic[] {
  if (!record.restricted) {
    const hint = `keys update ${key.name} restricts it to what its routes need`;
    const message = `key ${record.id} of Partoo is not restricted: it may do all that its user may, such as editing stores`;
    return [finding({ where: key.where, severity: "warning" }, "key-unrestricted", message, hint)];
  }
  const needs = needsOf(key);
  const needed = closePermissions(
    needs.map(({ permission }) => permission),
    book,
  );
  const missing = needed.filter((name) => !record.listed.includes(name));
  const unused = record.listed.filter((name) => !needed.includes(name));
  return [
    ...missing.map((name) => missingFinding(key, name, { needs, book, id: record.id })),
    ...unused.map((name) => unusedFinding(key, name, record.id)),
    ...ineffective(record, book).map((name) => ineffectiveFinding(key, name, { record, book })),
    ...differing(key, record, { book, told: new Set([...missing, ...unused]) }),
  ];
}

function missingFinding(
  key: KeyPolicy,
  name: string,
  { needs, book, id }: { readonly needs: readonly Need[]; readonly book: PermissionBook; readonly id: number },
): Diagnostic {
  const direct = needs.find(({ permission }) => permission === name);
  const need = direct ?? needs.find(({ permission }) => closePermissions([permission], book).includes(name));
  const route = need === undefined ? "" : `GET ${need.route.template} needs `;
  const why = direct === undefined ? `${route}${need?.permission}, which depends on ${name}` : `${route}${name}`;
  const sure = need?.basis === "inferred" ? " (inferred; Partoo does not say so)" : "";
  const offered = book.has(name) || "Partoo does not offer this permission to the organization: ask about its plan";
  const hint = offered === true ? `keys update ${key.name} adds it` : offered;
  const at = { where: need?.route.where ?? key.where, severity: "error" } as const;
  return finding(at, "permission-missing", `${why}${sure}; key ${id} of Partoo has not ${name}`, hint);
}

function unusedFinding(key: KeyPolicy, name: string, id: number): Diagnostic {
  const message = `key ${id} of Partoo holds ${printable(name)}, which no route of this key is known to need`;
  return finding({ where: key.where, severity: "warning" }, "permission-unused", message, `keys update ${key.name} takes it away`);
}

/** Ticked, and yet without effect. What lacks a permission it depends on is told as missing. */
function ineffective({ listed, effective }: KeyRecord, book: PermissionBook): readonly string[] {
  return listed.filter((name) => !effective.includes(name) && closePermissions([name], book).every((part) => listed.includes(part)));
}

function ineffectiveFinding(key: KeyPolicy, name: string, { record, book }: { readonly record: KeyRecord; readonly book: PermissionBook }) {
  const { id, role } = record;
  const byRole = role !== undefined && closePermissions([name], book).some((part) => book.get(part)?.disabledForRoles.includes(role));
  const why = byRole ? `its user's role ${printable(role)} can't have it` : "its user does not have it";
  const message = `${printable(name)} is ticked for key ${id} of Partoo and has no effect: ${why}`;
  const hint = "give the key's user that permission or another role in Partoo, or make a key of a user who has it";
  return finding({ where: key.where, severity: "warning" }, "permission-ineffective", message, hint);
}

/** What bff.yaml says of the key, where it is not what Partoo says, besides what is told already. */
function differing(
  key: KeyPolicy,
  { id, listed }: KeyRecord,
  { book, told }: { readonly book: PermissionBook; readonly told: ReadonlySet<string> },
): readonly Diagnostic[] {
  const inConfig = key.permissions && closePermissions(key.permissions, book);
  const inPartoo = closePermissions(listed, book);
  const differs =
    inConfig === undefined ||
    inConfig.concat(inPartoo).some((name) => inConfig.includes(name) !== inPartoo.includes(name) && !told.has(name));
  if (!differs) return [];
  const message = `key ${id} of Partoo holds ${textOf(listed)}; bff.yaml says ${key.permissions === undefined ? "unrestricted" : textOf(key.permissions)}`;
  const hint = `write what Partoo has: permissions: ${textOf(listed)}`;
  return [finding({ where: key.where, severity: "warning" }, "permissions-differ", message, hint)];
}

function textOf(names: readonly string[]): string {
  return `[${names.map(printable).join(", ")}]`;
}
