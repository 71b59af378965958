import { afterAll, beforeAll, expect, test } from "vitest";
import type { Proxy } from "../support/proxy.ts";
import type { RecordingUpstream } from "../support/recording-upstream.ts";
import { freePort } from "../support/redis.ts";
import { ORIGIN, startProxy } from "../support/proxy.ts";
import { startRecordingUpstream } from "../support/recording-upstream.ts";

let upstream: RecordingUpstream;
let proxy: Proxy;
let operator: string;

beforeAll(async () => {
  upstream = await startRecordingUpstream();
  const port = await freePort();
  operator = `http://127.0.0.1:${port}`;
  proxy = await startProxy({ upstream: upstream.url, env: { OPERATOR_PORT: String(port) } });
});
afterAll(async () => {
  await proxy.stop();
  await upstream.close();
});

test("exchanges are counted by frontend, route, status and code, and no word of a caller is a label", async () => {
  const get = (target: string, origin = ORIGIN): Promise<Response> => fetch(proxy.url + target, { headers: { origin } });
  for (let nth = 0; nth < 3; nth += 1) await get("/store-locator/v2/business/search?city=canary");
  await get("/store-locator/v2/canary");
  await get("/canary/v2");
  await get("/store-locator/v2/business/search", "https://canary.example");
  const answer = await fetch(`${operator}/metrics`);
  const text = await answer.text();
  expect(answer.headers.get("content-type")).toContain("text/plain");
  const lines = text.split("\n").filter((line) => line.startsWith("partoo_bff_exchanges_total"));
  expect(lines.toSorted()).toEqual([
    'partoo_bff_exchanges_total{frontend="",route="",status="404",code="frontend-unknown"} 1',
    'partoo_bff_exchanges_total{frontend="store-locator",route="",status="403",code="origin-not-allowed"} 1',
    'partoo_bff_exchanges_total{frontend="store-locator",route="",status="404",code="route-not-allowed"} 1',
    'partoo_bff_exchanges_total{frontend="store-locator",route="/business/search",status="200",code=""} 3',
  ]);
  expect(text).toContain("process_resident_memory_bytes");
  expect(text).not.toContain("canary");
});

test("metrics are not on the public port, and nothing else is on the operator's", async () => {
  expect((await fetch(`${proxy.url}/metrics`)).status).toBe(404);
  expect((await fetch(`${operator}/store-locator/v2/business/search`)).status).toBe(404);
});

test("a port that is taken is told, and visitors are served all the same", async () => {
  const second = await startProxy({ upstream: upstream.url, env: { OPERATOR_PORT: new URL(operator).port } });
  expect((await fetch(`${second.url}/readyz`)).status).toBe(200);
  await second.stop();
  expect(second.log().filter((line) => line.includes("set OPERATOR_PORT"))).toHaveLength(1);
});
