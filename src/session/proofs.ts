/** The proof that each frontend asks for, made once for each configuration of it. */
import type { AltchaOptions } from "./altcha-proof.ts";
import type { FindKey, JwksOptions } from "./jwks.ts";
import type { JwtOptions } from "./jwt-proof.ts";
import type { Proof } from "./proof.ts";
import { createAltchaProof } from "./altcha-proof.ts";
import { createJwks } from "./jwks.ts";
import { createJwtProof } from "./jwt-proof.ts";

/** `proof:` of a frontend. */
export type ProofPolicy =
  | { readonly kind: "none" }
  | ({ readonly kind: "altcha" } & Pick<AltchaOptions, "cost">)
  | ({ readonly kind: "jwt"; readonly jwks: URL } & Omit<JwtOptions, "findKey">);

export interface FrontendProof {
  readonly name: string;
  readonly proof: ProofPolicy;
}

export interface Proofs {
  /** undefined: none is asked for. */
  of(frontend: FrontendProof): Proof | undefined;
}

export type ProofsOptions = Pick<AltchaOptions, "secrets" | "used"> & Pick<JwksOptions, "fetch" | "now">;

/** Keys of issuers are kept by address, so that a changed configuration does not ask for them again. */
export function createProofs({ secrets, used, ...jwksOptions }: ProofsOptions): Proofs {
  const keySets = new Map<string, FindKey>();
  const proofs = new WeakMap<FrontendProof, Proof>();
  const keysAt = (url: URL): FindKey => {
    let findKey = keySets.get(url.href);
    if (findKey === undefined) keySets.set(url.href, (findKey = createJwks({ url, ...jwksOptions })));
    return findKey;
  };
  const create = (frontend: string, policy: Exclude<ProofPolicy, { kind: "none" }>): Proof =>
    policy.kind === "altcha"
      ? createAltchaProof({ ...policy, frontend, secrets, used })
      : createJwtProof({ ...policy, findKey: keysAt(policy.jwks) });
  return {
    of(frontend) {
      if (frontend.proof.kind === "none") return undefined;
      let proof = proofs.get(frontend);
      if (proof === undefined) proofs.set(frontend, (proof = create(frontend.name, frontend.proof)));
      return proof;
    },
  };
}
