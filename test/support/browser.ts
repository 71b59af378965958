/** A real Chromium, and pages on sites of their own: every name under localhost is this machine. */
import type { AddressInfo } from "node:net";
import type { Browser, Frame, Page } from "playwright-core";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { programPath } from "./install.ts";

/** Nothing of its own accord: no updates, no profile to sync, no first-run pages. */
const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: programPath("chromium"), headless: true, chromiumSandbox: false, args: FLAGS });
}

export interface Site {
  readonly port: number;
  /** The origin of a page under this host name, e.g. `www.acme.localhost`. */
  origin(host: string): string;
  close(): Promise<void>;
}

const SCRIPTS: Readonly<Record<string, string>> = {
  "/page-script.js": join(import.meta.dirname, "../browser/page-script.js"),
  "/bff-client.js": join(import.meta.dirname, "../../examples/client/bff-client.js"),
};
const HTML = '<!doctype html><title>A page</title><link rel="icon" href="data:,"><body><script src="/page-script.js"></script></body>';

/** A page under every host name and path, with the functions of page-script.js. @param policy Content-Security-Policy; default none */
export async function startSite(policy?: string): Promise<Site> {
  const server = createServer((request, response) => {
    const script = SCRIPTS[request.url ?? ""];
    if (policy !== undefined) response.setHeader("content-security-policy", policy);
    response.setHeader("content-type", script === undefined ? "text/html; charset=utf-8" : "text/javascript");
    response.end(script === undefined ? HTML : readFileSync(script));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: (host) => `http://${host}:${port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** What a page learns from one fetch(): the answer as its script may read it, or that it may not. */
export type Seen =
  | { readonly status: number; readonly type: string; readonly fields: Readonly<Record<string, string>>; readonly body: string }
  | { readonly error: string };

/** `fetch(url, init)` inside the page. */
export async function fetchIn(page: Page | Frame, url: string, init: Readonly<Record<string, unknown>> = {}): Promise<Seen> {
  return (await callIn(page, "read", url, init)) as Seen;
}

/** Calls a function of page-script.js inside the page. */
export function callIn(page: Page | Frame, name: string, ...args: readonly unknown[]): Promise<unknown> {
  return page.evaluate(
    ([called, given]) => {
      const run = (globalThis as unknown as Record<string, (...list: unknown[]) => unknown>)[called];
      if (run === undefined) throw new Error(`the page has no function ${called}`);
      return run(...given);
    },
    [name, [...args]] as const,
  );
}
