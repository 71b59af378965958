/** The keys that sign sessions: SESSION_SECRETS, "kid:base64url,…". The first signs, all of them verify; leaving one out revokes what it signed. */
import type { KeyObject } from "node:crypto";
import { createSecretKey, hkdfSync, randomBytes } from "node:crypto";

/** HS256 wants a key as long as its digest (RFC 7518 §3.2). */
const MIN_SECRET_BYTES = 32;
/** Shorter than any secret: what stands in the place of a name by mistake is never shown. */
const KID = /^[A-Za-z0-9_-]{1,32}$/;
const BASE64URL = /^[A-Za-z0-9_-]+$/;

export interface SessionSecret {
  /** Its name in tokens, of no secrecy. */
  readonly kid: string;
  readonly key: KeyObject;
}

export interface SessionSecrets {
  /** In the order of the variable: the first signs. */
  readonly all: readonly [SessionSecret, ...SessionSecret[]];
  /** Whether this process made one up: other processes, and this one after a restart, refuse its sessions. */
  readonly isRandom: boolean;
}

/**
 * @param text value of SESSION_SECRETS; empty: one random secret for this process
 * @throws TypeError with every fault: position and name of the entry, never a value
 */
export function parseSessionSecrets(text: string): SessionSecrets {
  if (text === "") return { all: [{ kid: "random", key: createSecretKey(randomBytes(MIN_SECRET_BYTES)) }], isRandom: true };
  const faults: string[] = [];
  const secrets: SessionSecret[] = [];
  for (const [index, entry] of text.split(",").entries()) {
    const read = readEntry(entry.trim(), secrets);
    if (typeof read === "string") faults.push(`entry ${index + 1} ${read}`);
    else secrets.push(read);
  }
  const [first, ...others] = secrets;
  if (faults.length > 0 || first === undefined) throw new TypeError(faults.join("; "));
  return { all: [first, ...others], isRandom: false };
}

/** @returns the secret, or what is wrong with the entry */
function readEntry(entry: string, earlier: readonly SessionSecret[]): SessionSecret | string {
  const colon = entry.indexOf(":");
  if (colon < 0) return "has no colon: write kid:base64url, separated by commas";
  const kid = entry.slice(0, colon);
  if (!KID.test(kid)) return "does not begin with a name of at most 32 letters, digits, - or _ before its colon";
  const value = entry.slice(colon + 1);
  if (!BASE64URL.test(value)) return `(${kid}) is not base64url: letters, digits, - and _ only`;
  const bytes = Buffer.from(value, "base64url");
  if (bytes.length < MIN_SECRET_BYTES) return `(${kid}) has fewer than ${MIN_SECRET_BYTES} bytes: take 32 random ones`;
  const key = createSecretKey(bytes);
  if (earlier.some((other) => other.kid === kid)) return `(${kid}) has the name of an earlier one`;
  if (earlier.some((other) => other.key.equals(key))) return `(${kid}) has the value of an earlier one`;
  return { kid, key };
}

/** A secret for another purpose, made of this one: whoever learns it can't sign sessions (RFC 5869). @returns 64 hexadecimal digits */
export function derivedSecret({ key }: SessionSecret, purpose: string): string {
  return Buffer.from(hkdfSync("sha256", key, "", `partoo-bff ${purpose}`, 32)).toString("hex");
}
