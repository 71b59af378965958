/** The operator's page in a real browser: what it shows, what it does, and by keyboard alone. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Scene } from "./scene.ts";
import { SEARCH } from "../cache/partoo.ts";
import { launchBrowser } from "../support/browser.ts";
import { until } from "../support/cli.ts";
import { openPage, startScene } from "./scene.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** Where on the screen the focused element is. */
const TOP_OF_FOCUS = "Math.round(document.activeElement.getBoundingClientRect().top)";

/** Cells of a table's rows, each without what stands below it in small letters. */
function cellsOf(page: Page, caption: string): Promise<readonly (readonly string[])[]> {
  return page.getByRole("table", { name: caption }).evaluate((table: unknown) => {
    const { rows } = table as { rows: Iterable<{ cells: Iterable<{ innerText: string }> }> };
    return [...rows].slice(1).map(({ cells }) => [...cells].map(({ innerText }) => innerText.trim()));
  });
}

/** A metric's values by the labels that are asked for, summed up. */
async function sums({ listener }: Scene, name: string, labels: readonly string[]): Promise<Readonly<Record<string, number>>> {
  const sum: Record<string, number> = {};
  for (const line of await listener.metric(name)) {
    const [, text = "", value = ""] = /^(.*) (\S+)$/.exec(line) ?? [];
    const key = labels.map((label) => new RegExp(`[{,]${label}="([^"]*)"`).exec(text)?.[1] ?? "").join(" ");
    sum[key] = (sum[key] ?? 0) + Number(value);
  }
  return sum;
}

describe("its figures are those of /metrics:", () => {
  test("requests, hit ratio and misses of each route", async () => {
    const scene = await startScene({ intervals: 12 });
    const page = await openPage(browser, scene.listener);
    const requests = await sums(scene, "exchanges_total", ["frontend", "route"]);
    const answers = await sums(scene, "cache_answers_total", ["frontend", "route"]);
    const outcomes = await sums(scene, "cache_answers_total", ["frontend", "route", "outcome"]);
    const rows = await cellsOf(page, "Traffic by route");
    expect(rows).toHaveLength(Object.keys(requests).length);
    for (const [name = "", asked, ratio, waited] of rows) {
      const [route = "", frontend = ""] = name.split(/\s*\n\s*/);
      const key = `${frontend} ${route}`.replace("no frontend", "").replace("no route", "");
      const missed = outcomes[`${key} miss`] ?? 0;
      const hits = answers[key] === undefined ? "–" : `${Math.floor((1 - missed / answers[key]) * 1000 + 1e-9) / 10} %`;
      expect([key, asked, ratio, waited]).toEqual([key, String(requests[key]), hits, String(missed)]);
    }
  });

  test("quota and who spends it; stored answers; the directory; keys; the policy's version", async () => {
    const scene = await startScene();
    await until(() => scene.gateway.instance.directories().every(({ isLate }) => !isLate));
    const page = await openPage(browser, scene.listener);
    const used = await sums(scene, "quota_used_calls", ["organization"]);
    const spent = await sums(scene, "quota_frontend_used_calls", ["frontend"]);
    await expect(page.locator("#quota strong").first().innerText()).resolves.toBe(String(used["acme"]));
    expect(await page.locator("#quota meter").getAttribute("value")).toBe(String(used["acme"]));
    const spenders = Object.fromEntries(
      (await cellsOf(page, "Who spends the quota of acme")).map(([name, count]) => [name, Number(count)]),
    );
    expect(spenders).toMatchObject(spent);
    const entries = await sums(scene, "cache_entries", []);
    expect(await page.locator("#cache dd").first().innerText()).toBe(String(entries[""]));
    const held = await sums(scene, "directory_stores", ["key"]);
    const directory = page.locator("#cache div", { hasText: "Directory of locator-read" });
    expect(await directory.locator("dd").innerText()).toMatch(
      new RegExp(`^${held["locator-read"]} up to date\\s+as of \\d+ s ago; late after 10 min$`),
    );
    const [expiry] = await scene.listener.metric('key_expires_timestamp_seconds{key="locator-read"');
    const day = await page.locator("#keys time").first().getAttribute("datetime");
    expect(Date.parse(day ?? "") / 1000).toBe(Number(expiry?.split(" ").at(-1)));
    expect(await page.locator("#keys .badge.warn").innerText()).toBe("in 6 days");
    expect(await scene.listener.metric("policy_info")).toEqual([
      `{version="${await page.locator("#configuration code").first().innerText()}"} 1`,
    ]);
  });
});

test("it keeps itself up to date: figures change, what is typed, where the focus is and where it is scrolled to stay", async () => {
  const scene = await startScene();
  const page = await openPage(browser, scene.listener, { viewport: { width: 800, height: 500 } });
  await page.getByLabel("Purge by tag").fill("list:loc");
  const link = page.getByRole("link", { name: /Explain origin-not-allowed/ });
  await link.focus();
  const before = { requests: (await cellsOf(page, "Traffic by route")).at(-1)?.[1], top: await page.evaluate(TOP_OF_FOCUS) };
  expect(await page.evaluate("scrollY")).toBeGreaterThan(0);
  await scene.gateway.get("/summer-campaign/v2/business/search?city=Paris", { headers: { origin: "https://summer.acme.example" } });
  await scene.gateway.get(SEARCH, { headers: { origin: "https://another.example" } });
  await until(async () => (await cellsOf(page, "Traffic by route")).at(-1)?.[1] !== before.requests);
  expect((await cellsOf(page, "Traffic by route")).at(-1)?.[1]).toBe(String(Number(before.requests) + 1));
  expect(await page.locator("#refusals").innerText()).toContain("https://another.example");
  expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toMatch(/^Explain origin-not-allowed/);
  expect(await page.evaluate("document.activeElement.parentElement.innerText")).toContain("https://partner.example");
  expect(await page.evaluate(TOP_OF_FOCUS)).toBe(before.top);
  expect(await page.getByLabel("Purge by tag").inputValue()).toBe("list:loc");
});

test("what it says when the instance is gone, and that refreshing can be paused", async () => {
  const scene = await startScene();
  const page = await openPage(browser, scene.listener);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.clock.install();
  await page.reload();
  await page.getByRole("button", { name: "Pause refreshing" }).click();
  asked.length = 0;
  await page.clock.runFor(30_000);
  expect(asked).toEqual([]);
  await page.route("**/*", (route) => route.abort());
  await page.getByRole("button", { name: "Go on refreshing" }).click();
  await until(async () => (await page.getByRole("status").innerText()) !== "");
  expect(await page.getByRole("status").innerText()).toBe("This instance does not answer: the figures are old.");
});

test("a purge by its form: what is stored is asked for anew, and the page says what was done", async () => {
  const scene = await startScene();
  const page = await openPage(browser, scene.listener);
  await page.getByLabel("Purge by tag").fill("route:/business/search");
  await page.getByRole("button", { name: "Purge", exact: true }).click();
  await page.waitForURL("**/#actions-name");
  expect(await page.locator("#actions").innerText()).toMatch(/^done\s+Purged route:\/business\/search: \d+ stored here\./);
  expect(scene.gateway.counts().purges).toBe(1);
  expect(scene.gateway.log).toContainEqual(
    expect.objectContaining({ operator: "loopback", action: "purge", tag: "route:/business/search", msg: "purged by hand" }),
  );
  await page.getByLabel("Purge by tag").fill("route:/nowhere");
  await page.getByRole("button", { name: "Purge", exact: true }).click();
  await until(async () => (await page.locator("#actions").innerText()).includes("failed"));
  expect(await page.locator("#actions li").first().innerText()).toContain("Purged nothing: The configuration has no such route");
  expect(scene.gateway.counts().purges).toBe(1);
});

test("the reload button shows each fault of a configuration that is refused", async () => {
  const scene = await startScene();
  scene.spoil();
  const page = await openPage(browser, scene.listener);
  await page.getByRole("button", { name: "Reload now" }).click();
  await page.waitForURL("**/#actions-name");
  expect(await page.locator("#configuration .faults li").allInnerTexts()).toEqual([
    expect.stringMatching(/bff\.yaml:12:71: narrowing-contradiction/),
    expect.stringMatching(/bff\.yaml:20:5: option-unknown/),
  ]);
  expect(await scene.listener.metric("config_reloads_total")).toEqual(['{result="refused"} 1', '{result="taken"} 0']);
  expect(await scene.listener.metric("config_last_reload_successful")).toEqual([" 0"]);
});

test("each refusal leads to its explanation: the same code, and the way out", async () => {
  const scene = await startScene();
  const page = await openPage(browser, scene.listener);
  for (const [name, code, words] of [
    [/Explain origin-not-allowed/, "origin-not-allowed", "https://partner.example"],
    [/Explain route-not-allowed .*reviews/, "route-not-allowed", "GET /reviews:"],
    [/Explain parameter-unknown/, "parameter-unknown", "no-such-parameter"],
    [/Explain path-encoding/, "path-encoding", "No configuration allows these bytes in a path."],
    [/Explain frontend-unknown/, "frontend-unknown", "no-such-frontend"],
  ] as const) {
    await page.getByRole("link", { name }).click();
    expect(await page.locator(".verdict").innerText()).toBe(`refused: ${code}`);
    expect(await page.locator("main").innerText()).toContain(words);
    await page.getByRole("link", { name: "Back to this instance" }).click();
  }
});

test("by keyboard alone: to an explanation and back, a purge, a pause", async () => {
  const scene = await startScene();
  const page = await openPage(browser, scene.listener);
  const tabTo = async (name: string): Promise<void> => {
    const shown = (): Promise<unknown> =>
      page.evaluate(
        "(document.activeElement.getAttribute('aria-label') ?? document.activeElement.labels?.[0]?.innerText ?? document.activeElement.innerText)",
      );
    for (let steps = 0; steps < 60; steps += 1) {
      await page.keyboard.press("Tab");
      if (String(await shown()).startsWith(name)) return;
    }
    throw new Error(`no Tab leads to ${name}`);
  };
  await tabTo("Skip to the content");
  await tabTo("Pause refreshing");
  await page.keyboard.press("Space");
  await tabTo("Explain route-not-allowed");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/explain?**");
  await tabTo("Back to this instance");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${scene.listener.url}/`);
  await tabTo("Purge by tag");
  await page.keyboard.type("list:locator-read");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/#actions-name");
  expect(await page.locator("#actions").innerText()).toContain("Purged list:locator-read");
  await tabTo("Everything at once");
  await page.keyboard.press("Enter");
  await tabTo("Purge everything");
  await page.keyboard.press("Enter");
  await page.getByText("Purged everything").waitFor();
  expect(scene.gateway.counts().purges).toBe(2);
});

test("without scripts it shows the same and acts the same", async () => {
  const scene = await startScene();
  const page = await openPage(browser, scene.listener, { javaScriptEnabled: false });
  expect(await page.locator("#traffic tbody tr").count()).toBeGreaterThan(3);
  await page.getByRole("button", { name: "Reload now" }).click();
  expect(await page.locator("#actions li").first().innerText()).toContain("Reloaded: nothing has changed.");
  expect(await page.getByRole("button", { name: "Pause refreshing" }).isVisible()).toBe(false);
});

test("nothing is loaded from elsewhere, and its own policy blocks nothing of it", async () => {
  const scene = await startScene();
  const page = await openPage(browser, scene.listener);
  const [hosts, complaints]: [Set<string>, string[]] = [new Set(), []];
  page.on("request", (request) => hosts.add(new URL(request.url()).host));
  page.on("console", (message) => complaints.push(message.text()));
  await page.reload({ waitUntil: "networkidle" });
  await page.getByRole("link", { name: "Explain a request" }).click();
  expect([...hosts].filter((host) => host !== "")).toEqual([`127.0.0.1:${scene.listener.port}`]);
  expect(complaints).toEqual([]);
  expect(await page.evaluate("getComputedStyle(document.querySelector('main')).display")).toBe("grid");
});

test("nothing of what a visitor sent is on it but a well-formed Origin, and no key", async () => {
  const scene = await startScene();
  const text = await (await fetch(scene.listener.url)).text();
  expect(text).toContain("https://partner.example");
  expect(text.toLowerCase()).not.toContain("secret");
  expect(text).not.toContain("canary");
  expect(text).not.toContain("127.0.0.1");
});
