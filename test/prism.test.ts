import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Proxy } from "./support/proxy.ts";
import { ORIGIN, startProxy } from "./support/proxy.ts";
import { freePort } from "./support/redis.ts";

/** Partoo's own description of May 2021, which stands beside this checkout where the project is developed. */
const ROOT = join(import.meta.dirname, "..");
const DESCRIPTION = join(ROOT, "../shared/partoo/openapi-2021.json");
const isPresent = existsSync(DESCRIPTION);
const PRISM = "@stoplight/prism-cli@5.16.0";
/** Room for npx to fetch it, once for each machine. */
const FETCH_MS = 180_000;

/** The shipped configuration, which asks for nothing by itself here. The description is older than two of its three statuses, so a sound call asks for one. */
const SHIPPED = readFileSync(join(ROOT, "config/bff.yaml"), "utf8").replace(/^ {4}allow:/m, "    sweep: false\n    allow:");
const OF_2021 = SHIPPED.replace('status: "open,opening_soon,temporarily_closed"', "status: open");
const FRONTEND = `key: locator-read\norigins: [${ORIGIN}]\n`;
const STORE_FIELDS = /^ {6}GET \/business\/search:[\s\S]*?fields: &store.*\n((?: {10}- .*\n)+)/m;

interface Prism {
  readonly url: string;
  /** What it printed since the last call: one line for each check of a request. */
  printed(): string;
  stop(): Promise<void>;
}

async function startPrism(): Promise<Prism> {
  const port = await freePort();
  const args = ["--yes", PRISM, "mock", "--cors=false", "-h", "127.0.0.1", "-p", String(port), DESCRIPTION];
  const path = `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`;
  const child: ChildProcess = spawn("npx", args, {
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  const listening = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes("Prism is listening")) listening.resolve();
    });
  }
  child.once("exit", () => listening.reject(new Error(`Prism ended:\n${output}`)));
  await listening.promise;
  output = "";
  return {
    url: `http://127.0.0.1:${port}`,
    printed: () => {
      const since = output;
      output = "";
      return since;
    },
    async stop() {
      const ended = once(child, "exit");
      // npx starts it as a grandchild: the whole process group of our own child ends.
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      await ended;
    },
  };
}

const absent = isPresent ? "" : " (skipped: ../shared/partoo/openapi-2021.json is not here)";
describe.skipIf(!isPresent)(`against Prism over Partoo's description of 2021${absent}`, () => {
  let prism: Prism;
  let proxy: Proxy;
  beforeAll(async () => {
    prism = await startPrism();
    proxy = await startProxy({ upstream: prism.url, bff: OF_2021, frontends: { "store-locator": FRONTEND } });
  }, FETCH_MS);
  afterAll(async () => {
    await proxy.stop();
    await prism.stop();
  });

  const get = (target: string, { url } = proxy): Promise<Response> => fetch(url + target, { headers: { origin: ORIGIN } });

  test.each([
    ["/store-locator/v2/business/search?city=Paris&query=opera&page=2&per_page=10"],
    ["/store-locator/v2/business/5f3c8f1de1b2a30001a1b2c3"],
    ["/store-locator/v2/business/c-FR-PAR-001"],
    ["/store-locator/v2/categories?country=FR&lang=fr&page=1&per_page=10"],
  ])("%s passes its checks and is answered 200", async (target) => {
    const answer = await get(target);
    expect(answer.status).toBe(200);
    expect(prism.printed()).toContain("The request passed the validation rules");
  });

  test("of a store only the listed fields leave", async () => {
    const listed = [...(STORE_FIELDS.exec(SHIPPED)?.[1] ?? "").matchAll(/- (\w+)/g)].map(([, name]) => name);
    expect(listed).toContain("open_hours");
    const { businesses } = (await (await get("/store-locator/v2/business/search")).json()) as { businesses: Record<string, unknown>[] };
    expect(businesses).toHaveLength(1);
    const shown = Object.keys(businesses[0] ?? {});
    expect(shown).toEqual(expect.arrayContaining(["id", "name", "phone", "custom_fields"]));
    expect(shown.filter((name) => name !== "custom_fields" && !listed.includes(name))).toEqual([]);
  });

  test("what the description does not know is not-found", async () => {
    const answer = await get("/store-locator/v2/posts?business__in=5f3c8f1de1b2a30001a1b2c3");
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([404, "not-found"]);
  });

  test("what it refuses is upstream-refused, and nothing of its text is relayed", async () => {
    const newer = await startProxy({ upstream: prism.url, bff: SHIPPED, frontends: { "store-locator": FRONTEND } });
    const answer = await get("/store-locator/v2/business/search", newer);
    const text = await answer.text();
    expect([answer.status, (JSON.parse(text) as { code: string }).code]).toEqual([502, "upstream-refused"]);
    expect(text).not.toMatch(/allowed values|stoplight/);
    await newer.stop();
    expect(newer.log().find((line) => line.includes("upstream-refused"))).toContain('"reason":"status 400');
  });
});
