/** The client's address behind the hops we trust (TRUSTED_PROXY), and the forms of it that limits and logs use. */
import ipaddr from "ipaddr.js";
import { isIP } from "node:net";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Which hops in front of us may tell us the client's address. */
export interface TrustedProxy {
  /** Behind Fly's proxy: Fly-Client-IP is the address that reached Fly. */
  readonly fly: boolean;
  /** Further proxies (a CDN, an ingress), by network. */
  readonly networks: readonly [Address, number][];
}

/** Header fields that may carry an address, by lower-case name. */
export interface ForwardingHeaders {
  readonly "fly-client-ip"?: string | string[] | undefined;
  readonly "x-forwarded-for"?: string | string[] | undefined;
}

/** Reads `none`, `fly`, `CIDR[,CIDR…]` or `fly,CIDR[,CIDR…]`. @throws TypeError naming the part that is wrong */
export function parseTrustedProxy(text: string): TrustedProxy {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.length === 1 && (parts[0] === "none" || parts[0] === "")) return { fly: false, networks: [] };
  const networks = parts.filter((part) => part !== "fly").map(parseNetwork);
  return { fly: parts.includes("fly"), networks };
}

function parseNetwork(text: string): [Address, number] {
  const [, address = "", length] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  const longest = family === 4 ? 32 : 128;
  const bits = length === undefined ? longest : Number(length);
  if (family === 0 || bits > longest) {
    throw new TypeError(`"${text}" is neither none, fly, an address nor a network such as 10.0.0.0/8`);
  }
  return [ipaddr.parse(address), bits];
}

/**
 * The client's address. A field is believed only when the hop before it is trusted; X-Forwarded-For is read from the right.
 * @param peer address of the TCP connection
 */
export function clientAddress(peer: string | undefined, headers: ForwardingHeaders, trusted: TrustedProxy): Address {
  const connected = parseAddress(peer ?? "") ?? ipaddr.parse("0.0.0.0");
  if (trusted.fly) return addressBehindFly(connected, headers, trusted);
  return isTrusted(connected, trusted) ? lastUntrusted(connected, forwardedFor(headers), trusted) : connected;
}

/** On Fly the rightmost X-Forwarded-For entry is the app's own address, so it is dropped. */
function addressBehindFly(connected: Address, headers: ForwardingHeaders, trusted: TrustedProxy): Address {
  const reported = parseAddress(single(headers["fly-client-ip"]));
  if (reported === undefined) return connected;
  return isTrusted(reported, trusted) ? lastUntrusted(reported, forwardedFor(headers).slice(0, -1), trusted) : reported;
}

function lastUntrusted(nearest: Address, entries: readonly string[], trusted: TrustedProxy): Address {
  let address = nearest;
  for (const entry of entries.toReversed()) {
    const next = parseAddress(entry);
    if (next === undefined) return address;
    address = next;
    if (!isTrusted(address, trusted)) return address;
  }
  return address;
}

function forwardedFor(headers: ForwardingHeaders): readonly string[] {
  const field = single(headers["x-forwarded-for"]);
  return field === "" ? [] : field.split(",").map((entry) => entry.trim());
}

function single(field: string | string[] | undefined): string {
  return Array.isArray(field) ? field.join(",") : (field ?? "");
}

/** Strict: only the usual spellings, no zone; IPv4-mapped IPv6 becomes IPv4. */
function parseAddress(text: string): Address | undefined {
  if (isIP(text) === 0 || text.includes("%")) return undefined;
  return ipaddr.process(text);
}

function isTrusted(address: Address, { networks }: TrustedProxy): boolean {
  return networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
}

/** What limits count by: an IPv4 address, or the /64 of an IPv6 address. */
export function limitKey(address: Address): string {
  return address.kind() === "ipv4" ? address.toString() : prefix(address, 4);
}

/** What logs show: the /24 of an IPv4 address, the /48 of an IPv6 address. */
export function maskedAddress(address: Address): string {
  if (address.kind() === "ipv6") return `${prefix(address, 3)}/48`;
  return `${(address as ipaddr.IPv4).octets.slice(0, 3).join(".")}.0/24`;
}

function prefix(address: Address, groups: number): string {
  const parts = (address as ipaddr.IPv6).parts.slice(0, groups);
  return `${parts.map((part) => part.toString(16)).join(":")}::`;
}
