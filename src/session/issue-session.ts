/** What `POST /{frontend}/session` does: asks for a proof where there is one to ask for, and mints. Who may ask is decided before. */
import type { FrontendProof, Proofs } from "./proofs.ts";
import type { Session, SessionUse } from "./session-claims.ts";
import type { SessionTokens } from "./session-token.ts";

/** A token of an issuer has 8 kB at most. */
export const MAX_SESSION_REQUEST_BYTES = 10 * 1024;

const MEMBERS: ReadonlySet<string> = new Set(["proof", "use"]);
/** Only there do browsers send a cookie that is SameSite=Strict. */
const SAME_SITE: ReadonlySet<string | undefined> = new Set(["same-origin", "same-site"]);

/** The content of the request: JSON, or nothing at all. */
export interface SessionRequest {
  /** A solved challenge or a token of an issuer. */
  readonly proof?: string;
  /** For pages of the same site whose browser keeps no cookies. */
  readonly use?: "bearer";
}

/** Who asks. */
export interface SessionApplicant {
  readonly frontend: FrontendProof;
  readonly origin: string | undefined;
  /** Sec-Fetch-Site. */
  readonly site: string | undefined;
}

export type IssuedSession =
  | { readonly outcome: "issued"; readonly use: SessionUse; readonly token: string; readonly session: Session }
  /** `challenge` is what has to be solved first, where the proof is of that kind. */
  | { readonly outcome: "challenge-required"; readonly challenge: object | undefined }
  /** `reason` is for the log. */
  | { readonly outcome: "challenge-invalid"; readonly reason: string }
  | { readonly outcome: "unavailable"; readonly reason: string; readonly retryAfterSeconds: number };

/** @returns undefined when the content is not as it should be */
export function readSessionRequest(content: Buffer): SessionRequest | undefined {
  if (content.length === 0) return {};
  if (content.length > MAX_SESSION_REQUEST_BYTES) return undefined;
  try {
    const request: unknown = JSON.parse(content.toString());
    return isSessionRequest(request) ? request : undefined;
  } catch {
    return undefined;
  }
}

function isSessionRequest(value: unknown): value is SessionRequest {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { proof, use } = value as Record<string, unknown>;
  if (Object.keys(value).some((name) => !MEMBERS.has(name))) return false;
  return (proof === undefined || typeof proof === "string") && (use === undefined || use === "bearer");
}

/** A cookie where the page's browser will send it back, else a bearer. @param now ms since 1970 */
export async function issueSession(
  { tokens, proofs }: { readonly tokens: SessionTokens; readonly proofs: Proofs },
  { frontend, origin, site }: SessionApplicant,
  request: SessionRequest,
  now: number = Date.now(),
): Promise<IssuedSession> {
  const proof = await proofs.of(frontend);
  if (proof !== undefined && request.proof === undefined) {
    return { outcome: "challenge-required", challenge: await proof.challenge?.(now) };
  }
  const verdict = await proof?.verify(request.proof ?? "", now);
  if (verdict?.verdict === "refused") return { outcome: "challenge-invalid", reason: verdict.reason };
  if (verdict?.verdict === "unavailable") {
    return { outcome: "unavailable", reason: verdict.reason, retryAfterSeconds: verdict.retryAfterSeconds };
  }
  const use = request.use ?? (SAME_SITE.has(site) ? "cookie" : "bearer");
  return { outcome: "issued", use, ...(await tokens.mint({ frontend: frontend.name, use, origin })) };
}
