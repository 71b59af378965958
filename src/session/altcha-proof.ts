/** ALTCHA as a proof: a page works for a moment before it gets a session. Bound to one frontend, for two minutes, good for one session. */
import type { Challenge, Payload } from "altcha-lib/types";
import type { Proof, ProofVerdict } from "./proof.ts";
import type { SessionSecret, SessionSecrets } from "./session-secrets.ts";
import type { UsedOnce } from "./used-once.ts";
import { createChallenge, verifySolution } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/pbkdf2";
import { ACCEPTED, CHALLENGE_SECONDS, DEFAULT_ALTCHA_COST, refused } from "./proof.ts";
import { derivedSecret } from "./session-secrets.ts";

/** Browsers have it built in, so a script of one's own is hardly faster than a page. */
const ALGORITHM = "PBKDF2/SHA-256";
/** First byte of the key that is looked for. */
const KEY_PREFIX = "00";
/** A payload is about 600 characters of base64. */
const MAX_SUBMISSION_LENGTH = 2048;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const NONCE = /^[0-9a-f]{32}$/;
/** When nothing can be remembered, the oldest entries go within this time. */
const RETRY_FULL_SECONDS = 10;

export interface AltchaOptions {
  readonly frontend: string;
  /** The running ones: challenges have secrets of their own, made of these. */
  readonly secrets: () => SessionSecrets;
  /** Shared by all frontends; keeps for KEEP_USED_MS. */
  readonly used: UsedOnce;
  /** PBKDF2 iterations of one attempt. Default `DEFAULT_ALTCHA_COST`. */
  readonly cost?: number;
}

/** A submission is the payload of ALTCHA's own widget: base64 of `{"challenge":…,"solution":…}`. */
export function createAltchaProof({ frontend, secrets, used, cost = DEFAULT_ALTCHA_COST }: AltchaOptions): Proof {
  return {
    challenge: (now) => makeChallenge(frontend, secrets().all[0], { cost, now }),
    async verify(submission, now) {
      const payload = readPayload(submission);
      if (payload === undefined) return refused("form");
      const { data, expiresAt, nonce } = payload.challenge.parameters;
      const secret = secrets().all.find(({ kid }) => kid === data?.["kid"]);
      if (secret === undefined) return refused("key");
      if (data?.["frontend"] !== frontend) return refused("frontend");
      if (typeof expiresAt !== "number" || expiresAt * 1000 <= now) return refused("expired");
      if (used.has(nonce)) return refused("used");
      if (!(await isSolved(payload, secret))) return refused("solution");
      return verdictOf(await used.claim(nonce));
    },
  };
}

function makeChallenge(frontend: string, secret: SessionSecret, { cost, now }: { cost: number; now: number }): Promise<Challenge> {
  return createChallenge({
    algorithm: ALGORITHM,
    cost,
    deriveKey,
    keyPrefix: KEY_PREFIX,
    data: { frontend, kid: secret.kid },
    expiresAt: Math.floor(now / 1000) + CHALLENGE_SECONDS,
    hmacSignatureSecret: derivedSecret(secret, "altcha"),
  });
}

/** Only the form of what is used before the signature is checked: the signature covers every parameter. */
function readPayload(submission: string): Payload | undefined {
  if (submission.length > MAX_SUBMISSION_LENGTH || !BASE64.test(submission)) return undefined;
  try {
    const { challenge, solution } = JSON.parse(Buffer.from(submission, "base64").toString()) as Payload;
    const isWhole = typeof challenge.signature === "string" && NONCE.test(challenge.parameters.nonce) && typeof solution === "object";
    return isWhole ? { challenge, solution } : undefined;
  } catch {
    return undefined;
  }
}

/** A forged challenge costs one HMAC; only a genuine one is worth the attempt. */
async function isSolved({ challenge, solution }: Payload, secret: SessionSecret): Promise<boolean> {
  try {
    const hmacSignatureSecret = derivedSecret(secret, "altcha");
    return (await verifySolution({ challenge, solution, deriveKey, hmacSignatureSecret })).verified;
  } catch {
    return false;
  }
}

function verdictOf(outcome: Awaited<ReturnType<UsedOnce["claim"]>>): ProofVerdict {
  if (outcome === "first") return ACCEPTED;
  if (outcome === "again") return refused("used");
  return { verdict: "unavailable", reason: "full", retryAfterSeconds: RETRY_FULL_SECONDS };
}
