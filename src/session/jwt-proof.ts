/** A signed token of an issuer we trust, as a proof: an app shows that it is genuine (Firebase App Check), or that its user signed in (OIDC). */
import type { Proof, ProofVerdict } from "./proof.ts";
import type { FindKey } from "./jwks.ts";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { KeysAway } from "./jwks.ts";
import { ACCEPTED, refused } from "./proof.ts";

/** Signatures of public keys only: a secret shared with the issuer is none of them (RFC 8725 §3.1). */
const ALGORITHMS: readonly string[] = ["RS256", "ES256", "PS256", "EdDSA"];
const DEFAULT_CLOCK_TOLERANCE_SECONDS = 30;
const MAX_SUBMISSION_LENGTH = 8192;
const FORM = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

export interface JwtOptions {
  /** Expected `iss`. */
  readonly issuer: string;
  /** Expected in `aud`. */
  readonly audience: string;
  /** Accepted `sub`; undefined: any. */
  readonly subjects?: ReadonlySet<string> | undefined;
  /** How far the issuer's clock may be from ours. */
  readonly clockToleranceSeconds?: number;
  /** The issuer's keys: `createJwks()`, shared by frontends with the same address. */
  readonly findKey: FindKey;
}

/** A submission is the token itself, in compact form. */
export function createJwtProof(options: JwtOptions): Proof {
  return {
    async verify(submission, now) {
      if (submission.length > MAX_SUBMISSION_LENGTH || !FORM.test(submission)) return refused("form");
      if (!mayBeSigned(submission)) return refused("header");
      try {
        return await check(submission, options, now);
      } catch (error) {
        return verdictOf(error);
      }
    },
  };
}

/** Before any key is looked for: a key has a name, so that an unknown one is known to be new. */
function mayBeSigned(token: string): boolean {
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    return alg !== undefined && ALGORITHMS.includes(alg) && typeof kid === "string";
  } catch {
    return false;
  }
}

async function check(token: string, options: JwtOptions, now: number): Promise<ProofVerdict> {
  const { payload } = await jwtVerify(token, options.findKey, {
    algorithms: [...ALGORITHMS],
    issuer: options.issuer,
    audience: options.audience,
    requiredClaims: ["exp"],
    clockTolerance: options.clockToleranceSeconds ?? DEFAULT_CLOCK_TOLERANCE_SECONDS,
    currentDate: new Date(now),
  });
  const { subjects } = options;
  return subjects === undefined || subjects.has(payload.sub ?? "") ? ACCEPTED : refused("sub");
}

/** What jose throws has a code, and where a claim is wrong the claim's name. Anything else it can't use is refused as well. */
function verdictOf(error: unknown): ProofVerdict {
  if (error instanceof KeysAway) return { verdict: "unavailable", reason: "keys", retryAfterSeconds: error.retryAfterSeconds };
  const { code, claim } = error as { readonly code?: unknown; readonly claim?: unknown };
  if (code === "ERR_JWT_EXPIRED" || code === "ERR_JWT_CLAIM_VALIDATION_FAILED") return refused(String(claim));
  return refused(code === "ERR_JWKS_NO_MATCHING_KEY" ? "key" : "signature");
}
