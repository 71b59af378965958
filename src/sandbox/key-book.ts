/** Holds the keys while the sandbox runs: finds one by its value, and keeps what /api_keys shows of it. */
import { randomBytes } from "node:crypto";
import { BlockList, isIPv6 } from "node:net";
import type { Role, SandboxKey } from "./keys.ts";
import { permissionsOfRole, withTheirParents } from "./permissions.ts";

/** What /api_keys shows of a key: never its value. Times look like `2019-08-22 11:46:38.914467+00`. */
export interface KeyRecord {
  readonly id: number;
  readonly label: string;
  readonly description: string;
  readonly user_id: number;
  readonly user_name: string | null;
  readonly user_role: Role;
  readonly user_type: "bot" | "user";
  readonly disabled: boolean;
  readonly expiration_date: string | null;
  readonly last_used_at: string | null;
  readonly created_by: number;
  readonly created_by_name: string;
  readonly created_at: string;
  readonly revoked_by: number | null;
  readonly revoked_by_name: string | null;
  readonly revoked_at: string | null;
  readonly ip_whitelist: readonly string[];
  readonly has_restricted_permissions: boolean;
  readonly permissions: readonly string[];
}

/** A key as the sandbox holds it. `record` is replaced whole when it changes. */
export interface HeldKey {
  readonly value: string;
  readonly private: boolean;
  readonly organization: number;
  readonly assigned: number | undefined;
  record: KeyRecord;
}

/** What the owner of a key may set. */
export type KeySettings = Pick<
  KeyRecord,
  "label" | "description" | "expiration_date" | "ip_whitelist" | "has_restricted_permissions" | "permissions"
>;

export interface KeyBook {
  /** The key with this value, when it may be used from this address now. */
  authenticate(value: string, address: string): HeldKey | undefined;
  ofOrganization(organization: number): readonly HeldKey[];
  /** A new bot key with an unguessable value. */
  create(organization: number, settings: KeySettings): HeldKey;
}

const PERSON = "Camille Lefèvre";

/** @param now milliseconds of the wall clock */
export function createKeyBook(keys: readonly SandboxKey[], now: () => number): KeyBook {
  const byValue = new Map<string, HeldKey>();
  for (const key of keys) byValue.set(key.value, held(key, 501 + byValue.size));
  return {
    authenticate: (value, address) => {
      const key = byValue.get(value);
      if (key === undefined || !isUsable(key.record, address, now())) return undefined;
      key.record = { ...key.record, last_used_at: timestamp(now()) };
      return key;
    },
    ofOrganization: (organization) => [...byValue.values()].filter((key) => key.organization === organization),
    create: (organization, settings) => {
      const made: SandboxKey = {
        value: `sandbox-${randomBytes(12).toString("hex")}`,
        label: settings.label,
        organization,
        type: "bot",
        role: "ORG_ADMIN",
      };
      const key = held(made, 501 + byValue.size);
      key.record = { ...key.record, ...settings, created_at: timestamp(now()) };
      byValue.set(made.value, key);
      return key;
    },
  };
}

/** What the key may do now: its own list, less what its user's role may not and what lacks its parent; all of the role's without restriction. */
export function effectivePermissions(record: KeyRecord): readonly string[] {
  const role = permissionsOfRole(record.user_role);
  return record.has_restricted_permissions ? withTheirParents(record.permissions.filter((name) => role.has(name))) : [...role];
}

/** Partoo's form of key times: no T, two digits of offset. */
export function timestamp(at: number): string {
  return new Date(at).toISOString().replace("T", " ").replace("Z", "000+00");
}

function isUsable(record: KeyRecord, address: string, now: number): boolean {
  if (record.disabled || isExpired(record, now)) return false;
  return record.ip_whitelist.length === 0 || isListed(address, record.ip_whitelist);
}

/** Entries are addresses or CIDR ranges; they were checked when they were set. */
function isListed(address: string, entries: readonly string[]): boolean {
  const known = new BlockList();
  for (const entry of entries) {
    const [network = "", bits] = entry.split("/");
    const family = isIPv6(network) ? "ipv6" : "ipv4";
    if (bits === undefined) known.addAddress(network, family);
    else known.addSubnet(network, Number(bits), family);
  }
  return known.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

/** Whether its day has come. */
export function isExpired(record: KeyRecord, now: number): boolean {
  return record.expiration_date !== null && record.expiration_date <= new Date(now).toISOString().slice(0, 10);
}

function held(key: SandboxKey, id: number): HeldKey {
  const revoked = key.disabled === true;
  return {
    value: key.value,
    private: key.private === true,
    organization: key.organization,
    assigned: key.assigned,
    record: {
      id,
      label: key.label,
      description: "",
      user_id: key.type === "bot" ? 9000 + id : 7001,
      user_name: key.type === "bot" ? null : PERSON,
      user_role: key.role,
      user_type: key.type,
      disabled: revoked,
      expiration_date: key.expires ?? null,
      last_used_at: key.lastUsed ?? null,
      created_by: 7001,
      created_by_name: PERSON,
      created_at: "2024-03-12 11:49:03.399000+00",
      revoked_by: revoked ? 7001 : null,
      revoked_by_name: revoked ? PERSON : null,
      revoked_at: revoked ? "2025-09-01 08:00:00.000000+00" : null,
      ip_whitelist: key.ipWhitelist ?? [],
      has_restricted_permissions: key.permissions !== undefined,
      permissions: key.permissions ?? [],
    },
  };
}
