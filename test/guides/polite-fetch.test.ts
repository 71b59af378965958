/** polite-fetch.ts of docs/frontend.md. */
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { blocksOf, sourceFile } from "./blocks.ts";

interface Answered {
  readonly status: number;
  readonly retryAfter?: string;
}

let folder: string;
let politeFetch: typeof fetch;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "partoo-bff-polite-"));
  const files = blocksOf("docs/frontend.md").filter(({ kind }) => kind === "ts");
  const { name, text } = files.map(sourceFile).find((file) => file.name === "polite-fetch.ts") ?? { name: "", text: "" };
  writeFileSync(join(folder, name), text);
  ({ politeFetch } = (await import(pathToFileURL(join(folder, name)).href)) as { politeFetch: typeof fetch });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  return () => void vi.restoreAllMocks();
});

/** Answers in this order; the last one goes on. @returns its address, and when it was asked, ms */
async function serve(...answers: readonly Answered[]): Promise<{ readonly url: string; readonly askedAt: readonly number[] }> {
  const askedAt: number[] = [];
  const server = createServer((_, response) => {
    askedAt.push(performance.now());
    const { status, retryAfter } = answers[Math.min(askedAt.length, answers.length) - 1] ?? { status: 500 };
    response.writeHead(status, retryAfter === undefined ? {} : { "retry-after": retryAfter }).end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, askedAt };
}

test("waits as long as it is asked to, then has the answer", async () => {
  const { url, askedAt } = await serve({ status: 503, retryAfter: "1" }, { status: 200 });
  expect((await politeFetch(url)).status).toBe(200);
  const [first = 0, second = 0] = askedAt;
  // Timers count whole milliseconds.
  expect(second - first).toBeGreaterThanOrEqual(999);
});

test("waits a second where nobody says how long, and the random part besides", async () => {
  const { url, askedAt } = await serve({ status: 502 }, { status: 200 });
  vi.mocked(Math.random).mockReturnValue(0.25);
  expect((await politeFetch(url)).status).toBe(200);
  const [first = 0, second = 0] = askedAt;
  expect(second - first).toBeGreaterThanOrEqual(1249);
});

test("gives up after four requests, and hands over the last refusal", async () => {
  const { url, askedAt } = await serve({ status: 429, retryAfter: "0" });
  expect((await politeFetch(url)).status).toBe(429);
  expect(askedAt).toHaveLength(4);
});

test.each([{ status: 429, retryAfter: "3600" }, { status: 404 }, { status: 400 }, { status: 500 }, { status: 200 }])(
  "does not wait after %o",
  async (answer) => {
    const { url, askedAt } = await serve(answer);
    expect((await politeFetch(url)).status).toBe(answer.status);
    expect(askedAt).toHaveLength(1);
  },
);

test("an abort ends the wait, and nothing more is sent", async () => {
  const { url, askedAt } = await serve({ status: 503, retryAfter: "20" });
  const abort = new AbortController();
  const answer = politeFetch(url, { signal: abort.signal });
  await vi.waitUntil(() => askedAt.length === 1);
  setTimeout(() => abort.abort(new Error("the visitor has left")), 100);
  await expect(answer).rejects.toThrow("the visitor has left");
  expect(askedAt).toHaveLength(1);
});
