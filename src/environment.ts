/** The environment: where things are, and secrets. Every fault is collected, so that an operator mends them in one go. */
import type { TrustedProxy } from "./caller/address.ts";
import type { RedisAddress } from "./redis-url.ts";
import { parseTrustedProxy } from "./caller/address.ts";
import { parseRedisUrl } from "./redis-url.ts";
import type { SessionSecrets } from "./session/session-secrets.ts";
import { parseSessionSecrets } from "./session/session-secrets.ts";
import { Secret } from "./secret.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

/** Where Partoo is: a key may be sent to `origin` only; a route's path is appended to `prefix`. */
export interface UpstreamBase {
  /** Scheme, host and port: `https://api.partoo.co`. */
  readonly origin: string;
  /** Path before every route's path, without a slash at its end: `/v2`. */
  readonly prefix: string;
}

/** Where the operator's listener is, and what it asks for. */
export interface OperatorAddress {
  readonly host: string;
  readonly port: number;
  /** undefined: none is asked for, on a loopback address only. */
  readonly token: Secret | undefined;
}

export interface Environment {
  readonly host: string;
  readonly port: number;
  readonly operator: OperatorAddress;
  readonly upstream: UpstreamBase;
  /** undefined: everything stays in this process. */
  readonly redis: RedisAddress | undefined;
  readonly trustedProxy: TrustedProxy;
  readonly sessionSecrets: SessionSecrets;
  readonly devOrigins: readonly string[];
  readonly logLevel: string;
  /** undefined: standard output. */
  readonly logFile: string | undefined;
  readonly production: boolean;
}

const PARTOO_BASES: Readonly<Record<string, string>> = {
  production: "https://api.partoo.co/v2",
  sandbox: "https://api.sandbox.partoo.co/v2",
};
/** A token that can be guessed is none. */
const MIN_TOKEN_LENGTH = 16;
const LOG_LEVELS: readonly string[] = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];
const LOOPBACK_HOST = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

/** @returns the environment, with the default where a variable is at fault, and one line for each fault, without secrets */
export function readEnvironment(env: Variables): { readonly environment: Environment; readonly faults: readonly string[] } {
  const faults: string[] = [];
  const read = <T>(name: string, fallback: string, parse: (text: string) => T): T => {
    try {
      return parse(env[name]?.trim() || fallback);
    } catch (fault) {
      faults.push(`${name}: ${(fault as Error).message}`);
      return parse(fallback);
    }
  };
  const production = env["NODE_ENV"] === "production";
  const environment: Environment = {
    host: read("HOST", "0.0.0.0", String),
    port: read("PORT", "8080", parsePort),
    operator: {
      host: read("OPERATOR_HOST", "127.0.0.1", String),
      port: read("OPERATOR_PORT", "9090", parsePort),
      token: read("OPERATOR_TOKEN", "", parseToken),
    },
    upstream: read("PARTOO_URL", "production", parseUpstreamBase),
    redis: read("REDIS_URL", "", parseRedis),
    sessionSecrets: read("SESSION_SECRETS", "", parseSessionSecrets),
    trustedProxy: read("TRUSTED_PROXY", "none", parseTrustedProxy),
    devOrigins: read("DEV_ORIGINS", "", (text) => parseDevOrigins(text, production)),
    logLevel: read("LOG_LEVEL", "info", parseLogLevel),
    logFile: env["LOG_FILE"]?.trim() || undefined,
    production,
  };
  if (!isLoopback(environment.operator.host) && !env["OPERATOR_TOKEN"]?.trim()) {
    faults.push("OPERATOR_TOKEN: is missing; without it OPERATOR_HOST must be a loopback address");
  }
  return { environment, faults };
}

/** Whether a name or address is this machine's own, as it stands in a variable or, with brackets, in a Host field. */
export function isLoopback(host: string): boolean {
  return host === "::1" || LOOPBACK_HOST.test(host);
}

function parseToken(text: string): Secret | undefined {
  if (text === "") return undefined;
  if (text.length < MIN_TOKEN_LENGTH) throw new TypeError(`has fewer than ${MIN_TOKEN_LENGTH} characters: take a long random value`);
  return new Secret("OPERATOR_TOKEN", text, "the operator's listener");
}

function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new TypeError("a port is a whole number from 0 to 65535");
  return Number(text);
}

/** `production`, `sandbox`, or a base URL: https anywhere, http on loopback only. @throws TypeError without the text */
export function parseUpstreamBase(text: string): UpstreamBase {
  const url = parseUrl(PARTOO_BASES[text] ?? text);
  if (url === undefined) throw new TypeError("production, sandbox, or a base URL such as https://api.partoo.co/v2");
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new TypeError("a base URL has no user, password, query or fragment");
  }
  const allowed = url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK_HOST.test(url.hostname));
  if (!allowed) throw new TypeError("the key travels over https only; http is for this machine's own loopback address");
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, "") };
}

function parseRedis(text: string): RedisAddress | undefined {
  return text === "" ? undefined : parseRedisUrl(text);
}

function parseDevOrigins(text: string, production: boolean): readonly string[] {
  if (text === "") return [];
  if (production) throw new TypeError("is for development and refused when NODE_ENV is production");
  const origins = text.split(",").map((part) => part.trim());
  const wrong = origins.find((origin) => parseUrl(origin)?.origin !== origin);
  if (wrong !== undefined) throw new TypeError("origins separated by commas, each without a path: http://localhost:5173");
  return origins;
}

function parseLogLevel(text: string): string {
  if (!LOG_LEVELS.includes(text)) throw new TypeError(`one of ${LOG_LEVELS.join(", ")}`);
  return text;
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** How a configured name is spelled in variables: upper case, every other character an underscore. */
export function variableName(prefix: string, name: string): string {
  return `${prefix}${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;
}
