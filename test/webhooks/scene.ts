/** A gateway that takes webhooks, and somebody who signs them as Partoo would. */
import { generateKeyPairSync, sign } from "node:crypto";
import type { TestGateway } from "../support/gateway.ts";
import type { LocatorOptions, Partoo, Store } from "../cache/partoo.ts";
import { business, gatewayFor, startPartoo } from "../cache/partoo.ts";

export const HOOK = "/webhooks/partoo/acme";

export interface Signer {
  /** SubjectPublicKeyInfo, base64. */
  readonly publicKey: string;
  /** Value of x-partoo-signature-v1. */
  readonly sign: (bytes: Buffer) => string;
}

export function signer(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    publicKey: publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    sign: (bytes) => sign(null, bytes, privateKey).toString("base64"),
  };
}

export const OPEN_QUOTA = "quota: 999999/min, reserve: 0%";

export interface Scene {
  readonly partoo: Partoo;
  readonly gateway: TestGateway;
  readonly key: Signer;
  /** A signed webhook about a store, as the public field names have it. */
  readonly tell: (type: string, store: Store) => Promise<Response>;
  readonly post: (body: string | Buffer, headers?: Readonly<Record<string, string>>, path?: string) => Promise<Response>;
}

/** Ends with the test. */
export async function signedScene(options: LocatorOptions & { readonly stores?: readonly Store[] } = {}): Promise<Scene> {
  const { stores, ...locator } = options;
  const key = signer();
  const partoo = await startPartoo(stores);
  const organization = `${OPEN_QUOTA}, webhooks: { public_key: "${key.publicKey}" }`;
  const gateway = await gatewayFor(partoo, { locator: { ...locator, organization } });
  const post: Scene["post"] = async (body, headers = {}, path = HOOK) =>
    fetch(gateway.url + path, { method: "POST", body: new Uint8Array(Buffer.from(body)), headers });
  return {
    partoo,
    gateway,
    key,
    post,
    tell: async (type, store) => {
      const body = webhook(type, business(store));
      return post(body, { "x-partoo-signature-v1": key.sign(body) });
    },
  };
}

export function webhook(type: string, about: unknown): Buffer {
  return Buffer.from(JSON.stringify({ type, payload: { business: about } }));
}
