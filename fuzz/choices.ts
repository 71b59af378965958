/** Values of options: what is right in its place, and what only looks so. */
import type { Random } from "../src/sandbox/random.ts";

export const JUNK: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  "",
  "x",
  [],
  {},
  [[]],
  { a: { b: [] } },
  "__proto__",
  "\u0000",
  "10m",
  "100%",
  "300/min",
];
/** What is right in its place, and what only looks so. */
type Choice = readonly [right: readonly unknown[], wrong: readonly unknown[]];
export const FRESH: Choice = [
  ["10m", "1s", "1h", "30m"],
  ["0s", "10", "1h30m", "-1m", "1e3s", "1000d", "99999999999999d", null],
];
export const STALE: Choice = [
  ["1d", "2d", "0s"],
  ["90000d", "x", -1],
];
export const PERCENTAGE: Choice = [
  ["20%", "10%", "50%"],
  ["0%", "100%", "101%", "-1%", "1.5%", 20],
];
export const QUOTA: Choice = [
  ["300/min", "1000/min"],
  ["1/s", "0/min", "9999999/s", "1e3/min", 300],
];
export const RATE: Choice = [
  ["300/min", "1/s", "1000/h"],
  ["0/min", "9999999/s", "1e3/min", "300", "5/d"],
];
export const INSTANCES: Choice = [
  [1, 2, 3],
  [0, 1000, 1001, 1.5, "2"],
];
export const PERMISSIONS: Choice = [
  [["review_read"], ["review_read", "business_read"]],
  [[], ["x"], "review_read"],
];
export const EXPIRES: Choice = [
  ["2027-06-30", "2099-12-31"],
  ["2020-01-01", "2027-02-30", "x"],
];
const PUBLIC_KEY = "MCowBQYDK2VwAyEAMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";
export const WEBHOOKS: Choice = [
  [{ header: "X-Hook" }, { public_key: PUBLIC_KEY }],
  [{ header: "Host" }, { public_key: "x" }, {}],
];
export const ORIGIN: Choice = [
  ["https://a.example", "https://a.example", "https://b.example:8443", "capacitor://localhost"],
  ["http://localhost:3000", "https://a.example/", "null", "*", "https://é.example", "x", "https://A.example:443"],
];
export const MODE: Choice = [
  ["enforce", "report"],
  ["x", true],
];
export const SERVER: Choice = [
  ["web", "jobs"],
  ["Web", "a b", ""],
];
export const SESSION: Choice = [
  ["none", "on-miss", "required"],
  ["x", true],
];
const JWT = { issuer: "https://issuer.example", audience: "y", jwks: "https://a.example/jwks" };
export const PROOF: Choice = [
  ["none", "altcha", { altcha: { cost: 1000 } }, { jwt: JWT }, { jwt: { ...JWT, subjects: ["app"] } }],
  [{ jwt: {} }, { altcha: {} }, { altcha: { cost: 0 } }, { jwt: { ...JWT, jwks: "http://a.example/" } }, "jwt"],
];
export const FILE_NAME: Choice = [
  ["site", "app", "a-b"],
  ["v2", "healthz", "Site", "x".repeat(70), "stores", "__proto__", "a b"],
];
export const PATTERNS = [
  "^a",
  "(a+)+$",
  "[",
  "^[A-Z]{2}$",
  "(a|aa)*b",
  "\\d{1,40}",
  "(?=a)",
  "\\u{1f600}",
  "^(a|b|c){1,100}$",
  ".*.*.*=.*",
];
export const IDS_AND_WORDS = ["FR", "a", "5f3c8f1de1b2a30001001000", "2026-01-01T00:00:00"];

/** How carefully a configuration is written. */
export interface Care {
  readonly random: Random;
  /** How likely each choice is a wrong one. */
  readonly slips: number;
}

/** A right choice, or by a slip a wrong one. */
export function choose({ random, slips }: Care, [right, wrong]: Choice): unknown {
  return random.pick(random.chance(slips) ? wrong : right);
}
