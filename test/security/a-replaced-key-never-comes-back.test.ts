/** After a rotation an answer may still hold the value that was in use before: it is refused as one with the value in use. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import type { TestGateway } from "../support/gateway.ts";
import type { RecordingUpstream } from "../support/recording-upstream.ts";
import { freshSearch } from "../support/fresh-search.ts";
import { startGateway } from "../support/gateway.ts";
import { json, startRecordingUpstream } from "../support/recording-upstream.ts";

const KEYS = ["first-3d1f0a77c2", "second-90be4c21d8", "third-5e0a3d9c41", "fourth-77d2b0e6aa", "fifth-1c9f40be35"] as const;
const [FIRST, SECOND] = KEYS;
const page = (name: string): string => json({ page: 1, max_page: 1, count: 1, businesses: [{ id: "5f3c8f1de1b2a30001a1b2c3", name }] });

let upstream: RecordingUpstream;
/** The one value that Partoo takes. */
let valid: string;
/** The name of the store in its answers. */
let store: string;
beforeEach(async () => {
  store = "Acme";
  upstream = await startRecordingUpstream(({ headers }) => (headers["x-apikey"] === valid ? page(store) : json({}, { status: 401 })));
  onTestFinished(() => upstream.close());
});

async function start(env: Readonly<Record<string, string>>): Promise<TestGateway> {
  const gateway = await startGateway({ upstream: upstream.url, env });
  onTestFinished(async () => {
    await gateway.close();
    expect(KEYS.filter((key) => JSON.stringify(gateway.log).includes(key))).toEqual([]);
  });
  return gateway;
}

/** Twice the same search whose answer holds the value: nothing of it is stored either. */
async function isRefused(gateway: TestGateway, value: string): Promise<void> {
  const target = freshSearch();
  store = `x${value}x`;
  for (let nth = 0; nth < 2; nth += 1) {
    const answer = await gateway.get(target);
    const text = await answer.text();
    expect([answer.status, (JSON.parse(text) as { code: unknown }).code]).toEqual([502, "upstream-failed"]);
    expect(text).not.toContain(value);
  }
  store = "Acme";
  expect((await gateway.get(target)).status).toBe(200);
}

test("the value before the next one took over", async () => {
  valid = FIRST;
  const gateway = await start({ PARTOO_KEY_LOCATOR_READ: FIRST, PARTOO_KEY_LOCATOR_READ_NEXT: SECOND });
  expect((await gateway.get()).status).toBe(200);
  valid = SECOND;
  expect((await gateway.get()).status).toBe(200);
  expect(upstream.requests.at(-1)?.headers["x-apikey"]).toBe(SECOND);
  await isRefused(gateway, FIRST);
  await isRefused(gateway, SECOND);
});

test("each of the last four values of a file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "partoo-bff-keys-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "key");
  writeFileSync(file, FIRST);
  valid = FIRST;
  const gateway = await start({ PARTOO_KEY_LOCATOR_READ: "", PARTOO_KEY_LOCATOR_READ_FILE: file });
  for (const key of KEYS) {
    writeFileSync(file, key);
    valid = key;
    // Read again within two seconds.
    await expect.poll(async () => (await gateway.get()).status, { timeout: 10_000, interval: 200 }).toBe(200);
  }
  for (const key of KEYS) await isRefused(gateway, key);
});
