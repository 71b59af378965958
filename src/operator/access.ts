/** Who may use the operator's listener: whoever has its token, or, where none is set, a program of this machine. Never another site's page. */
import type { RequestHead } from "../request/request-line.ts";
import type { Secret } from "../secret.ts";
import { isLoopback } from "../environment.ts";
import { problem } from "../problem.ts";

/** What somebody proved: to know the token, to have known it when signing in, or only to reach a loopback address. */
export type Operator = "token" | "session" | "loopback";

const BEARER = /^Bearer ([\x21-\x7e]+)$/i;
const OWN_SITES: ReadonlySet<string | undefined> = new Set([undefined, "none", "same-origin"]);

/**
 * @param head of a request whose line and Host field are well formed
 * @throws Problem operator-token, host-not-allowed, origin-not-allowed, fetch-metadata-refused
 */
export function admitOperator(head: RequestHead, token: Secret | undefined): Operator {
  if (token !== undefined && !hasToken(head, token)) {
    throw problem("operator-token", {
      detail: "Send the value of OPERATOR_TOKEN: Authorization: Bearer and the value.",
      headers: { "www-authenticate": 'Bearer realm="operator"' },
    });
  }
  checkSource(head, token);
  return token === undefined ? "loopback" : "token";
}

/** Whether a program sent the token. */
export function hasToken({ headers }: RequestHead, token: Secret): boolean {
  const presented = BEARER.exec(headers.authorization?.toString() ?? "")?.[1];
  return presented !== undefined && token.equals(presented);
}

/** Neither another site's page nor, where no token is asked for, another name for this machine. @throws Problem as admitOperator() */
export function checkSource({ headers }: RequestHead, token: Secret | undefined): void {
  const host = hostOf(headers);
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
}

/** No form can send this type, and no script to another origin without asking first. @throws Problem request-malformed */
export function checkJson(head: RequestHead): void {
  if (contentType(head) !== "application/json") {
    throw problem("request-malformed", { detail: "The Content-Type must be application/json." });
  }
}

/** Sent by a form of a page of ours: every browser names the page's origin. @throws Problem origin-not-allowed, request-malformed */
export function checkForm(head: RequestHead): void {
  if (head.headers.origin === undefined) {
    throw problem("origin-not-allowed", { detail: "A form must come from the operator's page; programs use /api/." });
  }
  if (contentType(head) !== "application/x-www-form-urlencoded") {
    throw problem("request-malformed", { detail: "The Content-Type must be application/x-www-form-urlencoded." });
  }
}

function contentType({ headers }: RequestHead): string | undefined {
  return headers["content-type"]?.toString().split(";")[0]?.trim().toLowerCase();
}

function hostOf(headers: RequestHead["headers"]): string {
  return headers.host?.toString().toLowerCase() ?? "";
}
