/** `keys`: what Partoo knows of the configured keys, the least privilege they need, and making, restricting and ending them. */
import type { KeysRequest } from "../key-admin/arguments.ts";
import type { Session } from "../key-admin/session.ts";
import type { Change } from "../key-admin/run-change.ts";
import type { Command, CommandIo } from "./command.ts";
import { readArguments, UsageFault } from "../key-admin/arguments.ts";
import { KeysFault } from "../key-admin/keys-fault.ts";
import { leastPrivilege } from "../key-admin/least-privilege.ts";
import { auditToJson, describeRecord, formatAudit, runAudit } from "../key-admin/run-audit.ts";
import { createChange, revokeChange, updateChange } from "../key-admin/run-change.ts";
import { findKey, findRecord, labelledRecord, openSession } from "../key-admin/session.ts";

const HELP = `keys audit  [KEY…] [--json]
keys body   KEY [--id ID] [--expires DAY] [--ip ADDRESS]…
keys create KEY [--expires DAY] [--ip ADDRESS]… [--yes]
keys update KEY [--id ID] [--expires DAY] [--ip ADDRESS]… [--yes]
keys revoke ID [--yes]

Compares the keys of bff.yaml with what Partoo knows of them, and gives each no more than its routes need.
KEY is a name of bff.yaml, ID the number of a key of Partoo. All of them take --config DIR (default ./config)
and ask Partoo (PARTOO_URL) with PARTOO_ADMIN_KEY, an administrator's key: keep it out of the server's environment.

  audit    every defect of the keys: expiry, restriction, addresses, permissions, kind, last use
  body     the least privilege that KEY needs, as the JSON of POST /api_keys; with --id, of PUT /api_keys/ID
  create   makes the key; Partoo shows its value in its app
  update   restricts a key that exists; without --id, the one that is labelled KEY
  revoke   ends a key at once and for good

  --expires DAY    2027-06-30, or never; default: expires of bff.yaml, else as it is
  --ip ADDRESS     an address or range that the key may be used from; may be repeated; default: as it is
  --yes            send it; without, create, update and revoke show what they would send

A key's record at Partoo is the one that is labelled with the key's name. Where none is, and PARTOO_KEY_<NAME> is set,
Partoo is asked whose that value is. No value is ever printed.
An administrator sees the keys of one organization: where bff.yaml has several, name the keys to audit.
Exit code 0: done, nothing found; 1: findings; 2: usage, configuration, or Partoo's refusal.`;

export const keysCommand: Command = {
  name: "keys",
  summary: "audit, make, restrict and revoke keys at Partoo",
  help: HELP,
  run: (argv, io) => runKeys(argv, io),
};

/** The command; `deadlineMs` of each call to Partoo, default 10 s. */
export async function runKeys(argv: readonly string[], io: CommandIo, options: { readonly deadlineMs?: number } = {}): Promise<number> {
  try {
    const request = readArguments(argv);
    const session = await openSession(request.config, io, options);
    try {
      return await run(request, session);
    } finally {
      await session.client.close();
    }
  } catch (fault) {
    if (!(fault instanceof KeysFault)) throw fault;
    io.stderr(fault instanceof UsageFault ? `${fault.message}\n\n${HELP}` : `keys: ${fault.message}`);
    return 2;
  }
}

type Audit = Extract<KeysRequest, { readonly action: "audit" }>;
type Write = Extract<KeysRequest, { readonly wishes: unknown }>;
type Revoke = Extract<KeysRequest, { readonly action: "revoke" }>;

function run(request: KeysRequest, session: Session): Promise<number> {
  if (request.action === "audit") return audit(request, session);
  if (request.action === "revoke") return revoke(request, session);
  if (request.action === "body") return printBody(request, session);
  return write(request, session);
}

async function audit({ names, json }: Audit, { policy, client, io, values, today }: Session): Promise<number> {
  const keys = names.length === 0 ? [...policy.keys.values()] : names.map((name) => findKey(policy, name));
  const known = { records: await client.records(), book: await client.permissions(), today };
  const audits = [];
  for (const key of keys) audits.push(await runAudit(key, known, { client, values: values.get(key.name) ?? [] }));
  io.stdout(json ? auditToJson(audits) : audits.map(formatAudit).join("\n\n"));
  return audits.some(({ findings }) => findings.length > 0) ? 1 : 0;
}

/** The body alone on standard output, for other tools. */
async function printBody(request: Write, session: Session): Promise<number> {
  const change = await changeOf(request, session);
  session.io.stderr([change.request, ...change.notes.map((note) => `  ${note}`)].join("\n"));
  session.io.stdout(JSON.stringify(change.body, null, 2));
  return 0;
}

async function write(request: Write, session: Session): Promise<number> {
  return carryOut(await changeOf(request, session), request.yes, session);
}

async function changeOf({ action, name, id, wishes }: Write, session: Session): Promise<Change> {
  const { policy, client, today } = session;
  const key = findKey(policy, name);
  const records = await client.records();
  const labelled = action === "update" && id === undefined ? labelledRecord(key, records, today) : undefined;
  const existing = id === undefined ? labelled : findRecord(records, id);
  if (existing?.disabled === true) throw new KeysFault(`key ${existing.id} of Partoo is revoked, for good: keys create ${name}`);
  const least = leastPrivilege(key, wishes, { book: await client.permissions(), today, existing });
  if (existing !== undefined) return updateChange(session, least, existing);
  return createChange(session, least, records);
}

async function revoke({ id, yes }: Revoke, session: Session): Promise<number> {
  const records = await session.client.records();
  const record = findRecord(records, id);
  session.io.stdout(describeRecord(record));
  return record.disabled ? 0 : carryOut(revokeChange(session, record, records), yes, session);
}

async function carryOut(change: Change, yes: boolean, { base, io }: Session): Promise<number> {
  const line = change.request.replace(" ", ` ${base.origin}${base.prefix}`);
  io.stdout([line, JSON.stringify(change.body, null, 2), ...change.notes.map((note) => `  ${note}`)].join("\n"));
  io.stdout(yes ? await change.send() : "Nothing was sent. Add --yes to send it.");
  return 0;
}
