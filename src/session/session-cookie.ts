/**
 * The cookie of a session. Its name's prefix makes browsers refuse it from scripts, from other hosts, for less than the whole host, and
 * without TLS; browsers that don't know `__Host-Http-` treat it as `__Host-` (RFC 6265bis §4.1.3).
 */

const NAME_PREFIX = "__Host-Http-bff-";
/** Other cookies of the host may stand beside ours. */
const MAX_FIELD_LENGTH = 8192;

/** What a Cookie field says of one frontend's session. */
export type CookieToken = { readonly token: string } | { readonly fault: "too-long" | "repeated" } | undefined;

/** One for each frontend, so that two of them in one browser don't disturb each other. */
export function sessionCookieName(frontend: string): string {
  return NAME_PREFIX + frontend;
}

/** Value of Set-Cookie. The answer it stands in must be `Cache-Control: no-store`. @param maxAgeSeconds until the token expires */
export function writeSessionCookie(frontend: string, token: string, maxAgeSeconds: number): string {
  return `${sessionCookieName(frontend)}=${token}; Max-Age=${maxAgeSeconds}; Path=/; Secure; HttpOnly; SameSite=Strict`;
}

/**
 * Looks for one name, exactly as written; what else the field holds is no matter of ours.
 * @param field of the request, several joined by "; " (RFC 9113 §8.2.3)
 * @returns undefined when the frontend has no cookie in it. Which of two is genuine can't be told, so two are none
 */
export function readSessionCookie(field: string | undefined, frontend: string): CookieToken {
  if (field === undefined) return undefined;
  if (field.length > MAX_FIELD_LENGTH) return { fault: "too-long" };
  const start = `${sessionCookieName(frontend)}=`;
  let token: string | undefined;
  for (let at = field.indexOf(start); at !== -1; at = field.indexOf(start, at + start.length)) {
    if (!beginsPair(field, at)) continue;
    if (token !== undefined) return { fault: "repeated" };
    token = valueAt(field, at + start.length);
  }
  return token === undefined ? undefined : { token };
}

function beginsPair(field: string, at: number): boolean {
  const before = withoutSpace(field, at);
  return before === 0 || field[before - 1] === ";";
}

function valueAt(field: string, start: number): string {
  const end = field.indexOf(";", start);
  return field.slice(start, withoutSpace(field, end === -1 ? field.length : end));
}

/** By hand: an expression for the space before an end looks at each run of spaces as often as it has characters. */
function withoutSpace(text: string, end: number): number {
  let last = end;
  while (text[last - 1] === " " || text[last - 1] === "\t") last -= 1;
  return last;
}
