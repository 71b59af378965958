/** The verdict on a session, where one is asked for. */
import type { Frontend } from "../policy.ts";
import type { SessionReading } from "./read-session.ts";
import { problem } from "../problem.ts";

/**
 * What a frontend that asks for sessions says to a request.
 * @param reading undefined: nothing was read
 * @throws Problem session-required, session-invalid
 */
export function requireSession(frontend: Frontend, reading: SessionReading | undefined): { readonly id: string } {
  if (reading?.fault !== undefined) {
    throw problem("session-invalid", {
      detail:
        reading.fault === "repeated"
          ? "Send one cookie or a bearer, not both."
          : "The session has expired, or is none of this frontend and page. POST to session for another one.",
      headers: { "www-authenticate": `Bearer realm="${frontend.name}", error="invalid_token"` },
      reason: reading.fault,
    });
  }
  if (reading?.session !== undefined) return reading.session;
  throw problem("session-required", {
    detail: "A session is needed for this. POST to session, then repeat the request with it.",
    headers: { "www-authenticate": `Bearer realm="${frontend.name}"` },
  });
}
