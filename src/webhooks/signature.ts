/** Whether a webhook comes from Partoo: an Ed25519 signature, or a secret in a header of our choice (partoo reference §9). */
import type { KeyObject } from "node:crypto";
import { createHash, createPublicKey, verify } from "node:crypto";
import type { Secret } from "../secret.ts";
import type { Problem } from "../problem.ts";
import { problem } from "../problem.ts";

/** Partoo's own header of the signature, base64. */
const SIGNATURE_FIELD = "x-partoo-signature-v1";
const BASE64_SIGNATURE = /^[A-Za-z0-9+/]{86}==$/;

/** How an organization's webhooks prove themselves; checked and made ready at start. */
export type WebhookProof =
  | { readonly kind: "signature"; readonly publicKey: KeyObject }
  | { readonly kind: "header"; readonly field: string; readonly secret: Secret };

type Fields = Readonly<Record<string, string | string[] | undefined>>;

/** @param base64 SubjectPublicKeyInfo, as Partoo's page shows it. @throws TypeError when it is no Ed25519 key */
export function readPublicKey(base64: string): KeyObject {
  const publicKey = createPublicKey({ key: Buffer.from(base64, "base64"), format: "der", type: "spki" });
  if (publicKey.asymmetricKeyType !== "ed25519") throw new TypeError("not an Ed25519 public key");
  return publicKey;
}

/**
 * What can be told before a body is read: a secret that is wrong, or a signature that can't be one.
 * @throws Problem webhook-signature
 */
export function checkWebhookFields(proof: WebhookProof, fields: Fields): void {
  const mayBeGenuine = proof.kind === "header" ? hasSecret(proof, fields) : signatureIn(fields) !== undefined;
  if (!mayBeGenuine) throw unproven();
}

/**
 * Partoo's page leaves open whether the body or its SHA-256 digest is signed, so either is accepted: both are of this body alone.
 * @throws Problem webhook-signature
 */
export function checkWebhook(proof: WebhookProof, fields: Fields, body: Buffer): void {
  const genuine = proof.kind === "header" ? hasSecret(proof, fields) : isSigned(proof.publicKey, fields, body);
  if (!genuine) throw unproven();
}

/** The connection ends: what is left of the body is not read. */
function unproven(): Problem {
  return problem("webhook-signature", {
    detail: "The webhook does not prove that it comes from Partoo.",
    headers: { connection: "close" },
  });
}

function hasSecret({ field, secret }: Extract<WebhookProof, { kind: "header" }>, fields: Fields): boolean {
  const presented = fields[field.toLowerCase()];
  return typeof presented === "string" && secret.equals(presented);
}

function isSigned(publicKey: KeyObject, fields: Fields, body: Buffer): boolean {
  const signature = signatureIn(fields);
  if (signature === undefined) return false;
  return verify(null, body, publicKey, signature) || verify(null, createHash("sha256").update(body).digest(), publicKey, signature);
}

function signatureIn(fields: Fields): Buffer | undefined {
  const presented = fields[SIGNATURE_FIELD];
  return typeof presented === "string" && BASE64_SIGNATURE.test(presented) ? Buffer.from(presented, "base64") : undefined;
}
