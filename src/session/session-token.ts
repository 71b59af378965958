/**
 * Session tokens: signed, so that no process has to remember them. A session proves no identity; it says that somebody paid for it, for
 * which frontend, and how it travels. Everything but one signature check is decided before any cryptography. jose is loaded when the first
 * token is made or checked: most processes have no sessions.
 */
import type { Claims, Session, SessionScope, TokenFault, TokenVerdict } from "./session-claims.ts";
import type { SessionSecret, SessionSecrets } from "./session-secrets.ts";
import { hash, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import { CLOCK_SKEW_SECONDS, judge, originDigest, readClaims } from "./session-claims.ts";

/** How long a session lasts. */
export const SESSION_SECONDS = 900;
/** More than any token we make, and little enough to be thrown away unread. */
export const MAX_TOKEN_LENGTH = 1024;

const ALGORITHM = "HS256";
/** Of our own, so that no other token signed with the same secret is ever taken for a session (RFC 8725 §3.11). */
const TYPE = "bff-session+jwt";
const SESSION_ID_BYTES = 16;
const MAX_REMEMBERED = 10_000;
/** Three parts of base64url; an HS256 signature is 43 characters, of which the last holds four bits: one spelling each. */
const FORM = /^([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

export interface SessionTokens {
  mint(scope: SessionScope): Promise<{ readonly token: string; readonly session: Session }>;
  /** Without a promise when the token is remembered or needs no signature check. Never throws, never rejects. */
  verify(token: string, scope: SessionScope): TokenVerdict | Promise<TokenVerdict>;
}

/** Secrets ready for use, and the tokens they verified: others verify other tokens. */
interface Keys {
  readonly signing: SessionSecret;
  /** By the first part of a token, of which there is one spelling for each secret. */
  readonly byHeader: ReadonlyMap<string, SessionSecret>;
  /** By digest of the token, so that what is remembered can't be presented. */
  readonly verified: LRUCache<string, Claims>;
}

/**
 * @param secrets the running ones; what was verified is forgotten when they are replaced
 * @param now milliseconds since 1970
 */
export function createSessionTokens(secrets: () => SessionSecrets, now: () => number = Date.now): SessionTokens {
  const keysBySecrets = new WeakMap<SessionSecrets, Keys>();
  const runningKeys = (): Keys => {
    const running = secrets();
    let keys = keysBySecrets.get(running);
    if (keys === undefined) keysBySecrets.set(running, (keys = readKeys(running)));
    return keys;
  };
  return {
    mint: (scope) => mint(runningKeys().signing, scope, now()),
    verify(token, scope) {
      if (token.length > MAX_TOKEN_LENGTH) return { fault: "too-long" };
      const header = FORM.exec(token)?.[1];
      if (header === undefined) return { fault: "form" };
      const { byHeader, verified } = runningKeys();
      const secret = byHeader.get(header);
      if (secret === undefined) return { fault: "header" };
      const digest = hash("sha256", token, "base64url");
      const known = verified.get(digest);
      if (known !== undefined) return judge(known, scope, now());
      return checkSignature(token, secret, now()).then((checked) => {
        if ("fault" in checked) return checked;
        verified.set(digest, checked);
        return judge(checked, scope, now());
      });
    },
  };
}

function readKeys({ all }: SessionSecrets): Keys {
  return {
    signing: all[0],
    byHeader: new Map(all.map((secret) => [Buffer.from(JSON.stringify(headerOf(secret))).toString("base64url"), secret])),
    verified: new LRUCache({ max: MAX_REMEMBERED }),
  };
}

function headerOf({ kid }: SessionSecret): { alg: string; kid: string; typ: string } {
  return { alg: ALGORITHM, kid, typ: TYPE };
}

async function mint(
  secret: SessionSecret,
  { frontend, use, origin }: SessionScope,
  now: number,
): Promise<{ readonly token: string; readonly session: Session }> {
  const issuedAt = Math.floor(now / 1000);
  const session = { id: randomBytes(SESSION_ID_BYTES).toString("base64url"), expiresAt: issuedAt + SESSION_SECONDS };
  const { SignJWT } = await import("jose");
  const token = await new SignJWT({
    aud: frontend,
    iat: issuedAt,
    exp: session.expiresAt,
    sid: session.id,
    use,
    ...(use === "bearer" ? { origin_hash: originDigest(origin) } : {}),
  })
    .setProtectedHeader(headerOf(secret))
    .sign(secret.key);
  return { token, session };
}

/** Algorithm and type are pinned by the header's spelling already; here they are pinned once more. */
async function checkSignature(token: string, { key }: SessionSecret, now: number): Promise<Claims | { readonly fault: TokenFault }> {
  try {
    const { jwtVerify } = await import("jose");
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      typ: TYPE,
      clockTolerance: CLOCK_SKEW_SECONDS,
      currentDate: new Date(now),
    });
    return readClaims(payload) ?? { fault: "claims" };
  } catch (error) {
    return { fault: faultOf(error) };
  }
}

/** Asked by code: what jose says in words is for nobody here. */
function faultOf(error: unknown): TokenFault {
  const { code, claim } = error as { readonly code?: unknown; readonly claim?: unknown };
  if (code === "ERR_JWT_EXPIRED") return "expired";
  if (code === "ERR_JWT_CLAIM_VALIDATION_FAILED") return claim === "nbf" ? "not-yet-valid" : "claims";
  return code === "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" ? "signature" : "form";
}
