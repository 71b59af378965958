/** Stage c: who sent a request, as plain facts. What follows from them is decided in gate.ts. */
import type { RequestHead } from "../request/request-line.ts";
import type { SessionReading } from "../session/read-session.ts";
import type { Secret } from "../secret.ts";
import type { TrustedProxy } from "./address.ts";
import { LRUCache } from "lru-cache";
import { clientAddress, limitKey, maskedAddress } from "./address.ts";

/** Addresses remembered as read; what is longer than any two of them is read each time, so that nobody fills the memory. */
const MAX_ADDRESSES = 10_000;
const MAX_ADDRESS_LENGTH = 128;
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
  /** What it carries as a session; read only where every request needs one. */
  readonly session?: SessionReading;
}

export interface CallerContext {
  readonly trustedProxy: TrustedProxy;
  /** Bearer secrets of servers by name (BFF_SERVER_<NAME>). */
  readonly servers: ReadonlyMap<string, Secret>;
}

/** @param peer address of the TCP connection */
export function readCaller(head: RequestHead, peer: string | undefined, context: CallerContext): Caller {
  const { addressKey, maskedAddress: masked } = readAddress(head, peer, context.trustedProxy);
  return {
    addressKey,
    maskedAddress: masked,
    origin: field(head, "origin"),
    fetchMetadata: { site: field(head, "sec-fetch-site"), mode: field(head, "sec-fetch-mode"), dest: field(head, "sec-fetch-dest") },
    server: readServer(field(head, "authorization"), context.servers),
    hasAuthorization: head.headers["authorization"] !== undefined,
  };
}

type CallerAddress = Pick<Caller, "addressKey" | "maskedAddress">;

/** Who trusts another proxy reads otherwise. */
const addresses = new WeakMap<TrustedProxy, LRUCache<string, CallerAddress>>();

function readAddress(head: RequestHead, peer: string | undefined, trusted: TrustedProxy): CallerAddress {
  // No field holds a line feed, so nobody can spell another caller's.
  const source = `${peer}\n${field(head, "fly-client-ip")}\n${field(head, "x-forwarded-for")}`;
  let known = addresses.get(trusted);
  if (known === undefined) addresses.set(trusted, (known = new LRUCache({ max: MAX_ADDRESSES })));
  const remembered = known.get(source);
  if (remembered !== undefined) return remembered;
  const address = clientAddress(peer, head.headers, trusted);
  const read = { addressKey: limitKey(address), maskedAddress: maskedAddress(address) };
  if (source.length <= MAX_ADDRESS_LENGTH) known.set(source, read);
  return read;
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
