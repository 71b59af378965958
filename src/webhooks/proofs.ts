/** What webhooks must prove, made ready at start: public keys from the configuration, secrets from WEBHOOK_SECRET_<ORGANIZATION>. */
import type { Variables } from "../environment.ts";
import type { Organization } from "../policy.ts";
import type { WebhookProof } from "./signature.ts";
import { variableName } from "../environment.ts";
import { Secret } from "../secret.ts";
import { readPublicKey } from "./signature.ts";

/** Who guesses it can make us look again as often as he likes. */
const MIN_SECRET_LENGTH = 16;

/** @returns the proofs by organization, and one line for each that is missing or unusable */
export function readWebhookProofs(
  organizations: Iterable<Organization>,
  env: Variables,
): { readonly proofs: ReadonlyMap<string, WebhookProof>; readonly faults: readonly string[] } {
  const proofs = new Map<string, WebhookProof>();
  const faults: string[] = [];
  for (const organization of organizations) {
    try {
      const proof = readProof(organization, env);
      if (proof !== undefined) proofs.set(organization.name, proof);
    } catch (fault) {
      faults.push((fault as Error).message);
    }
  }
  return { proofs, faults };
}

function readProof({ name, webhooks }: Organization, env: Variables): WebhookProof | undefined {
  if (webhooks === undefined) return undefined;
  if (webhooks.kind === "signature") return { kind: "signature", publicKey: readConfiguredKey(name, webhooks.publicKey) };
  const variable = variableName("WEBHOOK_SECRET_", name);
  const value = env[variable];
  if (value === undefined || value.trim().length < MIN_SECRET_LENGTH) {
    throw new TypeError(`${variable} is missing or shorter than ${MIN_SECRET_LENGTH} characters: the secret of ${name}'s webhooks`);
  }
  return { kind: "header", field: webhooks.field, secret: new Secret(variable, value, "partoo webhooks") };
}

function readConfiguredKey(name: string, publicKey: string): ReturnType<typeof readPublicKey> {
  try {
    return readPublicKey(publicKey);
  } catch (fault) {
    throw new TypeError(`organizations.${name}.webhooks.public_key is no Ed25519 public key`, { cause: fault });
  }
}
