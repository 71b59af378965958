/** A gateway after ten minutes of visitors, with everything an operator's page has to show, and that page in a browser. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Reloader } from "../../src/config/reload.ts";
import type { TestGateway } from "../support/gateway.ts";
import type { Listener } from "./operator.ts";
import { startReloader } from "../../src/config/reload.ts";
import { startSeries } from "../../src/operator/page/series.ts";
import { pageOf, startPartoo, store } from "../cache/partoo.ts";
import { startGateway } from "../support/gateway.ts";
import { ORIGIN, writeConfig } from "../support/proxy.ts";
import { listenerOf } from "./operator.ts";

const DAY_MS = 86_400_000;
const INTERVAL_MS = 5000;

const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

export const BFF = `version: 1
organizations:
  acme: { quota: 300/min, reserve: 20% }
keys:
  locator-read:
    organization: acme
    permissions: [review_read]
    expires: ${inDays(6)}
    sweep: true
    allow:
      GET /business/search:
        query: { city: { maxLength: 40 }, query: {}, page: { maximum: 20 }, per_page: { default: 50 } }
        fields: [id, code, name, city, phone]
        cache: 10m
      GET /business/{business_id}: { fields: [id, code, name, city, phone], cache: 10m }
  campaign-read:
    organization: acme
    permissions: [review_read]
    expires: ${inDays(200)}
    sweep: false
    allow:
      GET /business/search:
        query: { city: {}, page: {} }
        fields: [id, name, city]
        cache: 1h
`;

const FRONTENDS = {
  "store-locator": `key: locator-read\norigins: [${ORIGIN}]\nlimits: { requests: 100000/min, misses: 100000/min }\nstores: true\n`,
  "summer-campaign":
    "key: campaign-read\norigins: [https://summer.acme.example]\nshare: 20%\nlimits: { requests: 100000/min, misses: 3/min }\n",
};

const CITIES = ["Paris", "Lyon", "Lille", "Nantes", "Bordeaux", "Marseille", "Toulouse", "Nice", "Rennes", "Tours", "Metz", "Caen"];

export interface Scene {
  readonly gateway: TestGateway;
  readonly listener: Listener;
  readonly reloader: Reloader;
  /** Writes a fault into the configuration that the reload button reads. */
  readonly spoil: () => void;
}

/** Ends with the test. @param intervals of five seconds, by a clock of the chart's own */
export async function startScene(options: { readonly intervals?: number; readonly token?: string } = {}): Promise<Scene> {
  const { intervals = 3, token } = options;
  const partoo = await startPartoo(Array.from({ length: 150 }, (_none, nth) => store(nth + 1)));
  const gateway = await startGateway({
    upstream: partoo.url,
    frontends: FRONTENDS,
    bff: BFF,
    env: { PARTOO_KEY_CAMPAIGN_READ: "campaign-canary-18d7" },
  });
  onTestFinished(() => gateway.close());
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-scene-"));
  const config = writeConfig(directory, { bff: BFF, frontends: FRONTENDS });
  const { policy, logger } = gateway.instance;
  const reloader = startReloader({ directory: config, devOrigins: [], policy, apply: () => [], logger, lookMs: DAY_MS });
  let now = 0;
  const series = startSeries(gateway.instance, () => now);
  onTestFinished(() => {
    reloader.close();
    rmSync(directory, { recursive: true });
  });
  for (let interval = 0; interval < intervals; interval += 1) {
    await visit(gateway, interval);
    now += INTERVAL_MS;
    series.sample();
  }
  await beRefused(gateway);
  const listener = await listenerOf(gateway, { series, reloader, ...(token === undefined ? {} : { token }) });
  return {
    gateway,
    listener,
    reloader,
    spoil: () => writeFileSync(join(config, "bff.yaml"), BFF.replace("sweep: false", "swept: false").replace("maximum: 20", "maximum: 0")),
  };
}

/** Visitors of five seconds: more and less of them, most of them asking for what somebody has asked for. */
async function visit(gateway: TestGateway, interval: number): Promise<void> {
  const visitors = Math.round(7 + 4 * Math.sin(interval / 9) + 2 * Math.sin(interval / 2.3));
  const targets = Array.from({ length: visitors }, (_none, nth) => {
    const popular = Math.floor((((interval * 7 + nth * 13) % 31) / 31) ** 2 * 140) + 1;
    if (nth % 4 !== 0) return pageOf(popular);
    return `/store-locator/v2/business/search?city=${CITIES[(interval * nth) % CITIES.length]}`;
  });
  if (interval % 10 === 3) targets.push(`/store-locator/v2/business/search?query=street%20${interval}`);
  if (gateway.instance.directories().every(({ isLate }) => !isLate))
    targets.push("/store-locator/stores?near=48.86,2.35", "/store-locator/stores/all");
  await Promise.all(targets.map((target) => gateway.get(target)));
  const campaign = { headers: { origin: "https://summer.acme.example" } };
  await gateway.get(`/summer-campaign/v2/business/search?city=${CITIES[interval % 2]}`, campaign);
}

/** One request for each kind of refusal, each with something in it that nobody may see later. */
async function beRefused(gateway: TestGateway): Promise<void> {
  const campaign = { headers: { origin: "https://summer.acme.example" } };
  const requests: readonly (readonly [target: string, init?: RequestInit])[] = [
    ["/store-locator/v2/business/search?city=Secretville", { headers: { origin: "https://partner.example" } }],
    ["/store-locator/v2/reviews?business__in=secret-7"],
    ["/store-locator/v2/users/secret-user-7"],
    ["/store-locator/v2/business/search?city=Secretville&zip=secret-75001"],
    [`/store-locator/v2/business/search?city=${"secret".repeat(10)}`],
    ["/store-locator/v2/business/..%2Fsecret"],
    ["/secret-frontend/v2/business/search"],
    ["/summer-campaign/v2/business/search?city=secret-1", campaign],
    ["/summer-campaign/v2/business/search?city=secret-2", campaign],
    ["/summer-campaign/v2/business/search?city=secret-3", campaign],
  ];
  for (const [target, init] of requests) await gateway.get(target, init);
}

/** The page in a fresh profile, which ends with the test. */
export async function openPage(browser: Browser, { url }: Pick<Listener, "url">, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(url);
  return page;
}
