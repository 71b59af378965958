/** What is kept of refused requests: names of ours, bounded whatever comes. */
import { describe, expect, test } from "vitest";
import type { RefusalGroup } from "../src/refusals.ts";
import { createRefusalBook } from "../src/refusals.ts";
import { createExchangeTally } from "../src/exchange-tally.ts";
import { gatewayFor, startPartoo } from "./cache/partoo.ts";
import { problem } from "../src/problem.ts";
import { ORIGIN } from "./support/proxy.ts";

const SEARCH = "/store-locator/v2/business/search";

async function groupsAfter(requests: readonly (readonly [target: string, init?: RequestInit])[]): Promise<readonly RefusalGroup[]> {
  const gateway = await gatewayFor(await startPartoo(), {
    frontends: { "store-locator": `key: locator-read\norigins: [${ORIGIN}]\nlimits: { requests: 100000/min, misses: 1/min }\n` },
  });
  for (const [target, init] of requests) await gateway.get(target, init);
  return gateway.instance.exchanges.refusals.groups();
}

const from = (origin: string): RequestInit => ({ headers: { origin } });

describe("of one refused request", () => {
  test.each([
    [
      "a template for a path, known names for a query",
      `${SEARCH}?city=Rue-7&e-mail=x`,
      { template: "/business/search", names: ["city"], otherNames: true },
    ],
    ["the template of an endpoint that nothing allows", "/store-locator/v2/users/4711", { template: undefined }],
    [
      "the template of one that could be allowed",
      "/store-locator/v2/categories/gcid:bar",
      { template: "/categories/{category_id}", names: [] },
    ],
    ["no path that Partoo does not have", "/store-locator/my/own/path", { template: undefined, names: [], otherNames: false }],
    [
      "the directory by its own names",
      "/store-locator/stores?near=Rue-7&custom.Rue-7=1",
      { template: "/stores", names: ["near"], otherNames: true },
    ],
    ["a store of the directory by none of its", "/store-locator/stores/c-4711", { template: "/stores/{store}", names: [] }],
    ["no path below one", "/store-locator/stores/c-4711/gcid", { template: undefined }],
    ["what is wrong with a known parameter", `${SEARCH}?page=Rue-7`, { names: ["page"], detail: expect.stringMatching(/^page /) }],
  ])("%s", async (_name, target, example) => {
    const [group] = await groupsAfter([[target]]);
    expect(group?.examples).toEqual([expect.objectContaining({ method: "GET", origin: ORIGIN, ...example })]);
    expect(JSON.stringify(group)).not.toMatch(/Rue-7|4711|gcid|e-mail|my.own/);
  });

  test.each([
    ["https://partner.example", "https://partner.example"],
    ["http://localhost:5173", "http://localhost:5173"],
    ["null", "null"],
    ["https://partner.example/path", undefined],
    ["https://<script>", undefined],
    ["nonsense", undefined],
    [`https://${"a".repeat(100)}.example`, undefined],
  ])("the Origin %s is kept as %s", async (origin, kept) => {
    const [group] = await groupsAfter([[SEARCH, from(origin)]]);
    expect(group).toMatchObject({ code: "origin-not-allowed", stage: "caller", frontend: "store-locator" });
    expect(group?.examples[0]?.origin).toBe(kept);
  });

  test("words of Fetch-Metadata, and none that the standard does not have", async () => {
    const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "<b>", "sec-fetch-dest": "image" };
    const [group] = await groupsAfter([[SEARCH, { headers }]]);
    expect(group?.examples[0]).toMatchObject({ site: "cross-site", dest: "image", origin: undefined });
  });
});

test("limits are refusals of their own stages; what Partoo fails at is none, and neither is a store that does not exist", async () => {
  const groups = await groupsAfter([[SEARCH], [`${SEARCH}?city=Lyon`], ["/store-locator/v2/business/c-nowhere"]]);
  expect(groups.map(({ code, stage, count }) => [code, stage, count])).toEqual([["rate-limited", "spend", 2]]);
});

test("groups by frontend, code and stage; the last five different examples of each", async () => {
  const origins = [1, 2, 3, 4, 5, 6, 7, 7].map((nth) => `https://partner-${nth}.example`);
  const groups = await groupsAfter(origins.map((origin) => [SEARCH, from(origin)] as const));
  expect(groups.map(({ count }) => count)).toEqual([8]);
  expect(groups[0]?.examples.map(({ origin }) => origin)).toEqual([3, 4, 5, 6, 7].map((nth) => `https://partner-${nth}.example`));
});

test("a flood is counted in full, and described twenty times a second at most", () => {
  const time = 1_000_000;
  let described = 0;
  const refusals = createRefusalBook(() => time);
  const head = {
    method: "GET",
    httpVersion: "1.1",
    rawHeaders: [],
    headers: {},
    get target() {
      described += 1;
      return SEARCH;
    },
  };
  const fetchMetadata = { site: undefined, mode: undefined, dest: undefined };
  const caller = { addressKey: "", maskedAddress: "", origin: undefined, fetchMetadata, server: undefined, hasAuthorization: false };
  const fault = problem("origin-not-allowed");
  for (let nth = 0; nth < 10_000; nth += 1) {
    refusals.note({ method: "GET", head, caller, decision: { decision: "refused", stage: "caller", fault }, fault });
  }
  expect(refusals.groups()).toMatchObject([{ count: 10_000, lastAt: time }]);
  expect(described).toBe(20);
  expect(createExchangeTally().refusals.groups()).toEqual([]);
});
