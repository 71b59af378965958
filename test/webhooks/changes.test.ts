/** How often webhooks mark lists stale, however many come. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Purge } from "../../src/cache/purge-backlog.ts";
import type { StoreChanges } from "../../src/webhooks/changes.ts";
import { createKnownStores } from "../../src/cache/known-stores.ts";
import { createPurgeLog } from "../../src/cache/purge-log.ts";
import { loadConfig } from "../../src/config/load.ts";
import { createStoreChanges } from "../../src/webhooks/changes.ts";
import { applyWebhook } from "../../src/webhooks/webhook.ts";
import { idOf, locator } from "../cache/partoo.ts";
import { writeConfig } from "../support/proxy.ts";
import { webhook } from "./scene.ts";

/** Nothing is held; `lists` counts how often lists were purged. */
function open(): { readonly changes: StoreChanges; readonly lists: () => number } {
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-changes-"));
  const { policy } = loadConfig(writeConfig(directory, { bff: locator() }));
  rmSync(directory, { recursive: true });
  const purges = createPurgeLog({ retentionSeconds: () => 600 });
  const purged: Purge[] = [];
  purges.onPurge((purge) => purged.push(purge));
  const held = { remember: () => undefined, recall: () => Promise.resolve(undefined), lookAgain: () => Promise.resolve() };
  const directories = { seen: () => undefined, gone: () => undefined };
  const changes = createStoreChanges({ policy: () => policy!, held, directories, known: createKnownStores(), purges });
  vi.useFakeTimers();
  onTestFinished(() => {
    changes.close();
    vi.useRealTimers();
  });
  return { changes, lists: () => purged.filter(({ tags, hard }) => tags.includes("list:locator-read") && !hard).length };
}

const tell = (changes: StoreChanges, nth: number): Promise<void> =>
  applyWebhook("acme", webhook("business_updated", { id: idOf(nth) }), changes);

test("the first webhook marks lists at once, a storm of 2,000 once more, when the pause is over", async () => {
  const { changes, lists } = open();
  await tell(changes, 0);
  expect(lists()).toBe(1);
  await Promise.all(Array.from({ length: 2000 }, (_, nth) => tell(changes, nth)));
  expect(lists()).toBe(1);
  vi.advanceTimersByTime(2999);
  expect(lists()).toBe(1);
  vi.advanceTimersByTime(1);
  expect(lists()).toBe(2);
  vi.advanceTimersByTime(60_000);
  expect(lists()).toBe(2);
});

test("a webhook every 100 ms for a minute marks lists 21 times", async () => {
  const { changes, lists } = open();
  for (let nth = 0; nth < 600; nth += 1) {
    await tell(changes, nth);
    vi.advanceTimersByTime(100);
  }
  vi.advanceTimersByTime(60_000);
  expect(lists()).toBe(21);
});

test("webhooks of one organization mark no lists of another", async () => {
  const { changes, lists } = open();
  await applyWebhook("other", webhook("business_deleted", { id: idOf(1) }), changes);
  expect(lists()).toBe(0);
});
