/** Where an issuer's keys are. */
import { isLoopback } from "../environment.ts";

export function isJwksUrl(text: string): boolean {
  try {
    return readJwksUrl(text).href !== "";
  } catch {
    return false;
  }
}

/** https anywhere, http on this machine's own loopback address only: what comes from there decides who gets in. @throws TypeError */
export function readJwksUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname));
  if (url === undefined || !isSafe || url.username !== "" || url.password !== "") throw new TypeError("a key set has an https address");
  return url;
}
