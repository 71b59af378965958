/** The page of a server as it is started: an operator sees a refusal, allows it, reloads, and sees it allowed. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { startServerProcess, until } from "../support/cli.ts";
import { BFF_YAML, ORIGIN } from "../support/proxy.ts";
import { json, startRecordingUpstream } from "../support/recording-upstream.ts";
import { freePort } from "../support/redis.ts";
import { openPage } from "./scene.ts";

const WITHOUT_ROUTE = BFF_YAML.replace(/ {6}GET \/categories[^\n]*\n[^\n]*\n/, "");
/** Four lines further down, so that a line of the file before would be wrong. */
const WITH_ROUTE = `#\n#\n#\n#\n${BFF_YAML}`;

test("a refusal, its explanation, the change, and the same explanation after a reload", async () => {
  const upstream = await startRecordingUpstream(() => json({ id: 7, name: "Bakery" }));
  const port = await freePort();
  const server = await startServerProcess({ upstream: upstream.url, bff: WITHOUT_ROUTE, env: { OPERATOR_PORT: String(port) } });
  const browser = await launchBrowser();
  onTestFinished(async () => {
    await browser.close();
    await server.stop();
    await upstream.close();
  });
  await until(() => server.log().some(({ msg }) => msg === "operator listener"));
  expect((await fetch(`${server.url}/store-locator/v2/categories/7`, { headers: { origin: ORIGIN } })).status).toBe(404);

  const page = await openPage(browser, { url: `http://localhost:${port}` });
  await page.getByRole("link", { name: /^Explain route-not-allowed .*\/categories\/\{category_id\}/ }).click();
  expect(await page.locator(".verdict").innerText()).toBe("refused: route-not-allowed");
  expect(await page.locator("pre").innerText()).toBe(
    "keys:\n  locator-read:\n    allow:\n      GET /categories/{category_id}:\n        fields: [id, name]",
  );
  const explanation = page.url();

  writeFileSync(join(server.config, "bff.yaml"), WITH_ROUTE);
  await page.getByRole("link", { name: "Back to this instance" }).click();
  await page.getByRole("button", { name: "Reload now" }).click();
  await page.waitForURL("**/#actions-name");
  expect(await page.locator("#actions li").first().innerText()).toMatch(/^(?:done)\s+Reloaded: /);
  expect(await page.locator("#configuration").innerText()).toContain("1 taken over, 0 refused");

  await page.goto(explanation);
  expect(await page.locator(".verdict").innerText()).toBe("allowed");
  const line = 1 + WITH_ROUTE.split("\n").findIndex((text) => text.includes("GET /categories"));
  expect(await page.getByRole("table", { name: "Stage by stage" }).innerText()).toContain(`bff.yaml:${line}:`);
  expect((await fetch(`${server.url}/store-locator/v2/categories/7`, { headers: { origin: ORIGIN } })).status).toBe(200);
});
