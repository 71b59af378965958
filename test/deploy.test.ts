import type { ChildProcess } from "node:child_process";
import type { Image } from "./support/image.ts";
import type { RecordingUpstream } from "./support/recording-upstream.ts";
import { once } from "node:events";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { IS_ROOT, ROOT, buildImage, imageFiles, imageVariables, readDockerfile, textsOf } from "./support/image.ts";
import { CANARY_KEY, ORIGIN } from "./support/proxy.ts";
import { json, startRecordingUpstream } from "./support/recording-upstream.ts";

/** Drain on SIGTERM ends within so many seconds, whatever is in flight. */
const DRAIN_SECONDS = 10;
const STORE = { id: "5a0c", name: "Acme Lyon", city: "Lyon", org_id: 7, contacts: [{ name: "Ada", email: "ada@acme.example" }] };

describe("the Dockerfile", () => {
  test("takes the exact version of Node that the tests run on", () => {
    const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as { packages: Record<string, { version: string }> };
    expect(textsOf("FROM")).toEqual([`node:${lock.packages["node_modules/node"]?.version}-slim`]);
  });

  test("serves as a user that is not root, and warms the compile cache as that user", () => {
    const names = readDockerfile().map(({ name, text }) => `${name} ${text}`);
    expect(textsOf("USER")).toEqual(["node"]);
    expect(names.findIndex((line) => line.startsWith("RUN node "))).toBeGreaterThan(names.indexOf("USER node"));
  });

  test("names its command in exec form, so that signals reach Node and no shell", () => {
    expect(JSON.parse(textsOf("CMD")[0] ?? "")).toEqual(["node", "src/main.ts", "start"]);
  });

  test("says production, so that .env is not read", () => {
    expect(imageVariables()).toMatchObject({ NODE_ENV: "production" });
  });

  test("takes sources, configuration and what npm needs into the image, and nothing else", () => {
    expect(new Set(imageFiles().map((file) => file.split("/", 1)[0]))).toEqual(
      new Set([".npmrc", "config", "package-lock.json", "package.json", "src"]),
    );
  });
});

describe("fly.toml", () => {
  const fly = readToml(readFileSync(join(ROOT, "fly.toml"), "utf8"));

  test("stops with SIGTERM, and waits for longer than a drain may take", () => {
    expect(fly["kill_signal"]).toBe("SIGTERM");
    expect(fly["kill_timeout"]).toBeGreaterThan(DRAIN_SECONDS);
  });

  test("keeps two machines up", () => {
    expect(fly).toMatchObject({ "http_service.auto_stop_machines": "off", "http_service.min_machines_running": 2 });
  });

  test("asks /readyz, counts requests, and sends them to the port that the server listens on", () => {
    expect(fly).toMatchObject({
      "http_service.checks.path": "/readyz",
      "http_service.concurrency.type": "requests",
      "http_service.internal_port": Number(fly["env.PORT"]),
      "env.TRUSTED_PROXY": "fly",
      "metrics.port": Number(fly["env.OPERATOR_PORT"]),
      "metrics.path": "/metrics",
    });
    expect(textsOf("EXPOSE")).toEqual([fly["env.PORT"]]);
  });

  test("holds no secret: only names what the environment may have", () => {
    expect(Object.keys(fly).filter((name) => name.startsWith("env."))).toEqual([
      "env.HOST",
      "env.PORT",
      "env.TRUSTED_PROXY",
      "env.OPERATOR_HOST",
      "env.OPERATOR_PORT",
    ]);
  });
});

describe("what the Dockerfile makes", () => {
  let image: Image;
  let upstream: RecordingUpstream;
  let child: ChildProcess;
  let port: string;

  beforeAll(async () => {
    upstream = await startRecordingUpstream(() => json({ page: 1, max_page: 1, count: 1, businesses: [STORE] }));
    image = buildImage();
    const command = JSON.parse(textsOf("CMD")[0] ?? "") as string[];
    child = image.spawn(command, {
      HOST: "127.0.0.1",
      PORT: "0",
      OPERATOR_PORT: "0",
      PARTOO_URL: upstream.url,
      PARTOO_KEY_LOCATOR_READ: CANARY_KEY,
    });
    port = await readPort(child);
  }, 180_000);
  afterAll(async () => {
    child?.kill("SIGKILL");
    image?.remove();
    await upstream?.close();
  });

  test("is ready", async () => {
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
  });

  test("answers an allowed request with shaped JSON, over the shipped configuration", async () => {
    const response = await fetch(`http://127.0.0.1:${port}/store-locator/v2/business/search?city=Lyon`, { headers: { origin: ORIGIN } });
    expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([200, ORIGIN]);
    expect(await response.json()).toEqual({
      page: 1,
      max_page: 1,
      count: 1,
      businesses: [{ id: "5a0c", name: "Acme Lyon", city: "Lyon" }],
    });
    expect(upstream.requests.at(-1)?.headers["x-apikey"]).toBe(CANARY_KEY);
  });

  test("is healthy by its own health check, and not when nothing listens", () => {
    const check = JSON.parse(/CMD (\[.*\])$/.exec(textsOf("HEALTHCHECK")[0] ?? "")?.[1] ?? "") as string[];
    expect(image.run(check, { PORT: port }).code).toBe(0);
    expect(image.run(check, { PORT: "9" }).code).toBe(1);
  });

  test("has no development dependency", () => {
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { devDependencies: Record<string, string> };
    const present = Object.keys(devDependencies).filter((name) => existsSync(join(image.app, "node_modules", name)));
    expect(present).toEqual([]);
    expect(readdirSync(join(image.app, "node_modules"))).toContain("hono");
  });

  test.skipIf(!IS_ROOT)("can't write into its own folder", () => {
    const attempt = `for (const place of [".", "src", "config", "config/frontends", "node_modules"]) {
      try { require("node:fs").writeFileSync(place + "/intruder", ""); console.log(place, "written"); } catch ({ code }) { console.log(place, code); }
    }`;
    expect(image.run(["node", "-e", attempt]).output.trim().split("\n")).toEqual([
      ". EACCES",
      "src EACCES",
      "config EACCES",
      "config/frontends EACCES",
      "node_modules EACCES",
    ]);
  });

  test("ends with exit code 0 on SIGTERM, within the drain", async () => {
    const startedAt = performance.now();
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    expect(performance.now() - startedAt).toBeLessThan(DRAIN_SECONDS * 1000);
  });
});

async function readPort({ stderr }: ChildProcess): Promise<string> {
  let printed = "";
  for await (const line of createInterface(stderr as NonNullable<ChildProcess["stderr"]>)) {
    const port = / on http:\/\/.*:(\d+)$/.exec(line)?.[1];
    if (port !== undefined) return port;
    printed += `${line}\n`;
  }
  throw new Error(`ended before it served:\n${printed}`);
}

/** The TOML that fly.toml uses: tables, texts and whole numbers. Names are joined with their table's. */
function readToml(text: string): Readonly<Record<string, string | number>> {
  const values: Record<string, string | number> = {};
  let table = "";
  for (const line of text.split("\n").filter((content) => content !== "" && !content.startsWith("#"))) {
    const header = /^\[\[?([\w.]+)\]\]?$/.exec(line)?.[1];
    const [, name = "", value = ""] = /^(\w+) = (.+)$/.exec(line) ?? [];
    if (header !== undefined) table = `${header}.`;
    else values[table + name] = JSON.parse(value) as string | number;
  }
  return values;
}
