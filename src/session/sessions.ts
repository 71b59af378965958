/** Sessions of frontends that ask for them: reading the one that a request carries, and minting one. */
import type { Breaker } from "../cache/breaker.ts";
import type { Caller } from "../caller/caller.ts";
import type { RequestLimit } from "../limits/requests.ts";
import type { Frontend, Rate } from "../policy.ts";
import type { Answer, AnswerContext } from "../present/present.ts";
import type { RequestHead } from "../request/request-line.ts";
import type { IssuedSession } from "./issue-session.ts";
import type { SessionReading } from "./read-session.ts";
import type { SessionSecrets } from "./session-secrets.ts";
import { presentJson } from "../present/present.ts";
import { problem } from "../problem.ts";
import { MAX_SESSION_REQUEST_BYTES, issueSession, readSessionRequest } from "./issue-session.ts";
import { KEEP_USED_MS } from "./proof.ts";
import { createProofs } from "./proofs.ts";
import { readSession } from "./read-session.ts";
import { writeSessionCookie } from "./session-cookie.ts";
import { SESSION_SECONDS, createSessionTokens } from "./session-token.ts";
import { createUsedOnce } from "./used-once.ts";

/** From one address: many people may share theirs, and each needs one in a quarter of an hour. */
export const MINTS: Rate = { count: 60, windowSeconds: 60 };
const JSON_TYPE = /^application\/json *(;|$)/i;

/** One request to mint a session. */
export interface SessionAsk {
  readonly frontend: Frontend;
  readonly head: RequestHead;
  readonly caller: Caller;
  readonly context: AnswerContext;
  /** @throws Problem, body-too-large beyond `maxBytes`; CallersGone */
  readonly readBody: (maxBytes: number) => Promise<Buffer>;
}

export interface Sessions {
  /** Without a promise unless a signature has to be checked. Never throws, never rejects. */
  read(frontend: Frontend, head: RequestHead, caller: Caller): SessionReading | Promise<SessionReading>;
  /** @throws Problem rate-limited, request-malformed, body-too-large, challenge-required, challenge-invalid, challenge-unavailable */
  mint(ask: SessionAsk): Promise<Answer>;
}

export interface SessionsOptions {
  readonly secrets: SessionSecrets;
  /** undefined: each process remembers for itself which proofs were used. */
  readonly redis: { readonly breaker: Breaker; readonly prefix: string } | undefined;
  readonly mintLimit: RequestLimit;
}

export function createSessions({ secrets, redis, mintLimit }: SessionsOptions): Sessions {
  const tokens = createSessionTokens(() => secrets);
  const used = createUsedOnce({ keepMs: KEEP_USED_MS, redis: redis && { ...redis, prefix: `${redis.prefix}altcha:` } });
  const proofs = createProofs({ secrets: () => secrets, used });
  return {
    read(frontend, { headers }, { origin, server, fetchMetadata }) {
      const authorization = server === undefined ? textOf(headers["authorization"]) : undefined;
      const fields = { cookie: textOf(headers["cookie"]), authorization, origin };
      // Such a page sends its Origin when it mints, and none when it reads.
      const isOwnPage = origin === undefined && fetchMetadata.site === "same-origin";
      return readSession(tokens, frontend.name, isOwnPage ? { ...fields, ownOrigins: frontend.origins } : fields);
    },
    async mint({ frontend, head, caller, context, readBody }) {
      mintLimit.admit(frontend.name, caller.addressKey, MINTS);
      const request = readSessionRequest(await readContentOf(head, readBody));
      if (request === undefined)
        throw problem("request-malformed", { detail: 'The content must be {}, or hold nothing but "proof" (a text) and "use": "bearer".' });
      const applicant = { frontend, origin: caller.origin, site: caller.fetchMetadata.site };
      return answerOf(await issueSession({ tokens, proofs }, applicant, request), frontend, context);
    },
  };
}

/** JSON only: a page of another site would have to ask for that first (Fetch standard, CORS-safelisted request-header). */
async function readContentOf({ headers }: RequestHead, readBody: SessionAsk["readBody"]): Promise<Buffer> {
  const isEmpty = headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) === 0;
  if (isEmpty) return Buffer.alloc(0);
  if (!JSON_TYPE.test(String(headers["content-type"] ?? ""))) {
    throw problem("request-malformed", { detail: "The content must be application/json.", headers: { connection: "close" } });
  }
  return readBody(MAX_SESSION_REQUEST_BYTES);
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join("; ") : value;
}

/** `{"use":"cookie","expires_in":900}` with Set-Cookie, or `{"use":"bearer","token":"…","expires_in":900}`. */
function answerOf(issued: IssuedSession, frontend: Frontend, context: AnswerContext): Answer {
  if (issued.outcome === "issued") {
    const { use, token } = issued;
    const common = { use, expires_in: SESSION_SECONDS };
    if (use === "bearer") return presentJson({ ...common, token }, {}, context);
    return presentJson(common, { "set-cookie": writeSessionCookie(frontend.name, token, SESSION_SECONDS) }, context);
  }
  if (issued.outcome === "challenge-required") {
    const detail = "A proof must be sent with the request for a session.";
    throw problem("challenge-required", {
      detail,
      ...(issued.challenge === undefined ? {} : { extension: { challenge: issued.challenge } }),
    });
  }
  if (issued.outcome === "challenge-invalid") {
    throw problem("challenge-invalid", { detail: "The proof is not accepted: it has to be a new one.", reason: issued.reason });
  }
  const { reason, retryAfterSeconds } = issued;
  throw problem("challenge-unavailable", { detail: "Proofs can't be checked at present.", reason, retryAfterSeconds });
}
