/** Secrets, and tokens made by hand: header, claims and signature as a forger would choose them. */
import { createHmac } from "node:crypto";
import type { SessionSecrets } from "../../src/session/session-secrets.ts";
import type { SessionScope, TokenVerdict } from "../../src/session/session-claims.ts";
import type { SessionTokens } from "../../src/session/session-token.ts";
import { parseSessionSecrets } from "../../src/session/session-secrets.ts";
import { createSessionTokens } from "../../src/session/session-token.ts";

/** 2027-01-15, 08:00 UTC. */
export const NOW = 1_800_000_000_000;
export const NOW_SECONDS = 1_800_000_000;

export const SECRET_A = Buffer.alloc(32, "a");
export const SECRET_B = Buffer.alloc(32, "b");

/** @param text of SESSION_SECRETS, with A and B for the two secrets above */
export function secretsOf(text: string): SessionSecrets {
  const written = text.replaceAll(/:([AB])/g, (_, name) => `:${(name === "A" ? SECRET_A : SECRET_B).toString("base64url")}`);
  return parseSessionSecrets(written);
}

export const COOKIE: SessionScope = { frontend: "store-locator", use: "cookie", origin: "https://stores.acme.example" };
export const BEARER: SessionScope = { frontend: "store-locator", use: "bearer", origin: "https://stores.acme.example" };

export interface Scene {
  readonly tokens: SessionTokens;
  readonly clock: { ms: number };
  /** The running secrets: replace them. */
  running: SessionSecrets;
}

export function scene(text = "k1:A"): Scene {
  const clock = { ms: NOW };
  const made: Scene = {
    tokens: createSessionTokens(
      () => made.running,
      () => clock.ms,
    ),
    clock,
    running: secretsOf(text),
  };
  return made;
}

/** Whether a signature was checked: everything else is told without a promise. */
export function needsCheck(verdict: TokenVerdict | Promise<TokenVerdict>): boolean {
  return verdict instanceof Promise;
}

const encoded = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString("base64url");

/** @param parts `header` and `claims` replace members of a genuine token's; undefined takes one away */
export function tokenByHand(parts: {
  readonly header?: object;
  readonly claims?: object;
  readonly secret?: Buffer | string;
  readonly digest?: string;
}): string {
  const header = { alg: "HS256", kid: "k1", typ: "bff-session+jwt", ...parts.header };
  const claims = {
    aud: "store-locator",
    iat: NOW_SECONDS,
    exp: NOW_SECONDS + 900,
    sid: "0123456789abcdefghijkA",
    use: "cookie",
    ...parts.claims,
  };
  const signed = `${encoded(header)}.${encoded(claims)}`;
  return `${signed}.${createHmac(parts.digest ?? "sha256", parts.secret ?? SECRET_A)
    .update(signed)
    .digest("base64url")}`;
}
