/** Many addresses and as many sessions as one likes buy no more calls than a frontend's share, and cost nobody else an answer. */
import { expect, onTestFinished, test, vi } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import { startGateway } from "../support/gateway.ts";
import { BFF_YAML, FRONTEND_YAML, ORIGIN } from "../support/proxy.ts";
import { startRecordingUpstream } from "../support/recording-upstream.ts";
import { EMPTY_PAGE, from, mint } from "./served.ts";

const MINUTE_MS = 60_000;
/** 100 calls a minute, of which a fifth is the scraped frontend's. */
const QUOTA = "quota: 100/min";
const SHARE = 20;

const SCRAPERS = Array.from({ length: 50 }, (_, nth) => `203.0.113.${nth}`);
/** Bursts begin so far apart, on the clock of the process: six of them fill two minutes. */
const BURSTS = 6;
const APART_MS = 21_000;

/** Both listen to one clock that is set forward; timers run in real time. */
function settableClock(): { ahead: number } {
  const clock = { ahead: 0 };
  const now = performance.now.bind(performance);
  const spy = vi.spyOn(performance, "now").mockImplementation(() => now() + clock.ahead);
  onTestFinished(() => spy.mockRestore());
  return clock;
}

interface Call {
  readonly city: string;
  readonly atMs: number;
}

async function scene() {
  const clock = settableClock();
  const calls: Call[] = [];
  const upstream = await startRecordingUpstream(({ target }) => {
    calls.push({ city: new URLSearchParams(target.split("?")[1]).get("city") ?? "", atMs: performance.now() });
    return EMPTY_PAGE;
  });
  onTestFinished(() => upstream.close());
  const start = async (): Promise<TestGateway> => {
    const gateway = await startGateway({
      upstream: upstream.url,
      bff: BFF_YAML.replace("quota: 100000/min", QUOTA).replace("instances: 1", "instances: 2"),
      frontends: { scraped: `${FRONTEND_YAML}session: on-miss\nshare: 20%\n`, other: FRONTEND_YAML },
      env: { SESSION_SECRETS: `k1:${Buffer.alloc(32, "k").toString("base64url")}` },
    });
    onTestFinished(() => gateway.close());
    return gateway;
  };
  return { clock, calls, gateways: [await start(), await start()] };
}

const target = (frontend: string, city: string): string => `/${frontend}/v2/business/search?city=${city}`;

async function statusOf(gateway: TestGateway, path: string, fields: Readonly<Record<string, string>>): Promise<number> {
  const answer = await gateway.get(path, { headers: { origin: ORIGIN, ...fields } });
  await answer.arrayBuffer();
  return answer.status;
}

/** The most calls that any minute holds, wherever it begins. */
function worstMinute(calls: readonly Call[]): number {
  return Math.max(...calls.map(({ atMs }) => calls.filter((other) => other.atMs >= atMs && other.atMs < atMs + MINUTE_MS).length));
}

test("fifty addresses with a session for each request, while others read stored answers and visit another frontend", async () => {
  const { clock, calls, gateways } = await scene();
  const STORED = ["Paris", "Lyon", "Lille"];
  for (const [nth, gateway] of gateways.entries()) {
    const { cookie } = await mint(gateway.url, { frontend: "scraped" });
    for (const city of STORED) expect(await statusOf(gateway, target("scraped", city), { cookie, ...from(`192.0.2.${nth}`) })).toBe(200);
  }
  const scraped = new Map<number, number>();
  const gateway = (nth: number): TestGateway => gateways[nth % gateways.length]!;
  const others: number[] = [];
  for (let burst = 0; burst < BURSTS; burst += 1) {
    const scrape = SCRAPERS.map(async (address, nth) => {
      for (let page = 0; page < 3; page += 1) {
        const { cookie } = await mint(gateway(nth).url, { frontend: "scraped", fields: from(address) });
        expect(cookie).not.toBe("");
        const status = await statusOf(gateway(nth), target("scraped", `Scraped-${burst}-${nth}-${page}`), { cookie, ...from(address) });
        scraped.set(status, (scraped.get(status) ?? 0) + 1);
      }
    });
    const visits = Array.from({ length: 60 }, async (_, nth) => {
      const city = nth % 6 === 0 ? target("other", `Visited-${burst}-${nth}`) : target("scraped", STORED[nth % STORED.length]!);
      others.push(await statusOf(gateway(nth), city, from(`198.51.100.${nth}`)));
    });
    await Promise.all([...scrape, ...visits]);
    clock.ahead += APART_MS;
  }
  // What the scraper got was refused politely, and its share of two minutes was all it had.
  expect(new Set(scraped.keys())).toEqual(new Set([200, 503]));
  const ofScraper = calls.filter(({ city }) => city.startsWith("Scraped-"));
  expect(ofScraper.length).toBe(scraped.get(200));
  expect(worstMinute(calls.filter(({ city }) => !city.startsWith("Visited-")))).toBeLessThanOrEqual(SHARE);
  expect(ofScraper.length).toBeGreaterThan(SHARE);
  expect(worstMinute(calls)).toBeLessThanOrEqual(100);
  // Nobody else noticed.
  expect(others.length).toBe(BURSTS * 60);
  expect(new Set(others)).toEqual(new Set([200]));
  expect(calls.filter(({ city }) => city.startsWith("Visited-"))).toHaveLength(BURSTS * 10);
});
