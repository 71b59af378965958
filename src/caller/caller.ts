/** Stage c: who sent a request, as plain facts. What follows from them is decided in gate.ts. */
import type { RequestHead } from "../request/request-line.ts";
import type { Secret } from "../secret.ts";
import type { TrustedProxy } from "./address.ts";
import { clientAddress, limitKey, maskedAddress } from "./address.ts";

const BEARER = /^Bearer ([\x21-\x7e]{1,512})$/i;

/** Fetch-Metadata request header fields; undefined where the client sends none. */
export interface FetchMetadata {
  readonly site: string | undefined;
  readonly mode: string | undefined;
  readonly dest: string | undefined;
}

export interface Caller {
  /** What limits count by. */
  readonly addressKey: string;
  /** What the log shows. */
  readonly maskedAddress: string;
  readonly origin: string | undefined;
  readonly fetchMetadata: FetchMetadata;
  /** Name of the server whose bearer token the request carries. */
  readonly server: string | undefined;
  /** Whether it carries an Authorization field at all. */
  readonly hasAuthorization: boolean;
}

export interface CallerContext {
  readonly trustedProxy: TrustedProxy;
  /** Bearer secrets of servers by name (BFF_SERVER_<NAME>). */
  readonly servers: ReadonlyMap<string, Secret>;
}

/** @param peer address of the TCP connection */
export function readCaller(head: RequestHead, peer: string | undefined, context: CallerContext): Caller {
  const address = clientAddress(peer, head.headers, context.trustedProxy);
  return {
    addressKey: limitKey(address),
    maskedAddress: maskedAddress(address),
    origin: field(head, "origin"),
    fetchMetadata: { site: field(head, "sec-fetch-site"), mode: field(head, "sec-fetch-mode"), dest: field(head, "sec-fetch-dest") },
    server: readServer(field(head, "authorization"), context.servers),
    hasAuthorization: head.headers["authorization"] !== undefined,
  };
}

function field(head: RequestHead, name: string): string | undefined {
  const value = head.headers[name];
  return Array.isArray(value) ? value.join(", ") : value;
}

function readServer(authorization: string | undefined, servers: ReadonlyMap<string, Secret>): string | undefined {
  const token = authorization === undefined ? undefined : BEARER.exec(authorization)?.[1];
  if (token === undefined) return undefined;
  for (const [name, secret] of servers) if (secret.equals(token)) return name;
  return undefined;
}
