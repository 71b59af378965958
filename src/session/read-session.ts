/** The session that a request carries: a cookie or a bearer. */
import type { Session, TokenFault } from "./session-claims.ts";
import type { SessionTokens } from "./session-token.ts";
import { readSessionCookie } from "./session-cookie.ts";

/** Scheme names have no letter case (RFC 9110 §11.1). */
const BEARER = /^Bearer +([^ ].*)$/i;

/** As much of a request as a session is read from. */
export interface SessionFields {
  readonly cookie: string | undefined;
  /** undefined also where it is a server's own bearer. Other schemes than Bearer are not ours and don't matter. */
  readonly authorization: string | undefined;
  readonly origin: string | undefined;
  /** As `SessionScope.ownOrigins`. */
  readonly ownOrigins?: Iterable<string>;
}

/** Why what a request carries is no session. `repeated`: there are two cookies, or a cookie and a bearer, which are never of one session. */
export type SessionFault = TokenFault | "repeated";

/** `{}`: the request carries nothing that could be a session. */
export type SessionReading = { readonly session?: Session; readonly fault?: never } | { readonly fault: SessionFault };

const NOTHING: SessionReading = {};

/** @returns without a promise unless a signature has to be checked: one at most */
export function readSession(tokens: SessionTokens, frontend: string, fields: SessionFields): SessionReading | Promise<SessionReading> {
  const { origin, ownOrigins = [] } = fields;
  const cookie = readSessionCookie(fields.cookie, frontend);
  const bearer = BEARER.exec(fields.authorization ?? "")?.[1];
  if (bearer === undefined) {
    if (cookie === undefined || "fault" in cookie) return cookie ?? NOTHING;
    return tokens.verify(cookie.token, { frontend, use: "cookie", origin });
  }
  return cookie === undefined ? tokens.verify(bearer, { frontend, use: "bearer", origin, ownOrigins }) : { fault: "repeated" };
}
