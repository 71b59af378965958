import type { Page } from "playwright-core";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Facts } from "../directory/slow-hours.ts";
import type { Locator } from "./locator.ts";
import { isOpenAt } from "../directory/slow-hours.ts";
import { until } from "../support/cli.ts";
import { withPalette } from "../support/palette.ts";
import { startLocator, visit } from "./locator.ts";

const AXE = readFileSync(join(import.meta.dirname, "../../node_modules/axe-core/axe.min.js"), "utf8");
/** With SCREENSHOTS=1 the pictures are taken anew. */
const PICTURES = process.env["SCREENSHOTS"] === undefined ? undefined : join(import.meta.dirname, "../../docs/screenshots");
/** Rue de Rivoli. */
const HERE = { latitude: 48.861, longitude: 2.336 };
const BY_THE_SEA = { latitude: 43.7, longitude: 7.26 };
const AT_HOME = { geolocation: HERE, permissions: ["geolocation"] };
const ZONES: Readonly<Record<string, string>> = { FR: "Europe/Paris", ES: "Europe/Madrid", IT: "Europe/Rome" };

let locator: Locator;
beforeAll(async () => {
  locator = await startLocator();
}, 60_000);
afterAll(() => locator.stop());

type Raw = Facts & {
  readonly id: string;
  readonly status: string;
  readonly country: string;
  readonly lat: number | null;
  readonly long: number;
};

/** Metres on a sphere, by the law of haversines. */
function metresTo({ lat, long }: Raw): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const [north, east] = [radians((lat ?? 0) - HERE.latitude), radians(long - HERE.longitude)];
  const chord = Math.sin(north / 2) ** 2 + Math.cos(radians(HERE.latitude)) * Math.cos(radians(lat ?? 0)) * Math.sin(east / 2) ** 2;
  return 2 * 6_371_008.8 * Math.asin(Math.sqrt(chord));
}

function distanceTo(store: Raw): string {
  const metres = metresTo(store);
  return metres < 995 ? `${Math.round(metres / 10) * 10} m` : `${(metres / 1000).toFixed(metres < 9950 ? 1 : 0).replace(".0", "")} km`;
}

/** All stores of the local Partoo looked at one by one. */
function nearestOpen(): Raw | undefined {
  const open = (locator.sandbox.stores as unknown as readonly Raw[]).filter(
    (store) =>
      store.lat !== null &&
      store.open_hours !== null &&
      ["open", "opening_soon"].includes(store.status) &&
      isOpenAt(store, ZONES[store.country] ?? "", Date.now()),
  );
  return open.toSorted((one, other) => metresTo(one) - metresTo(other))[0];
}

const firstId = (page: Page): Promise<unknown> => page.evaluate("document.querySelector('.card')?.dataset.store");
const status = (page: Page): Promise<string | null> => page.locator("#status").textContent();
const focusedStore = (page: Page): Promise<unknown> => page.evaluate("document.activeElement.dataset.store");
/** What has the focus. */
const focused = (page: Page): Promise<unknown> => page.evaluate("document.activeElement.textContent.trim() || document.activeElement.id");

test("a visitor who shares a position and wants what is open now sees the nearest open store first", async () => {
  const { page, complaints } = await visit(locator, AT_HOME);
  await page.getByLabel("Open now").check();
  await page.getByRole("button", { name: "Near me" }).click();
  await page
    .getByRole("status")
    .filter({ hasText: /open store/ })
    .waitFor();
  await expect.poll(async () => (await firstId(page)) === nearestOpen()?.id).toBe(true);
  const nearest = nearestOpen();
  if (nearest !== undefined) expect(await page.locator(".distance").first().textContent()).toBe(distanceTo(nearest));
  expect(await page.locator(".pin").count()).toBe(await page.locator(".card").count());
  expect(complaints).toEqual([]);
});

test("a radius without a store is widened, and said so", async () => {
  const { page } = await visit(locator, { ...AT_HOME, geolocation: { latitude: 46.5, longitude: 3.3 } });
  await page.getByRole("button", { name: "Near me" }).click();
  await page.getByRole("status").filter({ hasText: "No store within 5 km of you." }).waitFor();
  expect(await status(page)).toMatch(/^No store within 5 km of you\. \d+ stores? within \d+ km/);
});

test("who does not share a position is told what else to do", async () => {
  const { page, complaints } = await visit(locator);
  await page.getByRole("button", { name: "Near me" }).click();
  await page.getByRole("alert").filter({ hasText: "Type a town or a postcode instead." }).waitFor();
  expect(await focused(page)).toBe("q");
  expect(complaints).toEqual([]);
});

test("a misspelt town is found", async () => {
  const { page, complaints } = await visit(locator);
  await page.getByLabel("Town, postcode or store").pressSequentially("Tulouse");
  await page.getByRole("status").filter({ hasText: "for “Tulouse”" }).waitFor();
  const names = await page.locator(".card-name").allTextContents();
  expect(names.length).toBeGreaterThan(2);
  expect(names.filter((name) => !name.includes("Toulouse"))).toEqual([]);
  expect(complaints).toEqual([]);
});

test("what was typed just before another choice counts", async () => {
  const { page } = await visit(locator);
  await page.getByLabel("Town, postcode or store").fill("Lyon");
  await page.getByLabel("Open now").check();
  await page.getByRole("status").filter({ hasText: "for “Lyon”" }).waitFor();
  expect(await status(page)).toMatch(/open store/);
  expect(await page.getByLabel("Town, postcode or store").inputValue()).toBe("Lyon");
});

test("the map is searched where it was moved to", async () => {
  const { page, complaints } = await visit(locator);
  const button = page.getByRole("button", { name: "Search this area" });
  expect(await button.isVisible()).toBe(false);
  await page.locator("#map").focus();
  await page.keyboard.press("+");
  await button.click();
  await page.getByRole("status").filter({ hasText: "in this area" }).waitFor();
  expect(await button.isVisible()).toBe(false);
  expect(complaints).toEqual([]);
});

test("with the keyboard alone: to the list, to a store, and back to where one was; the map lets go", async () => {
  const { page, complaints } = await visit(locator);
  await page.keyboard.press("Tab");
  expect(await focused(page)).toBe("Skip to the stores");
  await page.keyboard.press("Enter");
  for (let nth = 0; nth < 3; nth += 1) await page.keyboard.press("Tab");
  const card = page.locator(".card").nth(2);
  expect(await focusedStore(page)).toBe(await card.getAttribute("data-store"));
  await page.keyboard.press("Enter");
  const name = (await card.locator(".card-name").textContent()) ?? "";
  await page.getByRole("heading", { level: 1, name }).waitFor();
  expect(await focused(page)).toBe(name);
  await page.keyboard.press("Shift+Tab");
  expect(await focused(page)).toBe("All results");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Stores" }).waitFor();
  expect(await focusedStore(page)).toBe(await card.getAttribute("data-store"));
  await page.locator("#map").focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Tab");
  expect(await focused(page)).not.toBe("map");
  expect(complaints).toEqual([]);
});

describe("at 390 pixels", () => {
  const PHONE = { ...AT_HOME, viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
  /** Pixels by which the page is wider than what shows it. */
  const overflow = (page: Page): Promise<unknown> =>
    page.evaluate(
      "Math.max(...['html', '#panel'].map((name) => document.querySelector(name)).map((of) => of.scrollWidth - of.clientWidth))",
    );

  test("nothing is beyond the edge, and list and map share the place", async () => {
    const { page, complaints } = await visit(locator, PHONE);
    await page.getByRole("button", { name: "Near me" }).tap();
    await page.getByRole("status").filter({ hasText: "nearest first" }).waitFor();
    expect(await overflow(page)).toBe(0);
    await page.getByRole("button", { name: "Map", exact: true }).tap();
    expect([await page.locator("#map").isVisible(), await page.locator("#stores").isVisible()]).toEqual([true, false]);
    await page.getByRole("button", { name: "List", exact: true }).tap();
    await page.locator(".card").first().tap();
    await page.getByRole("link", { name: "Directions" }).waitFor();
    expect(await page.getByRole("link", { name: "Call" }).getAttribute("href")).toMatch(/^tel:\+\d+$/);
    expect(await overflow(page)).toBe(0);
    expect(complaints).toEqual([]);
  });
});

/** The pictures of the README. */
describe.skipIf(PICTURES === undefined)("pictures", () => {
  test.each([
    ["desktop", { viewport: { width: 1280, height: 800 } }],
    ["mobile", { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
    ["dark", { viewport: { width: 1280, height: 800 }, colorScheme: "dark" }],
  ] as const)("%s", async (name, options) => {
    const stores = `${locator.proxy}/store-locator/stores?limit=100`;
    await until(async () => (await (await fetch(stores, { headers: { origin: locator.origin } })).text()).includes('"average"'));
    const { page } = await visit(locator, { ...AT_HOME, geolocation: BY_THE_SEA, ...options, reducedMotion: "reduce" });
    await page.getByRole("button", { name: "Near me" }).click();
    await page.getByRole("status").filter({ hasText: "nearest first" }).waitFor();
    if (name === "dark") {
      await page.locator(".card").first().click();
      await page.getByRole("heading", { name: "Opening hours" }).waitFor();
    }
    await page.mouse.move(0, 0);
    await page.evaluate("document.activeElement.blur()");
    expect(await page.locator(".pin").count()).toBeGreaterThan(0);
    writeFileSync(join(PICTURES ?? "", `store-locator-${name}.png`), withPalette(await page.screenshot()));
  });
});

describe.each(["light", "dark"] as const)("axe finds nothing serious in %s", (colorScheme) => {
  const faults = async (page: Page): Promise<readonly string[]> => {
    await page.evaluate(AXE);
    const { violations } = (await page.evaluate("axe.run()")) as {
      readonly violations: readonly {
        readonly id: string;
        readonly impact: string;
        readonly nodes: readonly { readonly html: string }[];
      }[];
    };
    return violations.filter(({ impact }) => impact !== "minor").flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  };

  test("in the list and on the store page", async () => {
    const { page } = await visit(locator, { ...AT_HOME, colorScheme });
    await page.getByRole("button", { name: "Near me" }).click();
    await page.getByRole("status").filter({ hasText: "nearest first" }).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.locator(".card").first().click();
    await page.getByRole("heading", { name: "Opening hours" }).waitFor();
    expect(await faults(page)).toEqual([]);
  });
});

describe("when the proxy has not what was asked for", () => {
  test("a wait that it asks for is kept whatever is typed meanwhile, then it is tried again; the list stays", async () => {
    const { page } = await visit(locator);
    let refusals = 1;
    await page.route(/\/stores\?/, (route) => {
      refusals -= 1;
      return refusals < 0
        ? route.continue()
        : route.fulfill({
            status: 503,
            headers: { "retry-after": "1", "access-control-allow-origin": "*", "access-control-expose-headers": "Retry-After" },
            json: {},
          });
    });
    await page.getByLabel("Open now").check();
    await page.getByRole("alert").filter({ hasText: "Trying again in 1 second." }).waitFor();
    expect(await page.locator(".card").count()).toBe(20);
    await page.getByLabel("Town, postcode or store").fill("Lyon");
    await page.getByRole("status").filter({ hasText: "for “Lyon”" }).waitFor();
    expect(refusals).toBe(-1);
    expect(await page.getByRole("alert").textContent()).toBe("");
  });

  test("offline: said, with a way on, and what was there stays", async () => {
    const { page } = await visit(locator);
    await page.context().setOffline(true);
    await page.getByLabel("Open now").check();
    await page.getByRole("alert").filter({ hasText: "You are offline." }).waitFor();
    expect(await page.locator(".card").count()).toBe(20);
    expect(await page.getByRole("button", { name: "Try again" }).isVisible()).toBe(true);
    await page.context().setOffline(false);
    await page.getByRole("status").filter({ hasText: "open store" }).waitFor();
  });

  test("old data is said to be old", async () => {
    const { page } = await visit(locator, { timezoneId: "Europe/Paris" }, (fresh) =>
      fresh.route(/\/stores\?/, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: { ...((await response.json()) as object), as_of: "2026-11-22T13:05:00.000Z" } });
      }),
    );
    expect(await page.getByText("Store data from 22 November at 14:05").isVisible()).toBe(true);
  });

  test("a store that is gone is said to be gone", async () => {
    const { page } = await visit(locator);
    await page.evaluate("location.hash = '#/store/00000000000000000000dead'");
    await page.getByRole("heading", { name: "This store is no longer there." }).waitFor();
    expect(await page.getByRole("alert").textContent()).toBe("");
  });
});

test("a store of which nothing but its id is known is listed and shown; what its texts hold is text", async () => {
  const bare = { id: "0".repeat(24), open: null };
  const odd = {
    ...bare,
    rating: { average: 4.25, count: 1 },
    id: "1".repeat(24),
    name: "<img src=x onerror=document.title='no'>",
    website_url: "javascript:alert(1)",
  };
  const { page, complaints } = await visit(locator, {}, (fresh) =>
    fresh.route(/\/stores\b/, (route) => {
      const asked = [bare, odd].find(({ id }) => route.request().url().endsWith(id));
      return route.fulfill({ headers: { "access-control-allow-origin": "*" }, json: asked ?? { stores: [bare, odd], page: 1, count: 2 } });
    }),
  );
  expect(await page.locator(".card").first().innerText()).toContain("Opening hours not known");
  expect(await page.locator(".card").nth(1).innerText()).toContain("4.3 (1)");
  await page.locator(".card").first().click();
  await page.getByRole("heading", { level: 1, name: "Store", exact: true }).waitFor();
  await page.getByRole("link", { name: "All results" }).click();
  await page.locator(".card").nth(1).click();
  await page.getByRole("heading", { level: 1, name: odd.name }).waitFor();
  expect(await page.locator("#store a").count()).toBe(1);
  expect(complaints).toEqual([]);
});

test("50,000 stores are a few hundred marks on the map, and none is missing", async () => {
  const stores = Array.from({ length: 50_000 }, (_, nth) => ({
    id: String(nth),
    name: `Store ${nth}`,
    lat: 38 + (nth % 223) / 20,
    long: -5 + Math.floor(nth / 223) / 14,
    open: nth % 2 === 0,
  }));
  const { page } = await visit(locator, {}, (fresh) =>
    fresh.route(/\/stores\/all/, (route) =>
      route.fulfill({ headers: { "access-control-allow-origin": "*" }, json: { stores, count: stores.length } }),
    ),
  );
  const marks = page.locator(".cluster");
  await expect
    .poll(async () => {
      const numbers = (await marks.allTextContents()).map((text) => Number(text.replaceAll(",", "")));
      return numbers.reduce((sum, number) => sum + number, await page.locator(".dot").count());
    })
    .toBe(50_000);
  expect(await marks.count()).toBeLessThan(400);
});

test("hours are told in the store's own time", async () => {
  const { page } = await visit(locator, { timezoneId: "Asia/Tokyo" });
  const words = (open: object, now: string, more: object = {}): Promise<unknown> =>
    page.evaluate(
      `import("/open-words.js").then(({ openWords }) => openWords(${JSON.stringify({ open, ...more })}, Date.parse("${now}")).words)`,
    );
  const open = (closes: string) => ({ now: true, until: closes, next_change: closes });
  const closed = (next_change: string | null) => ({ now: false, until: null, next_change });
  const sunday = "2026-11-22T11:00:00+01:00";
  expect(await words(open("2026-11-22T19:00:00+01:00"), sunday)).toBe("Open until 19:00");
  expect(await words(open("2026-11-22T11:45:00+01:00"), sunday)).toBe("Closes soon, 11:45");
  expect(await words(open("2026-11-23T02:00:00+01:00"), sunday)).toBe("Open until 02:00");
  expect(await words({ now: true, until: null, next_change: null }, sunday)).toBe("Open around the clock");
  expect(await words(open("2026-12-13T00:00:00+01:00"), sunday)).toBe("Open around the clock");
  expect(await words(closed("2026-11-22T14:00:00+01:00"), sunday)).toBe("Closed, opens at 14:00");
  expect(await words(closed("2026-11-23T09:00:00+01:00"), sunday)).toBe("Closed, opens tomorrow 09:00");
  expect(await words(closed("2026-11-24T09:00:00+01:00"), sunday)).toBe("Closed, opens Tuesday 09:00");
  expect(await words(closed("2026-12-24T09:00:00+01:00"), sunday)).toBe("Closed, opens 24 December 09:00");
  expect(await words(closed(null), sunday)).toBe("Closed");
  expect(await words(closed(null), sunday, { status: "temporarily_closed" })).toBe("Temporarily closed");
  expect(await words(closed(null), sunday, { status: "opening_soon", opening_date: "2027-01-06" })).toBe("Opens on 6 January 2027");
});

test("with Partoo away, stores are still listed, found and shown", async () => {
  await locator.sandbox.close();
  const { page, complaints } = await visit(locator, AT_HOME);
  expect(await page.locator(".card").count()).toBe(20);
  await page.getByLabel("Town, postcode or store").fill("Lyon");
  await page.getByRole("status").filter({ hasText: "for “Lyon”" }).waitFor();
  await page.locator(".card").first().click();
  await page.getByRole("heading", { name: "Opening hours" }).waitFor();
  expect(await page.getByRole("alert").textContent()).toBe("");
  expect(complaints).toEqual([]);
});
