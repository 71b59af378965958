/** Reads the body that creates or updates a key (partoo reference §2). */
import { isIP } from "node:net";
import type { KeySettings } from "./key-book.ts";
import { invalid } from "./answer.ts";
import { PERMISSION_NAMES } from "./permissions.ts";

type Faults = Record<string, unknown>;

const DAY_MS = 86_400_000;

/** @throws Refusal 400 that names every member at fault */
export function readKeySettings(body: unknown, now: number): KeySettings {
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw invalid("Not a JSON object.");
  const given = body as Readonly<Record<string, unknown>>;
  const {
    label,
    description = "",
    expiration_date = null,
    ip_whitelist = [],
    has_restricted_permissions = false,
    permissions = [],
  } = given;
  const faults: Faults = {};
  if (typeof label !== "string" || label === "") faults["label"] = "Missing data for required field.";
  if (typeof description !== "string") faults["description"] = "Not a valid string.";
  if (!isTomorrowOrLater(expiration_date, now)) faults["expiration_date"] = "Must be a date from tomorrow on, as yyyy-mm-dd.";
  if (!isListOf(ip_whitelist, isAddress)) faults["ip_whitelist"] = "Must be a list of IP addresses or CIDR ranges.";
  if (typeof has_restricted_permissions !== "boolean") faults["has_restricted_permissions"] = "Not a valid boolean.";
  if (!isListOf(permissions, (name) => PERMISSION_NAMES.includes(name)))
    faults["permissions"] = { explanation: "incorrect value", choices: PERMISSION_NAMES };
  if ("permissions" in given !== "has_restricted_permissions" in given)
    faults["permissions"] = "Goes together with has_restricted_permissions.";
  if (Object.keys(faults).length > 0) throw invalid(faults);
  return { label, description, expiration_date, ip_whitelist, has_restricted_permissions, permissions } as KeySettings;
}

function isTomorrowOrLater(value: unknown, now: number): boolean {
  if (value === null) return true;
  if (typeof value !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(value) || Number.isNaN(Date.parse(value))) return false;
  return value >= new Date(now + DAY_MS).toISOString().slice(0, 10);
}

function isListOf(value: unknown, isFine: (item: string) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string" && isFine(item));
}

function isAddress(value: string): boolean {
  const [network = "", bits, ...rest] = value.split("/");
  const version = isIP(network);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 6 ? 128 : 32));
}
