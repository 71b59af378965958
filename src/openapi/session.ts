/** Sessions in a description: where one is minted and what is answered, what carries it, and which calls need it. */
import type { Frontend } from "../policy.ts";
import type { Refusal } from "./answers.ts";
import type { JsonSchema, Members, SchemaBook } from "./schemas.ts";
import { MAX_SESSION_REQUEST_BYTES } from "../session/issue-session.ts";
import { CHALLENGE_SECONDS } from "../session/proof.ts";
import { sessionCookieName } from "../session/session-cookie.ts";
import { SESSION_SECONDS } from "../session/session-token.ts";
import { headersOf } from "./header-fields.ts";
import { objectOf } from "./schemas.ts";

const TEXT = { type: "string" };
const INTEGER = { type: "integer" };
/** A token of ours in form, of nobody. */
const SAMPLE_TOKEN = "eyJhbGciOiJIUzI1NiJ9.e30.ZRrHA1JJJW8opsbCGfG_HACGpVUMN_a9IV7pAx_Zmeo";
const CHALLENGE: JsonSchema = objectOf(
  {
    parameters: objectOf(
      {
        algorithm: { const: "PBKDF2/SHA-256" },
        cost: { ...INTEGER, description: "Iterations of each attempt." },
        keyLength: { ...INTEGER, description: "Bytes of the derived key." },
        keyPrefix: { ...TEXT, description: "Hexadecimal digits that the derived key has to begin with." },
        nonce: { ...TEXT, description: "Hexadecimal; the password is these bytes and the attempt's number, four bytes, big endian." },
        salt: { ...TEXT, description: "Hexadecimal." },
        data: { type: "object", additionalProperties: { type: "string" } },
        expiresAt: { ...INTEGER, description: "Seconds since 1970." },
      },
      ["algorithm", "cost", "keyLength", "keyPrefix", "nonce", "salt", "expiresAt"],
    ),
    signature: TEXT,
  },
  ["parameters", "signature"],
);
const SAMPLE_CHALLENGE = {
  parameters: {
    algorithm: "PBKDF2/SHA-256",
    cost: 5000,
    data: { frontend: "store-locator", kid: "2026-11" },
    expiresAt: 1795343873,
    keyLength: 32,
    keyPrefix: "00",
    nonce: "2d2f66602e343f125dc639ef8031cc93",
    salt: "54ecafce104af389945f588e5028c0cc",
  },
  signature: "e23e8688c54067232a964d5eeddf9d34ea9c9008f2aeaa6679385e6f686248d4",
};

/** Whether a call may be refused for want of a session. Of the directory only where every request needs one. */
export function asksForSession({ session }: Frontend, { asksPartoo }: { readonly asksPartoo: boolean }): boolean {
  return session === "required" || (session === "on-miss" && asksPartoo);
}

/** By status: what a request for a session is refused with, besides what every request may be. */
export function sessionRefusals({ proof }: Frontend): Readonly<Record<number, Refusal>> {
  const gate = ["origin-not-allowed", "fetch-metadata-refused"] as const;
  const asked = proof.kind === "altcha" ? "challenge has to be solved first" : "a token of the issuer has to be sent as proof";
  return {
    400: { name: "SessionMalformed", codes: ["request-malformed"], description: "The content is neither empty nor the described JSON." },
    403:
      proof.kind === "none"
        ? { name: "SessionForbidden", codes: gate, description: "The page's Origin is not listed, or no script sent it." }
        : {
            name: "SessionForbidden",
            codes: ["challenge-required", "challenge-invalid", ...gate],
            description: `${capital(asked)}, or it was not accepted; or the page's Origin is not listed.`,
            ...(proof.kind === "altcha" ? { extension: { code: "challenge-required", members: { challenge: SAMPLE_CHALLENGE } } } : {}),
          },
    413: { name: "SessionTooLarge", codes: ["body-too-large"], description: `More than ${MAX_SESSION_REQUEST_BYTES} bytes.` },
    503: {
      name: "SessionUnavailable",
      codes: [...(proof.kind === "none" ? [] : (["challenge-unavailable"] as const)), "draining"],
      description: "Proofs can't be checked at present. Wait as long as Retry-After says.",
      fields: ["Retry-After"],
    },
  };
}

/** Members that problems have besides those of every frontend. */
export function sessionMembers({ session, proof }: Frontend, book: SchemaBook): Members {
  if (session === "none" || proof.kind !== "altcha") return {};
  return { challenge: { ...book.name(CHALLENGE, "Challenge"), description: "With challenge-required." } };
}

/** Path and operation. @param refusals references by status */
export function sessionPath(
  frontend: Frontend,
  book: SchemaBook,
  refusals: Readonly<Record<string, object>>,
): Readonly<Record<string, object>> {
  if (frontend.session === "none") return {};
  const cookie = objectOf({ use: { const: "cookie" }, expires_in: seconds() }, ["use", "expires_in"]);
  const bearer = objectOf({ use: { const: "bearer" }, token: TEXT, expires_in: seconds() }, ["use", "token", "expires_in"]);
  const schema = book.name({ oneOf: [cookie, bearer] }, "Session");
  const examples = {
    cookie: { value: { use: "cookie", expires_in: SESSION_SECONDS } },
    bearer: { value: { use: "bearer", token: SAMPLE_TOKEN, expires_in: SESSION_SECONDS } },
  };
  const description = "A cookie for pages of the same site, a bearer for other pages and for apps.";
  const post = {
    operationId: "mintSession",
    summary: "A session for the calls that need one",
    description: proofWords(frontend),
    security: [],
    requestBody: { required: false, content: { "application/json": { schema: book.name(requestSchema(frontend), "SessionRequest") } } },
    responses: {
      200: {
        description,
        headers: headersOf(["Cache-Control", "Set-Cookie", "X-Request-Id"]),
        content: { "application/json": { schema, examples } },
      },
      ...refusals,
    },
  };
  return { "/session": { post } };
}

function seconds(): JsonSchema {
  return { ...INTEGER, description: "Seconds that it is good for." };
}

function requestSchema({ proof }: Frontend): JsonSchema {
  const words =
    proof.kind === "altcha" ? "Base64 of JSON: the challenge and its solution, as ALTCHA's widget sends it." : "A token of the issuer.";
  const use = { const: "bearer", description: "For pages of the same site whose browser keeps no cookie." };
  return {
    ...objectOf({ ...(proof.kind === "none" ? {} : { proof: { ...TEXT, description: words } }), use }),
    additionalProperties: false,
  };
}

function proofWords({ proof }: Frontend): string {
  if (proof.kind === "none") return "No content is needed.";
  if (proof.kind === "jwt") return "Send a token of the issuer as proof.";
  return `Ask without content for a challenge, solve it within ${CHALLENGE_SECONDS} s, and send the solution as proof: it is good once.`;
}

/** What carries a session, by name. Empty where there are none. */
export function sessionSchemes({ name, session, origins }: Frontend): Readonly<Record<string, object>> {
  if (session === "none") return {};
  const when =
    session === "required" ? "Every call needs one." : "Only what has to be asked of Partoo needs one: else 401 session-required.";
  const cookie = { type: "apiKey", in: "cookie", name: sessionCookieName(name), description: `A session as a cookie. ${when}` };
  const bearer = { type: "http", scheme: "bearer", bearerFormat: "JWT", description: `A session as a bearer. ${when}` };
  return { ...(origins.size > 0 ? { sessionCookie: cookie } : {}), sessionBearer: bearer };
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
