/** `keys create | update | revoke`: what would be sent, and the sending. */
import type { UpstreamBase, Variables } from "../environment.ts";
import type { KeyRecord } from "./answers.ts";
import type { KeyBody, LeastPrivilege } from "./least-privilege.ts";
import type { Session } from "./session.ts";
import { keyVariables } from "../keys.ts";
import { isUsable } from "./match-records.ts";
import { printable } from "./printable.ts";

/** One write: shown first, sent when the operator says so. */
export interface Change {
  /** Below Partoo's base: `POST /api_keys`. */
  readonly request: string;
  readonly body: KeyBody | Readonly<Record<string, never>>;
  /** What the operator should know before. */
  readonly notes: readonly string[];
  /** Sends it. @returns what to do next. @throws PartooFault */
  readonly send: () => Promise<string>;
}

/** Makes a key with the body of `least`. */
export function createChange({ client, base, io, today }: Session, { body, notes }: LeastPrivilege, records: readonly KeyRecord[]): Change {
  const predecessors = records.filter((record) => record.label === body.label && isUsable(record, today));
  const after = predecessors.map(
    ({ id }) => `key ${id} of Partoo has this label, too: revoke it once the new value is in use (keys revoke ${id})`,
  );
  return {
    request: "POST /api_keys",
    body,
    notes: [...notes, ...after],
    send: async () => {
      const id = await client.create(body);
      return `Key ${id} is made. ${whereValueIs(base)}\n${whereValueGoes(body.label, io.env)}`;
    },
  };
}

/** Restricts `record` to the body, and gives it the configured key's name. */
export function updateChange({ client, adminUser }: Session, { body, notes }: LeastPrivilege, record: KeyRecord): Change {
  const differences = differencesOf(record, body);
  return {
    request: `PUT /api_keys/${record.id}`,
    body,
    notes: [...(differences.length === 0 ? ["this changes nothing"] : differences), ...notes, ...ownNotes(record, adminUser)],
    send: async () => {
      await client.update(record.id, body);
      return `Key ${record.id} is updated; its value stays the same.`;
    },
  };
}

/** Ends `record` for good, at once. */
export function revokeChange({ client, policy, adminUser, today }: Session, record: KeyRecord, records: readonly KeyRecord[]): Change {
  const left = records.filter((other) => other.id !== record.id && other.label === record.label && isUsable(other, today));
  const isLast = policy.keys.has(record.label) && left.length === 0;
  const frontends = [...policy.frontends.values()].filter(({ key }) => key.name === record.label).map(({ name }) => name);
  return {
    request: `POST /api_keys/revoke/${record.id}`,
    body: {},
    notes: [
      ...(isLast ? [`no other usable key is labelled ${record.label}; it serves ${frontends.join(", ") || "no frontend"}`] : []),
      ...ownNotes(record, adminUser),
    ],
    send: async () => {
      await client.revoke(record.id);
      return `Key ${record.id} is revoked. Partoo refuses its value from now on.`;
    },
  };
}

/** A user may have several keys, so this is no more than a warning. */
function ownNotes({ id, userId }: KeyRecord, adminUser: number | undefined): readonly string[] {
  return userId !== undefined && userId === adminUser ? [`key ${id} belongs to the user of PARTOO_ADMIN_KEY: it may be that very key`] : [];
}

function differencesOf(record: KeyRecord, body: KeyBody): readonly string[] {
  const before = {
    label: printable(record.label),
    expires: record.expires ?? "never",
    addresses: record.addresses.join(" ") || "any",
    permissions: record.restricted ? textOf(record.listed) : "unrestricted",
  };
  const after = {
    label: body.label,
    expires: body.expiration_date ?? "never",
    addresses: body.ip_whitelist.join(" ") || "any",
    permissions: textOf(body.permissions),
  };
  return (Object.keys(before) as (keyof typeof before)[])
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name}: ${printable(before[name])} becomes ${printable(after[name])}`);
}

function textOf(names: readonly string[]): string {
  return `[${names.toSorted().map(printable).join(", ")}]`;
}

/** Partoo's answers do not hold the value (partoo reference §2). */
function whereValueIs({ origin }: UpstreamBase): string {
  const app = "Settings > Integrations > API keys";
  if (origin === "https://api.partoo.co")
    return `Partoo shows its value in the app only: https://app.partoo.co/settings/integrations/api-keys`;
  if (origin.startsWith("http:")) return `A local Partoo shows its value at ${origin}/_sandbox/keys`;
  return `Partoo shows its value in the app of that environment only: ${app}`;
}

function whereValueGoes(name: string, env: Variables): string {
  const { value, file, next } = keyVariables(name);
  const isRotation = Boolean(env[value]) || Boolean(env[file]);
  return isRotation
    ? `Set it as ${next}, beside the value in use: docs/operations/key-rotation.md`
    : `Set it as ${value}, or as the file that ${file} names.`;
}
