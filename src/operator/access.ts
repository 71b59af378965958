/** Who may use the operator's listener: whoever has its token, or, where none is set, a program of this machine. Never another site's page. */
import type { RequestHead } from "../request/request-line.ts";
import type { Secret } from "../secret.ts";
import { isLoopback } from "../environment.ts";
import { problem } from "../problem.ts";

/** What somebody proved: to know the token, or only to reach a loopback address. */
export type Operator = "token" | "loopback";

const BEARER = /^Bearer ([\x21-\x7e]+)$/i;
const OWN_SITES: ReadonlySet<string | undefined> = new Set([undefined, "none", "same-origin"]);

/**
 * @param head of a request whose line and Host field are well formed
 * @throws Problem operator-token, host-not-allowed, origin-not-allowed, fetch-metadata-refused
 */
export function admitOperator({ headers }: RequestHead, token: Secret | undefined): Operator {
  const host = headers.host?.toString().toLowerCase() ?? "";
  if (token !== undefined && !isToken(headers.authorization?.toString(), token)) {
    throw problem("operator-token", {
      detail: "Send the value of OPERATOR_TOKEN: Authorization: Bearer and the value.",
      headers: { "www-authenticate": 'Bearer realm="operator"' },
    });
  }
  // A page can have its own name resolve to this machine, but it can't send the name of another.
  if (token === undefined && !isLoopback(host.replace(/:\d*$/, ""))) {
    throw problem("host-not-allowed", { detail: "Without OPERATOR_TOKEN the Host must be localhost or a loopback address." });
  }
  const origin = headers.origin?.toString();
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    throw problem("origin-not-allowed", { detail: "Pages of other origins may not use the operator's listener." });
  }
  if (!OWN_SITES.has(headers["sec-fetch-site"]?.toString())) {
    throw problem("fetch-metadata-refused", { detail: "Pages of other sites may not use the operator's listener." });
  }
  return token === undefined ? "loopback" : "token";
}

/** No form can send this type, and no script to another origin without asking first. @throws Problem request-malformed */
export function checkJson({ headers }: RequestHead): void {
  const type = headers["content-type"]?.toString().split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") throw problem("request-malformed", { detail: "The Content-Type must be application/json." });
}

function isToken(authorization: string | undefined, token: Secret): boolean {
  const presented = authorization === undefined ? undefined : BEARER.exec(authorization)?.[1];
  return presented !== undefined && token.equals(presented);
}
