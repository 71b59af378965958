/** Where a request is asked for a session, and what minting one asks for. */
import type { CallerKind } from "../caller/gate.ts";
import type { Locator } from "../config/locate.ts";
import type { Decision } from "../decide.ts";
import type { Frontend } from "../policy.ts";
import type { ProofPolicy } from "../session/proofs.ts";
import type { Ask } from "./ask.ts";
import type { ExplainContext, Explanation, StageVerdict } from "./explain.ts";
import { CHALLENGE_SECONDS, DEFAULT_ALTCHA_COST } from "../session/proof.ts";
import { MINTS } from "../session/sessions.ts";
import { SESSION_SECONDS } from "../session/session-token.ts";
import { callerWords, frontendWords, limitWords, rateWords } from "./words.ts";

type Stage = Omit<StageVerdict, "verdict">;

/** At the caller: nothing but where every request needs one. */
export function sessionOfCaller(locate: Locator, { name, session }: Frontend, kind: CallerKind): readonly Stage[] {
  if (session !== "required") return [];
  const words = kind === "server" ? "no session: servers need none" : "carries a session, as every request must";
  return [{ stage: "caller", words, where: locate.frontend(name, "session") }];
}

/** At spending: nothing but where a call needs one. */
export function sessionOfCall(
  locate: Locator,
  { name, session }: Frontend,
  { kind, ask }: { kind: CallerKind; ask: Ask },
): readonly Stage[] {
  if (session !== "on-miss") return [];
  const carried = ask.session === true ? "this request carries one" : "this request carries none: 401 session-required then, and no call";
  const words = kind === "server" ? "no session: servers need none" : `when a call is needed: a session; ${carried}`;
  return [{ stage: "spend", words, where: locate.frontend(name, "session") }];
}

/** `public`, or `private` where every request must carry a session. */
export function cacheScope({ session }: Frontend): "public" | "private" {
  return session === "required" ? "private" : "public";
}

/** Every stage of `POST /{frontend}/session`. */
export function explainSession({ locate }: ExplainContext, { frontend, kind }: Decision & { readonly decision: "session" }): Explanation {
  const { name, proof } = frontend;
  const where = locate.frontend(name, "session");
  const decided: readonly Stage[] = [
    { stage: "request-line", words: "well formed" },
    { stage: "frontend", ...frontendWords(locate, frontend) },
    { stage: "caller", ...callerWords(locate, frontend, kind) },
    { stage: "route", words: `POST /session: a session of ${name} for ${SESSION_SECONDS / 60} minutes`, where },
  ];
  const ahead: readonly Stage[] = [
    { stage: "limit", ...limitWords(locate, frontend, kind) },
    { stage: "limit", words: `sessions ${rateWords(MINTS)} for one address` },
    { stage: "spend", words: `nothing of Partoo's; ${proofWords(proof)}`, where: locate.frontend(name, "proof") },
    { stage: "upstream", words: "nothing is asked of Partoo" },
    { stage: "present", words: "a cookie for pages of the same site, a bearer for other pages and for apps; Cache-Control: no-store" },
  ];
  return {
    decision: "allowed",
    stage: "present",
    where,
    stages: [
      ...decided.map((stage) => ({ ...stage, verdict: "passed" as const })),
      ...ahead.map((stage) => ({ ...stage, verdict: "ahead" as const })),
    ],
  };
}

function proofWords(proof: ProofPolicy): string {
  if (proof.kind === "none") return "no proof is asked for";
  if (proof.kind === "altcha") {
    const cost = proof.cost ?? DEFAULT_ALTCHA_COST;
    return `proof altcha: ${cost} iterations an attempt, within ${CHALLENGE_SECONDS} s, else 403 challenge-required`;
  }
  const { issuer, audience, jwks, subjects } = proof;
  const whose = subjects === undefined ? "any subject" : `subject ${[...subjects].join(" or ")}`;
  return `proof jwt: of ${issuer} for ${audience}, ${whose}, by the keys at ${jwks.href}, else 403 challenge-required`;
}
