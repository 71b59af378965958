/** `keys audit`: asks Partoo what it must, audits each key, and tells it to people or to pipelines. */
import type { Diagnostic } from "../config/diagnostic.ts";
import type { KeyPolicy } from "../policy.ts";
import type { Secret } from "../secret.ts";
import type { AdminClient } from "./admin-client.ts";
import type { KeyRecord, KeyUser } from "./answers.ts";
import type { Match } from "./match-records.ts";
import type { PermissionBook } from "./permission-book.ts";
import { formatDiagnostics } from "../config/diagnostic.ts";
import { auditKey } from "./audit.ts";
import { finding } from "./finding.ts";
import { isUsable, matchRecords } from "./match-records.ts";
import { printable } from "./printable.ts";

const MAX_OTHERS = 20;

export interface KeyAudit {
  readonly key: KeyPolicy;
  readonly records: readonly KeyRecord[];
  readonly findings: readonly Diagnostic[];
  /** What is worth knowing and no defect. */
  readonly notes: readonly string[];
}

/** What Partoo said once, for all keys. */
export interface Known {
  readonly records: readonly KeyRecord[];
  readonly book: PermissionBook;
  /** ISO day, UTC. */
  readonly today: string;
}

/** Whose a value is, or how Partoo refuses it. */
interface Probe {
  readonly secret: Secret;
  readonly user: KeyUser | "refused" | "forbidden";
}

/**
 * Asks with a key's own values only where no usable record bears its name, or while a `…_NEXT` is set: asking is a use, and would hide
 * from the next audit that nothing else uses the key.
 * @param values what the environment holds of this key
 * @throws PartooFault
 */
export async function runAudit(
  key: KeyPolicy,
  { records, book, today }: Known,
  asking: { readonly client: AdminClient; readonly values: readonly Secret[] },
): Promise<KeyAudit> {
  const most = Math.max(1, asking.values.length);
  const isNamed = records.some((record) => record.label === key.name && isUsable(record, today));
  const probes: Probe[] = [];
  for (const secret of isNamed && most === 1 ? [] : asking.values) probes.push({ secret, user: await asking.client.userOf(secret) });
  const users = new Set(probes.flatMap(({ user }) => (typeof user === "string" ? [] : [user.id])));
  const match = matchRecords(key.name, records, { users, most, today });
  const told = probes.map((probe) => tellProbe(key, probe, match));
  return {
    key,
    records: match.records,
    findings: [...told.flatMap(({ findings }) => findings), ...auditKey(key, match, { book, today })],
    notes: [...told.flatMap(({ notes }) => notes), ...(match.records.length === 0 ? describeOthers(records, today) : [])],
  };
}

/** A refusal says nothing where the key may be used from listed addresses only: this machine need not be one of them. */
function tellProbe(key: KeyPolicy, { secret, user }: Probe, match: Match): Pick<KeyAudit, "findings" | "notes"> {
  if (user === "forbidden") return { findings: [], notes: [`${secret.name}: Partoo does not tell whose value it is`] };
  if (user !== "refused") return { findings: [], notes: [`${secret.name}: Partoo accepts its value`] };
  if (match.records.some(({ addresses }) => addresses.length > 0)) {
    return {
      findings: [],
      notes: [`${secret.name}: Partoo refuses its value from this machine, which may not be among the key's addresses`],
    };
  }
  const hint = "copy the value from Partoo once more; in the environment, not into a file of the configuration";
  return {
    findings: [finding({ where: key.where, severity: "error" }, "value-refused", `Partoo refuses the value of ${secret.name}`, hint)],
    notes: [],
  };
}

/** Where no record is found, those that could be given the key's name. */
function describeOthers(records: readonly KeyRecord[], today: string): readonly string[] {
  const usable = records.filter((record) => isUsable(record, today));
  const more = usable.length > MAX_OTHERS ? [`and ${usable.length - MAX_OTHERS} more`] : [];
  return [...usable.slice(0, MAX_OTHERS).map((record) => `there is ${describeRecord(record)}`), ...more];
}

/** For people: a line for each record, notes, and the findings with their places. */
export function formatAudit({ key, records, findings, notes }: KeyAudit): string {
  const lines = records.map((record) => `${key.name}: ${describeRecord(record)}`);
  const head = lines.length > 0 ? lines : [`${key.name}: no record`];
  // The line of the file says nothing here that the finding does not say.
  const told = findings.length === 0 ? [] : [formatDiagnostics(findings, () => undefined)];
  return [...head, ...notes.map((note) => `  ${note}`), ...told].join("\n");
}

/** One line on a record: what it is called, whose it is, when it was used, when it ends. */
export function describeRecord({ id, label, type, role, disabled, expires, lastUsed }: KeyRecord): string {
  const kind = type === "bot" ? "main integration" : type === "user" ? "personal" : printable(type);
  return [
    `key ${id} of Partoo, labelled "${printable(label)}"`,
    `${kind}, ${printable(role ?? "role unknown")}`,
    ...(disabled ? ["revoked"] : []),
    lastUsed === undefined ? "never used" : `last used ${lastUsed}`,
    expires === undefined ? "never expires" : `expires ${expires}`,
  ].join(", ");
}

/** For pipelines. */
export function auditToJson(audits: readonly KeyAudit[]): string {
  const keys = audits.map(({ key, records, findings, notes }) => ({
    key: key.name,
    records: records.map(recordToJson),
    notes,
    findings,
  }));
  return JSON.stringify({ keys }, null, 2);
}

function recordToJson(record: KeyRecord) {
  return {
    id: record.id,
    label: printable(record.label),
    type: printable(record.type),
    role: record.role === undefined ? null : printable(record.role),
    disabled: record.disabled,
    expires: record.expires ?? null,
    last_used: record.lastUsed ?? null,
    created: record.created ?? null,
    ip_whitelist: record.addresses.map(printable),
    restricted: record.restricted,
    permissions: record.listed.map(printable),
    effective_permissions: record.effective.map(printable),
  };
}
