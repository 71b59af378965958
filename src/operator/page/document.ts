/** What every page has around it, and the header fields it is sent with: nothing from elsewhere is loaded, framed or told. */
import { raw } from "hono/html";
import { createHash } from "node:crypto";
import type { Html } from "./markup.ts";
import { html } from "./markup.ts";
import { PAGE_SCRIPT } from "./page-script.ts";
import { STYLE } from "./style.ts";

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='%231f5fbf'/%3E%3C/svg%3E";

// Byte for byte what their hashes are made of.
const STYLE_ELEMENT = raw(`<style>${STYLE}</style>`);
const SCRIPT_ELEMENT = raw(`<script>${PAGE_SCRIPT}</script>`);

/** A form is sent with its Origin under this Referrer-Policy, which none would hide. */
const PAGE_FIELDS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": [
    "default-src 'none'",
    `script-src ${hashOf(PAGE_SCRIPT)}`,
    `style-src ${hashOf(STYLE)}`,
    "img-src data:",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

/** An answer that is a document. */
export function pageResponse(body: string, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(body, { status, headers: { ...headers, ...PAGE_FIELDS } });
}

/** To a path of ours, to be read with GET (RFC 9110 §15.4.4). @param cookie value of the Set-Cookie field */
export function redirect(location: string, cookie?: string): Response {
  return new Response(null, {
    status: 303,
    headers: { ...PAGE_FIELDS, location, ...(cookie === undefined ? {} : { "set-cookie": cookie }) },
  });
}

export interface PageDocument {
  readonly title: string;
  /** Under the title. */
  readonly words: Html | string;
  /** Beside the title. */
  readonly nav?: Html;
  readonly main: Html;
  /** Whether it keeps itself up to date. */
  readonly live?: boolean;
}

export async function renderDocument({ title, words, nav, main, live = false }: PageDocument): Promise<string> {
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · partoo-bff</title>
        <link rel="icon" href="${raw(ICON)}" />
        ${STYLE_ELEMENT} ${live ? raw('<noscript><meta http-equiv="refresh" content="30"></noscript>') : ""}
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header>
          <div>
            <h1>${title}</h1>
            <p class="hint">${words}</p>
          </div>
          <nav aria-label="Page">${nav ?? ""}</nav>
        </header>
        <main id="main">${main}</main>
        ${live ? SCRIPT_ELEMENT : ""}
      </body>
    </html>`;
  return page.toString();
}

/** @param id of the part that is kept up to date; what is typed in stays outside it */
export function section(id: string, size: string, heading: string, content: { readonly live: Html; readonly below?: Html }): Html {
  return html`<section class="${size}" aria-labelledby="${id}-name">
    <h2 id="${id}-name">${heading}</h2>
    <div id="${id}" data-live>${content.live}</div>
    ${content.below ?? ""}
  </section>`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
