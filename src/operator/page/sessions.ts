/** Operators who signed in: kept in this process only, for an hour. What the browser holds is a random name, never the token. */
import { parse, serialize } from "hono/utils/cookie";
import { LRUCache } from "lru-cache";
import { createHash, randomBytes } from "node:crypto";
import type { RequestHead } from "../../request/request-line.ts";
import { Secret } from "../../secret.ts";

const COOKIE = "partoo-bff-operator";
export const SESSION_SECONDS = 3600;
const MAX_SESSIONS = 50;

export interface Session {
  /** What each of its forms has to send along. */
  readonly formWord: FormWord;
}

/** A word that only our own pages know. */
export interface FormWord {
  readonly value: string;
  /** In constant time. */
  readonly equals: (presented: string) => boolean;
}

export interface Sessions {
  /** @param secure whether the page came by https. @returns value of the Set-Cookie field */
  open(secure: boolean): string;
  find(head: RequestHead): Session | undefined;
  /** @returns value of the Set-Cookie field */
  close(head: RequestHead): string;
}

export function createFormWord(): FormWord {
  const value = randomBytes(24).toString("base64url");
  const secret = new Secret("form", value, "operator page");
  return { value, equals: (presented) => secret.equals(presented) };
}

/** @param clock tells milliseconds and never goes back */
export function createSessions(clock: { now(): number } = performance): Sessions {
  const sessions = new LRUCache<string, Session>({ max: MAX_SESSIONS, ttl: SESSION_SECONDS * 1000, ttlResolution: 0, perf: clock });
  return {
    open(secure) {
      const name = randomBytes(32).toString("base64url");
      sessions.set(digest(name), { formWord: createFormWord() });
      return cookie(name, SESSION_SECONDS, secure);
    },
    find: (head) => sessions.get(digest(nameIn(head))),
    close(head) {
      sessions.delete(digest(nameIn(head)));
      return cookie("", 0, false);
    },
  };
}

function cookie(value: string, maxAge: number, secure: boolean): string {
  return serialize(COOKIE, value, { path: "/", httpOnly: true, sameSite: "Strict", maxAge, secure });
}

function nameIn({ headers }: RequestHead): string {
  return parse(headers.cookie?.toString() ?? "", COOKIE)[COOKIE] ?? "";
}

/** So that the time of a look-up tells nothing about the names there are. */
function digest(name: string): string {
  return createHash("sha256").update(name).digest("base64url");
}
