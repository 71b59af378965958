/** What a session token says, and whether that is enough where it is presented. No cryptography: the signature was verified. */
import { hash } from "node:crypto";

/** Clocks of processes differ: a token may be so much younger than now. It never lives longer for that. */
export const CLOCK_SKEW_SECONDS = 5;

const SESSION_ID = /^[A-Za-z0-9_-]{22}$/;
/** What the Origin of an app is for a token. No Origin is spelled so. */
const NO_ORIGIN = "app";

/** A cookie is for pages of the same site, a bearer for other pages and for apps. */
export type SessionUse = "cookie" | "bearer";

/** Where a token is valid, and how it was presented. */
export interface SessionScope {
  readonly frontend: string;
  readonly use: SessionUse;
  /** Of the page; undefined: none was sent, as by apps. Binds bearers; a browser binds cookies itself. */
  readonly origin: string | undefined;
  /** Where a browser says that the page is on the proxy's own origin, and no Origin: any of these may be its. */
  readonly ownOrigins?: Iterable<string>;
}

export interface Session {
  /** Random, 22 characters: what limits count by. */
  readonly id: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

/** Why a token is no session, for the log. */
export type TokenFault =
  | "too-long"
  | "form"
  | "header"
  | "signature"
  | "claims"
  | "expired"
  | "not-yet-valid"
  | "frontend"
  | "use"
  | "origin";

export type TokenVerdict = { readonly session: Session } | { readonly fault: TokenFault };

/** What a token says, once its signature was verified. */
export interface Claims {
  readonly session: Session;
  readonly issuedAt: number;
  readonly frontend: string;
  readonly use: SessionUse;
  readonly originHash: string | undefined;
}

/** Signed by us, but perhaps by another version. @returns undefined when anything is missing or of another kind */
export function readClaims(payload: Readonly<Record<string, unknown>>): Claims | undefined {
  const { aud, iat, exp, sid, use, origin_hash: digest } = payload;
  if (typeof aud !== "string" || typeof sid !== "string" || !SESSION_ID.test(sid)) return undefined;
  if (!Number.isSafeInteger(iat) || !Number.isSafeInteger(exp)) return undefined;
  const claims = { session: { id: sid, expiresAt: exp as number }, issuedAt: iat as number, frontend: aud };
  if (use === "cookie" && digest === undefined) return { ...claims, use, originHash: undefined };
  if (use === "bearer" && typeof digest === "string") return { ...claims, use, originHash: digest };
  return undefined;
}

/** Whether a session may be used here and now. @param now milliseconds since 1970 */
export function judge(claims: Claims, scope: SessionScope, now: number): TokenVerdict {
  if (claims.session.expiresAt * 1000 <= now) return { fault: "expired" };
  if (claims.issuedAt * 1000 > now + CLOCK_SKEW_SECONDS * 1000) return { fault: "not-yet-valid" };
  if (claims.frontend !== scope.frontend) return { fault: "frontend" };
  if (claims.use !== scope.use) return { fault: "use" };
  if (claims.use === "bearer" && !isOfPage(claims, scope)) return { fault: "origin" };
  return { session: claims.session };
}

function isOfPage({ originHash }: Claims, { origin, ownOrigins }: SessionScope): boolean {
  if (originHash === originDigest(origin)) return true;
  for (const own of ownOrigins ?? []) if (originHash === originDigest(own)) return true;
  return false;
}

/** Origins say where a page is: a token shows none. */
export function originDigest(origin: string | undefined): string {
  return hash("sha256", origin ?? NO_ORIGIN, "base64url");
}
