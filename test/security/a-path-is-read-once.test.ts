/** Advisory class A: two readings of one path or query (router, guard, forwarder). */
import { expect, test } from "vitest";
import { request, sendRaw } from "../support/raw-client.ts";
import { openScene } from "./scene.ts";

const scene = openScene();
const FORCED = "&per_page=50&status=open%2Copening_soon%2Ctemporarily_closed";
const ID = "5f3c8f1de1b2a30001a1b2c3";

async function heard(target: string, method = "GET"): Promise<readonly string[]> {
  await sendRaw(scene.proxy.port, request(target, { method }));
  return scene.upstream.requests.map((one) => one.target);
}

test.each([
  ["city=Paris;per_page=1", "city=Paris%3Bper_page%3D1"],
  ["city=Paris?status=closed", "city=Paris%3Fstatus%3Dclosed"],
  ["city=Paris=closed", "city=Paris%3Dclosed"],
  ["city=Paris%26status=closed", "city=Paris%26status%3Dclosed"],
  ["city=Paris%23&", "city=Paris%23"],
  ["city=Paris/../../api_keys", "city=Paris%2F..%2F..%2Fapi_keys"],
  ["city=..%2F..%2Fapi_keys", "city=..%2F..%2Fapi_keys"],
  ["city=..%5Capi_keys", "city=..%5Capi_keys"],
  ["city=a+b", "city=a%20b"],
  ["city=a%2Bb", "city=a%2Bb"],
  ["city=%2525", "city=%2525"],
  ["city=%2500", "city=%2500"],
  ["city=%252F", "city=%252F"],
  ["city=%25250", "city=%25250"],
  ["city=Orl%C3%A9ans", "city=Orl%C3%A9ans"],
  ["city=%F0%9F%8F%AA", "city=%F0%9F%8F%AA"],
  ["city=%EF%BC%8F%E2%80%8B", "city=%EF%BC%8F%E2%80%8B"],
  ["city={x}|^`[]'()", "city=%7Bx%7D%7C%5E%60%5B%5D'()"],
  ["city=__proto__", "city=__proto__"],
  ["city=%5B%22a%22%5D", "city=%5B%22a%22%5D"],
])("what %s means is one value", async (query, canonical) => {
  expect(await heard(`/store-locator/v2/business/search?${query}`)).toEqual([`/v2/business/search?${canonical}${FORCED}`]);
});

test.each([
  [`/store-locator/v2/business/${ID}`, `/v2/business/${ID}`],
  [`/store-locator/v2/business/%35f3c8f1de1b2a30001a1b2c3`, `/v2/business/${ID}`],
  [`/store-locator/v2/business/${ID}?`, `/v2/business/${ID}`],
  [`/store-locator/v2/business/${ID}?&&`, `/v2/business/${ID}`],
  ["/store-locator/v2/business/c-FR%20PAR%2E1", "/v2/business/c-FR%20PAR.1"],
  ["/store-locator/v2/business/c-%2E%2E", "/v2/business/c-.."],
  ["/store-locator/v2/business/%63%2D%7E", "/v2/business/c-~"],
])("%s is rebuilt from its template", async (target, rebuilt) => {
  expect(await heard(target)).toEqual([rebuilt]);
  expect(await heard(target, "HEAD")).toEqual([rebuilt, rebuilt]);
});
