/** The example store locator in front of frontends that ask for sessions: the page is the same, and has no word about them in its configuration. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Locator } from "./locator.ts";
import { startLocator, visit } from "./locator.ts";

/** Of the proxy's site, and of another. */
const [SAME_SITE, CROSS_SITE] = ["www.acme.localhost", "localhost"] as const;
const FRONTENDS = {
  "on-miss-none": "session: on-miss\n",
  "on-miss-altcha": "session: on-miss\nproof: { altcha: { cost: 100 } }\n",
  "required-none": "session: required\n",
  "required-altcha": "session: required\nproof: { altcha: { cost: 100 } }\n",
};
const ASKED_FOR = /^Failed to load resource: the server responded with a status of 40[13] /;

let locator: Locator;
beforeAll(async () => {
  locator = await startLocator({ host: "bff.acme.localhost", pageHosts: [SAME_SITE], frontends: FRONTENDS });
}, 60_000);
afterAll(() => locator.stop());

test("the client is one file of less than 2 kB, as it is", () => {
  const text = readFileSync("examples/client/bff-client.js");
  expect(gzipSync(text, { level: 9 }).length).toBeLessThan(2000);
  expect(text.toString()).not.toMatch(/^import |import\(|localStorage|sessionStorage/m);
});

describe.each([
  [SAME_SITE, ["__Host-Http-bff-required-"]],
  [CROSS_SITE, []],
])("a page of %s", (host, cookies) => {
  test.each([
    ["store-locator", []],
    ["on-miss-none", []],
    ["on-miss-altcha", []],
    ["required-none", [200]],
    ["required-altcha", [403, 200]],
  ])("in front of %s: lists, finds and shows stores", async (frontend, minted) => {
    const answers: number[] = [];
    const workers: string[] = [];
    const place = { ...locator, origin: locator.origin.replace("localhost", host) };
    const { page, complaints } = await visit(place, {}, async (fresh) => {
      fresh.on("worker", (worker) => workers.push(worker.url()));
      fresh.on("response", (answer) => void (answer.url().endsWith("/session") && answers.push(answer.status())));
      const config = await (await fetch(`${locator.origin}/config.js`)).text();
      const body = config.replace('/store-locator"', `/${frontend}"`);
      await fresh.route("**/config.js", (route) => route.fulfill({ contentType: "text/javascript", body }));
    });
    await page.getByLabel("Town, postcode or store").fill("Lyon");
    await page.getByRole("status").filter({ hasText: "for “Lyon”" }).waitFor();
    await page.locator(".card").first().click();
    await page.getByRole("heading", { name: "Opening hours" }).waitFor();
    await page.locator(".dot, .cluster").first().waitFor();
    expect(answers).toEqual(minted);
    expect(workers).toEqual(minted.includes(403) ? [`${place.origin}/vendor/bff-client.js`] : []);
    const kept = (await page.context().cookies()).map(({ name }) => name);
    expect(kept).toEqual(minted.length === 0 ? [] : cookies.map((start) => start + frontend.replace("required-", "")));
    expect(complaints.filter((words) => !ASKED_FOR.test(words))).toEqual([]);
    expect(await page.getByRole("alert").textContent()).toBe("");
  });
});
