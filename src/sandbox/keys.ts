/** The keys that the sandbox knows: made up, each with its organization, its user's role and what it may do (partoo reference §2). */

export type Role = "PROVIDER" | "ORG_ADMIN" | "ORG_MANAGER" | "GROUP_MANAGER" | "BUSINESS_MANAGER" | "PUBLISHER";

/** A key to start with. */
export interface SandboxKey {
  /** What a caller sends as x-APIKey. */
  readonly value: string;
  readonly label: string;
  readonly organization: number;
  readonly type: "bot" | "user";
  readonly role: Role;
  /** Names the key is restricted to; left out: all that its user may do. */
  readonly permissions?: readonly string[];
  readonly disabled?: boolean;
  /** `YYYY-MM-DD`; from that day on the key is refused. */
  readonly expires?: string;
  /** Time of its last use before the sandbox starts, in Partoo's form; left out: never. */
  readonly lastUsed?: string;
  /** Only so many stores, the first ones, are assigned to its user; left out: all of the organization. */
  readonly assigned?: number;
  /** Addresses or CIDR ranges it may be used from; empty or left out: all. */
  readonly ipWhitelist?: readonly string[];
  /** The value is somebody's own and is never shown, not even by the sandbox. */
  readonly private?: boolean;
}

/** The organization that owns the stores, and another one that must never be seen through the first one's keys. */
export const FIRST_ORGANIZATION = 42;
export const OTHER_ORGANIZATION = 77;

const BOT = { organization: FIRST_ORGANIZATION, type: "bot" } as const;

/** Accepted by every sandbox. */
export const MADE_UP_KEYS: readonly SandboxKey[] = [
  { ...BOT, value: "sandbox-locator-read", label: "Store locator", role: "GROUP_MANAGER", permissions: ["review_read"] },
  { ...BOT, value: "sandbox-everything", label: "Everything", role: "ORG_ADMIN" },
  { ...BOT, value: "sandbox-expired", label: "Last year's site", role: "ORG_ADMIN", expires: "2025-01-31" },
  { ...BOT, value: "sandbox-disabled", label: "Old agency", role: "ORG_ADMIN", disabled: true },
  { ...BOT, value: "sandbox-personal", label: "Camille's own key", type: "user", role: "BUSINESS_MANAGER", assigned: 25 },
  { value: "sandbox-other-org", label: "Bellavista", organization: OTHER_ORGANIZATION, type: "bot", role: "ORG_ADMIN" },
];

/** One line on what a key may do, for a list that people read. */
export function describeKey(key: SandboxKey): string {
  if (key.disabled === true) return "disabled: 401";
  if (key.expires !== undefined) return `expired on ${key.expires}: 401`;
  const who = `${key.type === "bot" ? "main integration" : "personal"}, ${key.role}`;
  const what = key.permissions === undefined ? "all permissions of its role" : `only ${key.permissions.join(", ")}`;
  const where = key.assigned === undefined ? "" : `, its first ${key.assigned} stores`;
  const whose = key.organization === FIRST_ORGANIZATION ? "" : ` of organization ${key.organization}`;
  return `${who}${whose}: ${what}${where}`;
}
