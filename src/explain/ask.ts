/** A request as an operator writes it down, for the commands that ask what the proxy would decide. */
import type { Caller, CallerContext } from "../caller/caller.ts";
import type { Decision } from "../decide.ts";
import type { Policy } from "../policy.ts";
import type { RequestHead } from "../request/request-line.ts";
import type { SessionReading } from "../session/read-session.ts";
import { readCaller } from "../caller/caller.ts";
import { decide } from "../decide.ts";

export interface Ask {
  readonly method: string;
  /** As sent, the frontend's name first: `/store-locator/v2/business/search?city=Paris`. */
  readonly target: string;
  readonly origin?: string;
  /** Name of the server whose bearer token the request carries. */
  readonly server?: string;
  /** Whether it carries a session that is good here. Default: none. */
  readonly session?: boolean;
  /** Further header fields, in order. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
}

const ASK = /^(?<method>[A-Z]+) (?<target>\S.*)$/;
/** An address for documentation (RFC 5737): nothing is decided by it. */
const ADDRESS = "192.0.2.1";
/** Nothing is decided by its id. */
const GOOD_SESSION: SessionReading = { session: { id: "explained", expiresAt: Infinity } };
/** Whose word counts: one object, because what is read of callers is remembered by it. */
const NOBODY: CallerContext = { trustedProxy: { fly: false, networks: [] }, servers: new Map() };

/** `GET /v2/business/search` → its two parts; undefined when it has another form. */
export function readAsk(text: string): Pick<Ask, "method" | "target"> | undefined {
  const { method, target } = ASK.exec(text)?.groups ?? {};
  return method === undefined || target === undefined ? undefined : { method, target };
}

/** The decision that the server would make: the same function on the same facts. */
export function decideAsk(policy: Policy, ask: Ask): Decision {
  const head = headOf(ask);
  return decide(policy, head, callerOf(ask, head));
}

function headOf({ method, target, origin, headers = [] }: Ask): RequestHead {
  const sent = [...headers];
  const has = (name: string): boolean => sent.some(([other]) => other.toLowerCase() === name);
  if (!has("host")) sent.unshift(["host", "proxy.example"]);
  if (origin !== undefined) sent.push(["origin", origin]);
  const byName: Record<string, string> = {};
  for (const [name, value] of sent) {
    const lower = name.toLowerCase();
    byName[lower] = byName[lower] === undefined ? value : `${byName[lower]}, ${value}`;
  }
  return { method, target, httpVersion: "1.1", rawHeaders: sent.flat(), headers: byName };
}

function callerOf({ server, session }: Ask, head: RequestHead): Caller {
  const caller = { ...readCaller(head, ADDRESS, NOBODY), ...(session === true ? { session: GOOD_SESSION } : {}) };
  return server === undefined ? caller : { ...caller, server, hasAuthorization: true };
}
