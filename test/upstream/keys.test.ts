import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, afterEach, expect, onTestFinished, test } from "vitest";
import type { RecordingUpstream } from "../support/recording-upstream.ts";
import type { TestGateway } from "../support/gateway.ts";
import { startGateway } from "../support/gateway.ts";
import { json, startRecordingUpstream } from "../support/recording-upstream.ts";

const [OLD, NEW, NEXT] = ["old-3d1f0a77c2", "new-90be4c21d8", "next-5e0a3d9c41"] as const;
const PAGE = { page: 1, max_page: 1, count: 0, businesses: [] };

let upstream: RecordingUpstream;
/** What Partoo accepts at the moment. */
let valid: ReadonlySet<string>;
beforeEach(async () => {
  valid = new Set();
  upstream = await startRecordingUpstream(({ headers }) =>
    valid.has(headers["x-apikey"] ?? "") ? json(PAGE) : json({ error: { authentication: "no" } }, { status: 401 }),
  );
});
afterEach(() => upstream.close());

async function start(env: Readonly<Record<string, string>>): Promise<TestGateway> {
  const gateway = await startGateway({ upstream: upstream.url, env });
  onTestFinished(async () => {
    await gateway.close();
    expect(JSON.stringify(gateway.log)).not.toMatch(/old-3d1f|new-90be|next-5e0a/);
  });
  return gateway;
}

function sentKeys(): readonly (string | undefined)[] {
  return upstream.requests.splice(0).map(({ headers }) => headers["x-apikey"]);
}

test("401: the next value is tried at once, the visitor notices nothing, and it is used from then on", async () => {
  valid = new Set([NEXT]);
  const gateway = await start({ PARTOO_KEY_LOCATOR_READ: OLD, PARTOO_KEY_LOCATOR_READ_NEXT: NEXT });
  expect((await gateway.get()).status).toBe(200);
  expect((await gateway.get()).status).toBe(200);
  expect(sentKeys()).toEqual([OLD, NEXT, NEXT]);
});

test("401 for both: two calls, upstream-refused, one alarm; accepted again: one line", async () => {
  const gateway = await start({ PARTOO_KEY_LOCATOR_READ: OLD, PARTOO_KEY_LOCATOR_READ_NEXT: NEXT });
  for (let nth = 0; nth < 2; nth += 1) {
    const answer = await gateway.get();
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([502, "upstream-refused"]);
  }
  expect(sentKeys()).toEqual([OLD, NEXT, OLD, NEXT]);
  valid = new Set([OLD]);
  await gateway.get();
  await gateway.get();
  expect(gateway.log.filter((line) => "key" in line)).toMatchObject([
    { level: "error", alarm: "key-refused", key: "locator-read", upstream_status: 401 },
    { level: "info", key: "locator-read", msg: "Partoo accepts this key again" },
  ]);
});

test("401: a file that holds a new value by now is read, and the visitor notices nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "partoo-bff-keys-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "key");
  writeFileSync(path, OLD);
  valid = new Set([OLD]);
  const gateway = await start({ PARTOO_KEY_LOCATOR_READ: "", PARTOO_KEY_LOCATOR_READ_FILE: path });
  expect((await gateway.get()).status).toBe(200);
  writeFileSync(path, NEW);
  valid = new Set([NEW]);
  expect((await gateway.get()).status).toBe(200);
  expect(sentKeys().at(-1)).toBe(NEW);
});

test("403: an alarm, and no other value is tried", async () => {
  upstream.answer(() => json({ error: { authorization: "no" } }, { status: 403 }));
  const gateway = await start({ PARTOO_KEY_LOCATOR_READ: OLD, PARTOO_KEY_LOCATOR_READ_NEXT: NEXT });
  expect((await gateway.get()).status).toBe(502);
  expect(sentKeys()).toEqual([OLD]);
  expect(gateway.log).toMatchObject([
    { alarm: "key-refused", upstream_status: 403 },
    { status: 502, code: "upstream-refused" },
  ]);
});

test("twenty visitors at once while a key is replaced are all served, with one line about it", async () => {
  valid = new Set([NEXT]);
  const gateway = await start({ PARTOO_KEY_LOCATOR_READ: OLD, PARTOO_KEY_LOCATOR_READ_NEXT: NEXT });
  const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.get()));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(gateway.log.filter((line) => "key" in line)).toHaveLength(1);
});

test("a key is sent in its own field, and nowhere else in the request", async () => {
  valid = new Set([OLD]);
  const gateway = await start({ PARTOO_KEY_LOCATOR_READ: OLD });
  await gateway.get();
  expect(upstream.requests[0]?.head.split(OLD)).toHaveLength(2);
});
