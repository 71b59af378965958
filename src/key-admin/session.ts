/** What every action of `keys` needs: the policy, the day, and a client whose admin key may see what there is. */
import type { UpstreamBase } from "../environment.ts";
import type { CommandIo } from "../commands/command.ts";
import type { KeyPolicy, Policy } from "../policy.ts";
import type { AdminClient } from "./admin-client.ts";
import type { KeyRecord } from "./answers.ts";
import { formatDiagnostics } from "../config/diagnostic.ts";
import { loadConfig } from "../config/load.ts";
import { parseUpstreamBase } from "../environment.ts";
import { Secret } from "../secret.ts";
import { openAdminClient } from "./admin-client.ts";
import { readHeldValues } from "./held-values.ts";
import { KeysFault } from "./keys-fault.ts";
import { matchRecords } from "./match-records.ts";

const ADMIN_VARIABLE = "PARTOO_ADMIN_KEY";
/** Roles to which Partoo does not show the keys of main integrations (partoo reference §2). */
const BLIND_ROLES = new Set(["GROUP_MANAGER", "BUSINESS_MANAGER", "PUBLISHER"]);

export interface Session {
  readonly policy: Policy;
  /** Of the caller, to close. */
  readonly client: AdminClient;
  readonly base: UpstreamBase;
  readonly io: CommandIo;
  /** Whose PARTOO_ADMIN_KEY is; undefined: Partoo does not tell. */
  readonly adminUser: number | undefined;
  /** What the environment holds of each configured key: none, its value, or that and the next one. */
  readonly values: ReadonlyMap<string, readonly Secret[]>;
  /** ISO day, UTC. */
  readonly today: string;
}

/**
 * Asks Partoo once: whose PARTOO_ADMIN_KEY is.
 * @param config the configuration's directory
 * @throws KeysFault for a configuration, an environment or a key that is not right
 */
export async function openSession(config: string, io: CommandIo, options: { readonly deadlineMs?: number }): Promise<Session> {
  const { policy, diagnostics } = loadConfig(config);
  if (policy === undefined) throw new KeysFault(`the configuration has faults\n${formatDiagnostics(diagnostics)}`);
  const base = readBase(io);
  const admin = readAdminKey(io, base);
  const values = readHeldValues([...policy.keys.keys()], io.env, base.origin);
  const client = openAdminClient({ base, admin, others: [...values.values()].flat(), stopped: io.signal, ...options });
  let adminUser: number | undefined;
  try {
    adminUser = await readAdminUser(client, admin);
  } catch (fault) {
    await client.close();
    throw fault;
  }
  return { policy, client, base, io, adminUser, values, today: new Date().toISOString().slice(0, "2026-01-31".length) };
}

/** @throws KeysFault that does not repeat what was typed: it may be a key, pasted at the wrong place */
export function findKey({ keys }: Policy, name: string): KeyPolicy {
  const key = keys.get(name);
  if (key === undefined) throw new KeysFault(`bff.yaml has no key of that name; it has ${[...keys.keys()].join(", ")}`);
  return key;
}

/** @throws KeysFault */
export function findRecord(records: readonly KeyRecord[], id: number): KeyRecord {
  const record = records.find((one) => one.id === id);
  if (record === undefined) throw new KeysFault(`${ADMIN_VARIABLE} sees no key ${id} of Partoo`);
  return record;
}

/** The one record that is labelled with the key's name. @throws KeysFault when there is none, or more than one */
export function labelledRecord({ name }: KeyPolicy, records: readonly KeyRecord[], today: string): KeyRecord {
  const { records: found } = matchRecords(name, records, { users: new Set(), most: 1, today });
  const [record, another] = found;
  if (record !== undefined && another === undefined) return record;
  throw new KeysFault(`${record === undefined ? "no key" : "more than one key"} of Partoo is labelled ${name}: say which with --id ID`);
}

function readBase({ env }: CommandIo): UpstreamBase {
  try {
    return parseUpstreamBase(env["PARTOO_URL"]?.trim() || "production");
  } catch (fault) {
    throw new KeysFault(`PARTOO_URL: ${(fault as Error).message}`, { cause: fault });
  }
}

function readAdminKey({ env }: CommandIo, base: UpstreamBase): Secret {
  if (!env[ADMIN_VARIABLE]?.trim()) throw new KeysFault(`${ADMIN_VARIABLE} is missing: the key of an administrator of the organization`);
  try {
    return new Secret(ADMIN_VARIABLE, env[ADMIN_VARIABLE], base.origin);
  } catch (fault) {
    throw new KeysFault((fault as Error).message, { cause: fault });
  }
}

/** To a key that sees no main integration, every key would be missing. */
async function readAdminUser(client: AdminClient, admin: Secret): Promise<number | undefined> {
  const user = await client.userOf(admin);
  if (user === "refused") {
    throw new KeysFault(`Partoo refuses ${ADMIN_VARIABLE}: it is unknown, expired or revoked, or may not be used from this address`);
  }
  if (user === "forbidden") return undefined;
  if (user.role === undefined || !BLIND_ROLES.has(user.role)) return user.id;
  throw new KeysFault(`${ADMIN_VARIABLE} belongs to a ${user.role}; Partoo shows main integrations to administrators only`);
}
