/** The verdict on a caller: the table of Origin and Fetch-Metadata (design §6), one row after the other. */
import type { Frontend } from "../policy.ts";
import type { Caller, FetchMetadata } from "./caller.ts";
import { problem } from "../problem.ts";

export type CallerKind = "page" | "same-origin" | "server" | "app";

const SCRIPTED_MODES: ReadonlySet<string> = new Set(["cors", "same-origin"]);

/** @returns what kind of caller it is. @throws Problem origin-not-allowed, fetch-metadata-refused */
export function admitCaller(frontend: Frontend, caller: Caller): CallerKind {
  const { origin, fetchMetadata } = caller;
  if (origin !== undefined && !frontend.origins.has(origin)) throw foreignOrigin(frontend);
  checkScripted(fetchMetadata);
  if (origin !== undefined) return "page";
  if (fetchMetadata.site === "same-origin") return "same-origin";
  if (fetchMetadata.site !== undefined) throw notAScript("an image, a form or a navigation sent it");
  if (caller.server !== undefined && frontend.servers.has(caller.server)) return "server";
  if (frontend.apps) return "app";
  throw withoutOrigin(frontend, caller);
}

function withoutOrigin(frontend: Frontend, caller: Caller): Error {
  const wrongToken = "The bearer token is none of the servers' that this frontend lists.";
  const nothing = `There is no Origin field, and the frontend ${frontend.name} accepts neither apps nor a server without its bearer token.`;
  return problem("origin-not-allowed", {
    detail: `${caller.hasAuthorization ? wrongToken : nothing} Send the page's Origin, set apps: true, or list a server.`,
  });
}

function foreignOrigin(frontend: Frontend): Error {
  return problem("origin-not-allowed", {
    detail: `The Origin is not listed for the frontend ${frontend.name}. Add it to origins, or to DEV_ORIGINS while developing.`,
  });
}

/** Scripts read with fetch(): mode cors or same-origin, destination empty. Everything else is a document's own loading. */
function checkScripted({ mode, dest }: FetchMetadata): void {
  if (mode !== undefined && !SCRIPTED_MODES.has(mode)) throw notAScript("its Sec-Fetch-Mode is neither cors nor same-origin");
  if (dest !== undefined && dest !== "empty") throw notAScript("its Sec-Fetch-Dest is not empty");
}

function notAScript(reason: string): Error {
  return problem("fetch-metadata-refused", {
    detail: `Only scripts may read this, with fetch(): ${reason}. To look at it yourself, send a listed Origin with curl.`,
  });
}
