/** An issuer of signed tokens: a real HTTP server with a key set, that goes wrong in the ways such servers do. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { generateKeyPairSync, sign as signBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { onTestFinished } from "vitest";

type Alg = "RS256" | "PS256" | "ES256" | "EdDSA";

export interface SigningKey {
  readonly alg: Alg;
  readonly kid: string;
  /** As it stands in a key set. */
  readonly jwk: object;
  /** A token in compact form. */
  token(claims: object, header?: object): string;
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");

function keyPair(alg: Alg) {
  if (alg === "ES256") return generateKeyPairSync("ec", { namedCurve: "P-256" });
  return alg === "EdDSA" ? generateKeyPairSync("ed25519") : generateKeyPairSync("rsa", { modulusLength: 2048 });
}

export function signingKey(kid: string, alg: Alg = "ES256"): SigningKey {
  const { privateKey, publicKey } = keyPair(alg);
  const pss = alg === "PS256" ? { padding: 6, saltLength: 32 } : {};
  return {
    alg,
    kid,
    jwk: { ...publicKey.export({ format: "jwk" }), kid, alg, use: "sig" },
    token(claims, header = {}) {
      const signed = `${encoded({ alg, kid, typ: "JWT", ...header })}.${encoded(claims)}`;
      const key = { key: privateKey, dsaEncoding: "ieee-p1363" as const, ...pss };
      return `${signed}.${signBytes(alg === "EdDSA" ? null : "sha256", Buffer.from(signed), key).toString("base64url")}`;
    },
  };
}

export interface Issuer {
  readonly url: URL;
  /** Requests for the key set. */
  asked: number;
  /** How it answers from now on. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  /** Nobody listens any more. */
  stop(): Promise<void>;
}

export function answerKeys(...keys: readonly SigningKey[]): Issuer["answer"] {
  return (_, response) =>
    void response.setHeader("content-type", "application/json").end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
}

export function answerText(text: string | Buffer, status = 200, headers: Readonly<Record<string, string>> = {}): Issuer["answer"] {
  return (_, response) => void response.writeHead(status, headers).end(text);
}

/** Ends with the test. */
export async function startIssuer(answer: Issuer["answer"]): Promise<Issuer> {
  const server = createServer((request, response) => {
    issuer.asked += 1;
    issuer.answer(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  const issuer: Issuer = { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`), asked: 0, answer, stop };
  onTestFinished(stop);
  return issuer;
}
