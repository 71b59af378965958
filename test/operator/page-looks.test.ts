/** Light and dark, wide and narrow: no serious fault for axe, nothing beyond the edge. With SCREENSHOTS=1 it takes the pictures of the documentation. */
import type { Browser, Page } from "playwright-core";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { withPalette } from "../support/palette.ts";
import { TOKEN, listenerOf } from "./operator.ts";
import { openPage, startScene } from "./scene.ts";

const AXE = readFileSync(join(import.meta.dirname, "../../node_modules/axe-core/axe.min.js"), "utf8");
const PICTURES = process.env["SCREENSHOTS"] === undefined ? undefined : join(import.meta.dirname, "../../docs/operations/screenshots");
/** The pictures show a configuration in `config`, not the folder of a test. */
const WITHOUT_FOLDERS = `
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) walker.currentNode.data = walker.currentNode.data.replaceAll(/\\S*partoo-bff-[\\w-]+\\//g, "");
`;

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe finds, but for trifles. */
async function faultsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate("axe.run()")) as { readonly violations: readonly Violation[] };
  const grave = violations.filter(({ impact }) => impact !== "minor");
  return grave.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`));
}

/** Pixels by which the page is wider than what shows it. */
const overflowOf = (page: Page): Promise<unknown> =>
  page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

async function takePicture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  await page.evaluate(WITHOUT_FOLDERS);
  writeFileSync(join(PICTURES, `${name}.png`), withPalette(await page.screenshot({ fullPage: true })));
}

describe.each([1280, 390])("at %d pixels", (width) => {
  test.each(["light", "dark"] as const)("%s", { timeout: 60_000 }, async (colorScheme) => {
    const scene = await startScene({ intervals: PICTURES === undefined ? 6 : 120 });
    await scene.listener.purge({ tag: "route:/business/search" });
    scene.spoil();
    scene.reloader.reload("operator");
    const page = await openPage(browser, scene.listener, { viewport: { width, height: 800 }, colorScheme });
    expect({ faults: await faultsOf(page), overflow: await overflowOf(page) }).toEqual({ faults: [], overflow: 0 });
    await takePicture(page, `page-${width}-${colorScheme}`);
    await page.getByRole("link", { name: /Explain route-not-allowed for GET .*reviews/ }).click();
    expect({ faults: await faultsOf(page), overflow: await overflowOf(page) }).toEqual({ faults: [], overflow: 0 });
    await takePicture(page, `explain-${width}-${colorScheme}`);
    await page.goto((await listenerOf(scene.gateway, { token: TOKEN })).url);
    expect({ faults: await faultsOf(page), overflow: await overflowOf(page) }).toEqual({ faults: [], overflow: 0 });
  });
});
