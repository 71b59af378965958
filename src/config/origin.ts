/** Tells whether a text is an origin exactly as browsers and apps send it (RFC 6454 §6.2), and if not, why. */

/** What is wrong with an origin, and the origin that was probably meant. */
export interface OriginFault {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** An app's own scheme, with a host as web views send it: capacitor://localhost. */
const CUSTOM = /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9._-]+(:[0-9]{1,5})?$/;
/** Pages of these schemes send `null`, or are no pages. */
const NOT_PAGES: ReadonlySet<string> = new Set(["file", "data", "blob", "about", "javascript", "ws", "wss", "ftp", "mailto"]);

/** @returns undefined for an origin that may be listed in a configuration: https, or an app's custom scheme */
export function originFault(text: string): OriginFault | undefined {
  if (text === "null") {
    return {
      code: "origin-null",
      message: "null is sent by any sandboxed page, so it is nobody",
      hint: "list the page's own origin; for an app without origin set apps: true",
    };
  }
  if (text.includes("*")) return { code: "origin-wildcard", message: "there are no wildcards", hint: "list each origin" };
  if (text.includes(","))
    return { code: "origin-invalid", message: "this is more than one origin", hint: "write an item of the list for each" };
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return { code: "origin-invalid", message: "an origin begins with its scheme", hint: guess(`https://${text}`) };
  if (NOT_PAGES.has(scheme)) return { code: "origin-invalid", message: `no page has an origin of the scheme ${scheme}` };
  if (scheme === "http") {
    const message = "http is for development only, and not written here";
    return { code: "origin-http", message, hint: "use https; on your own machine set the variable DEV_ORIGINS" };
  }
  if (scheme === "https" && isOrigin(text)) return undefined;
  return partFault(text) ?? (scheme !== "https" && CUSTOM.test(text) ? undefined : invalid(text));
}

/** The part that has no place in an origin. */
function partFault(text: string): OriginFault | undefined {
  const rest = text.slice(text.indexOf("://") + 3);
  const authority = rest.split(/[/?#\\]/, 1)[0] ?? "";
  const bare = text.slice(0, text.length - rest.length + authority.length);
  if (authority.includes("@")) return { code: "origin-credentials", message: "an origin has no user name or password", hint: guess(text) };
  if (rest === `${authority}/`) return { code: "origin-slash", message: "an origin has no slash at its end", hint: guess(bare) };
  if (rest !== authority) return { code: "origin-path", message: "an origin has no path, query or fragment", hint: guess(bare) };
  if (/[A-Z]/.test(text)) return { code: "origin-case", message: "browsers send origins in lower case", hint: inLowerCase(text) };
  if (text.startsWith("https://") && authority.endsWith(":443")) {
    return { code: "origin-port", message: "browsers leave the default port out", hint: guess(bare.slice(0, -":443".length)) };
  }
  return undefined;
}

function invalid(text: string): OriginFault {
  return { code: "origin-invalid", message: "this is not an origin", hint: guess(text) };
}

function inLowerCase(text: string): string {
  const lower = text.toLowerCase();
  return CUSTOM.test(lower) ? `write ${lower}` : guess(lower);
}

function guess(text: string): string {
  const origin = URL.canParse(text) ? new URL(text).origin : "null";
  return `write ${origin !== "null" ? origin : "scheme, host and port, as in https://stores.acme.example"}`;
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}
