/** The example store locator as `npm run demo` shows it: the local Partoo, the proxy over the shipped configuration, the page, and a real browser. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { readFileSync } from "node:fs";
import { onTestFinished } from "vitest";
import type { RunningSandbox } from "../../src/sandbox/sandbox.ts";
import { startPage } from "../../examples/demo/page.ts";
import { startSandbox } from "../../src/sandbox/sandbox.ts";
import { launchBrowser } from "../support/browser.ts";
import { startServerProcess, until } from "../support/cli.ts";
import { freePort } from "../support/redis.ts";

/** A key of the sandbox that may do what the shipped configuration asks for. */
const KEY = "sandbox-locator-read";

export interface Locator {
  readonly sandbox: RunningSandbox;
  readonly proxy: string;
  readonly origin: string;
  readonly browser: Browser;
  stop(): Promise<void>;
}

export interface Visit {
  readonly page: Page;
  /** Errors on the console and in the page, and requests to anybody but page and proxy. */
  readonly complaints: readonly string[];
}

export interface LocatorOptions {
  /** Of the proxy, as pages name it. Default 127.0.0.1. */
  readonly host?: string;
  /** Hosts under which there is the page besides localhost. */
  readonly pageHosts?: readonly string[];
  /** Lines of further frontends, each with the shipped ones, by name. */
  readonly frontends?: Readonly<Record<string, string>>;
}

export async function startLocator({ host = "127.0.0.1", pageHosts = [], frontends = {} }: LocatorOptions = {}): Promise<Locator> {
  const sandbox = await startSandbox();
  const port = await freePort();
  const proxy = `http://${host}:${port}`;
  const site = await startPage(proxy, 0);
  const shipped = readFileSync("config/frontends/store-locator.yaml", "utf8");
  const origins = [site.origin, ...pageHosts.map((name) => site.origin.replace("localhost", name))];
  const server = await startServerProcess({
    upstream: sandbox.url,
    bff: readFileSync("config/bff.yaml", "utf8"),
    frontends: {
      "store-locator": shipped,
      ...Object.fromEntries(Object.entries(frontends).map(([name, lines]) => [name, shipped + lines])),
    },
    env: { PORT: String(port), DEV_ORIGINS: origins.join(","), PARTOO_KEY_LOCATOR_READ: KEY },
  });
  await until(async () => (await fetch(`${server.url}/store-locator/stores/all`, { headers: { origin: site.origin } })).ok);
  const browser = await launchBrowser();
  return {
    sandbox,
    proxy,
    origin: site.origin,
    browser,
    async stop() {
      await browser.close();
      await server.stop();
      site.close();
      await sandbox.close();
    },
  };
}

/** A visitor with a profile of their own. @param before done to the page before it loads */
export async function visit(
  locator: Locator,
  options: BrowserContextOptions = {},
  before?: (page: Page) => Promise<unknown>,
): Promise<Visit> {
  const context = await locator.browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => void (["error", "warning"].includes(message.type()) && complaints.push(message.text())));
  page.on("pageerror", ({ message }) => void complaints.push(message));
  page.on("request", (request) => {
    const { origin } = new URL(request.url());
    if (origin !== locator.origin && origin !== locator.proxy) complaints.push(`asked ${request.url()}`);
  });
  await before?.(page);
  await page.goto(locator.origin);
  await page.locator(".card").first().waitFor();
  return { page, complaints };
}
