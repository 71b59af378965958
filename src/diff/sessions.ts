/** What changes about sessions: when a request must carry one, and what minting one asks for. */
import type { Frontend } from "../policy.ts";
import type { ProofPolicy } from "../session/proofs.ts";
import type { Difference } from "./change.ts";
import { DEFAULT_ALTCHA_COST } from "../session/proof.ts";
import { compareNames, compareValues } from "./change.ts";

type Jwt = ProofPolicy & { readonly kind: "jwt" };

/** From least to most that is asked. */
const MODES: readonly Frontend["session"][] = ["none", "on-miss", "required"];

/** @returns words of a frontend that has sessions; undefined where it has none */
export function sessionWords({ session, proof }: Frontend): string | undefined {
  return session === "none" ? undefined : `session ${session}, proof ${proofWords(proof)}`;
}

export function diffSessions(before: Frontend, after: Frontend): readonly Difference[] {
  // Nobody mints a session that nobody asks for: then a proof changes nothing.
  const proofs = [before, after].every(({ session }) => session !== "none") ? diffProofs(before.proof, after.proof) : [];
  if (before.session === after.session) return proofs;
  const isWeaker = MODES.indexOf(after.session) < MODES.indexOf(before.session);
  const begins = before.session === "none" ? `, with proof ${proofWords(after.proof)}` : "";
  const detail = `${before.session} → ${after.session}${begins}`;
  return [
    isWeaker ? { kind: "session-weakened", detail, risk: "opens" } : { kind: "session-strengthened", detail, risk: "breaks" },
    ...proofs,
  ];
}

function diffProofs(before: ProofPolicy, after: ProofPolicy): readonly Difference[] {
  if (before.kind === "jwt" && after.kind === "jwt") return diffJwt(before, after);
  if (before.kind === "altcha" && after.kind === "altcha") {
    return compareValues(costWords(before), costWords(after), (detail) => ({ kind: "proof-cost", detail, risk: "load" }));
  }
  if (before.kind === after.kind) return [];
  return [
    ...(before.kind === "none" ? [] : [{ kind: "proof-removed", detail: proofWords(before), risk: "opens" } as const]),
    ...(after.kind === "none" ? [] : [{ kind: "proof-added", detail: proofWords(after), risk: "breaks" } as const]),
  ];
}

/** Others' tokens are taken then, and those of before no more. */
function diffJwt(before: Jwt, after: Jwt): readonly Difference[] {
  const changed = (name: string, read: (proof: Jwt) => string): readonly Difference[] =>
    compareValues(read(before), read(after), (detail) => ({ kind: "proof-changed", detail: `${name}: ${detail}`, risk: "opens" }));
  return [
    ...changed("issuer", ({ issuer }) => issuer),
    ...changed("audience", ({ audience }) => audience),
    ...changed("jwks", ({ jwks }) => jwks.href),
    ...diffSubjects(before.subjects, after.subjects),
  ];
}

/** undefined: any. */
function diffSubjects(before: Jwt["subjects"], after: Jwt["subjects"]): readonly Difference[] {
  if (before !== undefined && after !== undefined) {
    const { added, removed } = compareNames(before, after);
    return [
      ...added.map((detail): Difference => ({ kind: "proof-subject-added", detail, risk: "opens" })),
      ...removed.map((detail): Difference => ({ kind: "proof-subject-removed", detail, risk: "breaks" })),
    ];
  }
  const risk = after === undefined ? "opens" : "breaks";
  return compareValues(subjectWords(before), subjectWords(after), (detail) => ({
    kind: "proof-changed",
    detail: `subjects: ${detail}`,
    risk,
  }));
}

function subjectWords(subjects: Jwt["subjects"]): string {
  return subjects === undefined ? "any" : [...subjects].toSorted().join(", ");
}

function costWords({ cost = DEFAULT_ALTCHA_COST }: ProofPolicy & { readonly kind: "altcha" }): string {
  return `${cost} iterations an attempt`;
}

function proofWords(proof: ProofPolicy): string {
  return proof.kind === "jwt" ? `jwt of ${proof.issuer}` : proof.kind;
}
