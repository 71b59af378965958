/** The proof that each frontend asks for, made once for each configuration of it. Its libraries are loaded when the first one is asked for. */
import type { AltchaOptions } from "./altcha-proof.ts";
import type { FindKey } from "./jwks.ts";
import type { JwtOptions } from "./jwt-proof.ts";
import type { Proof } from "./proof.ts";

/** `proof:` of a frontend. */
export type ProofPolicy =
  | { readonly kind: "none" }
  | ({ readonly kind: "altcha" } & Pick<AltchaOptions, "cost">)
  | ({ readonly kind: "jwt"; readonly jwks: URL } & Omit<JwtOptions, "findKey">);

/** As much of a frontend as a proof depends on. */
export interface FrontendProof {
  readonly name: string;
  readonly proof: ProofPolicy;
}

export interface Proofs {
  /** undefined: none is asked for. */
  of(frontend: FrontendProof): Promise<Proof> | undefined;
}

export type ProofsOptions = Pick<AltchaOptions, "secrets" | "used">;

/** Keys of issuers are kept by address, so that a changed configuration does not ask for them again. */
export function createProofs({ secrets, used }: ProofsOptions): Proofs {
  const keySets = new Map<string, FindKey>();
  const proofs = new WeakMap<FrontendProof, Promise<Proof>>();

  async function keysAt(url: URL): Promise<FindKey> {
    const { createJwks } = await import("./jwks.ts");
    const findKey = keySets.get(url.href) ?? createJwks({ url });
    keySets.set(url.href, findKey);
    return findKey;
  }
  async function create(frontend: string, policy: Exclude<ProofPolicy, { kind: "none" }>): Promise<Proof> {
    if (policy.kind === "altcha") {
      const { createAltchaProof } = await import("./altcha-proof.ts");
      return createAltchaProof({ ...policy, frontend, secrets, used });
    }
    const { createJwtProof } = await import("./jwt-proof.ts");
    return createJwtProof({ ...policy, findKey: await keysAt(policy.jwks) });
  }
  return {
    of(frontend) {
      if (frontend.proof.kind === "none") return undefined;
      let proof = proofs.get(frontend);
      if (proof === undefined) proofs.set(frontend, (proof = create(frontend.name, frontend.proof)));
      return proof;
    },
  };
}
