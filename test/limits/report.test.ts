/** `limits: { mode: report }`: whoever exceeds a limit is counted and logged, and let pass. */
import { expect, onTestFinished, test } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { freshSearch } from "../support/fresh-search.ts";
import { ORIGIN } from "../support/proxy.ts";
import { startRecordingUpstream } from "../support/recording-upstream.ts";

const SEARCH = "/store-locator/v2/business/search?city=Paris";

async function gatewayWith(limits: string) {
  const upstream = await startRecordingUpstream();
  const frontends = { "store-locator": `key: locator-read\norigins: [${ORIGIN}]\nlimits: ${limits}\n` };
  const gateway = await startGateway({ upstream: upstream.url, frontends });
  onTestFinished(async () => {
    await gateway.close();
    await upstream.close();
  });
  const statuses = async (targets: readonly string[]): Promise<readonly number[]> => {
    const seen: number[] = [];
    for (const target of targets) seen.push((await gateway.get(target)).status);
    return seen;
  };
  return { gateway, statuses };
}

const exceeded = (log: readonly Readonly<Record<string, unknown>>[]): readonly unknown[] => log.flatMap((line) => line["exceeded"] ?? []);

test("a limit of requests that is only reported refuses nobody", async () => {
  const { gateway, statuses } = await gatewayWith("{ requests: 2/h, mode: report }");
  expect(await statuses([SEARCH, SEARCH, SEARCH, SEARCH])).toEqual([200, 200, 200, 200]);
  expect(gateway.counts().limited_requests).toBe(2);
  expect(exceeded(gateway.log)).toEqual(["requests", "requests"]);
});

test("a limit of misses that is only reported refuses nobody", async () => {
  const { gateway, statuses } = await gatewayWith("{ misses: 1/h, mode: report }");
  expect(await statuses([freshSearch(), freshSearch(), freshSearch()])).toEqual([200, 200, 200]);
  expect(gateway.counts().limited_misses).toBe(2);
  expect(exceeded(gateway.log)).toEqual(["misses", "misses"]);
});

test("enforced, the same requests are refused", async () => {
  const { gateway, statuses } = await gatewayWith("{ requests: 2/h }");
  expect(await statuses([SEARCH, SEARCH, SEARCH])).toEqual([200, 200, 429]);
  expect(exceeded(gateway.log)).toEqual([]);
});
