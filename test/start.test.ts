import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { CliResult } from "./support/cli.ts";
import { runCli } from "./support/cli.ts";
import { BFF_YAML, CANARY_KEY, FRONTEND_YAML, writeConfig } from "./support/proxy.ts";

let folder: string;
let config: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "partoo-bff-start-"));
  config = writeConfig(folder, {});
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KEY = { PARTOO_KEY_LOCATOR_READ: CANARY_KEY };

function start(env: Readonly<Record<string, string>>, directory = config): Promise<CliResult> {
  return runCli(["start", "--config", directory], { env: { PORT: "0", HOST: "127.0.0.1", LOG_LEVEL: "warn", ...env } });
}

/** A configuration of its own. @returns its folder */
function otherConfig(files: Parameters<typeof writeConfig>[1]): string {
  const place = mkdtempSync(join(tmpdir(), "partoo-bff-start-"));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  return writeConfig(place, files);
}

function lines(text: string): readonly string[] {
  return text.trimEnd().split("\n");
}

describe("an environment that is not complete: exit 2, before anything listens", () => {
  test("without a key it says which one, how to get it, and what to try without", async () => {
    const { code, stdout, stderr } = await start({});
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^ {2}PARTOO_KEY_LOCATOR_READ \(or PARTOO_KEY_LOCATOR_READ_FILE\) is missing/m);
    expect(stderr).toContain("main integration");
    expect(stderr).toContain("npm run demo");
  });

  test("every missing name at once: keys, bearers of servers, secrets of webhooks, and variables at fault", async () => {
    const bff = `${BFF_YAML.replace("  acme:\n", "  acme:\n    webhooks: { header: X-Bff-Hook }\n")}  reviews-read:
    organization: acme
    permissions: [review_read]
    allow:
      GET /business/{business_id}: { fields: [id, name] }
`;
    const directory = otherConfig({
      bff,
      frontends: { "store-locator": `${FRONTEND_YAML}servers: [ssr, build.job]\n`, other: `key: reviews-read\napps: true\n` },
    });
    const wrong = { PORT: "http", PARTOO_URL: "http://api.partoo.co/v2", LOG_LEVEL: "loud", LOG_FILE: "/nowhere/log" };
    const { code, stderr } = await start(wrong, directory);
    expect(code).toBe(2);
    for (const name of [
      "PARTOO_KEY_LOCATOR_READ",
      "PARTOO_KEY_REVIEWS_READ",
      "BFF_SERVER_SSR",
      "BFF_SERVER_BUILD_JOB",
      "WEBHOOK_SECRET_ACME",
    ]) {
      expect(stderr).toMatch(new RegExp(`^  ${name} .*missing`, "m"));
    }
    for (const name of Object.keys(wrong)) expect(stderr).toMatch(new RegExp(`^  ${name}: `, "m"));
  });

  test.each([
    ["PORT", "65536"],
    ["PARTOO_URL", "https://user:secret-word@api.partoo.co/v2"],
    ["PARTOO_URL", "file:///etc/passwd"],
    ["REDIS_URL", "localhost:6379"],
    ["REDIS_URL", "http://:secret-word@localhost"],
    ["REDIS_URL", "redis://:secret-word%ss@127.0.0.1:6379"],
    ["TRUSTED_PROXY", "10.0.0.0/99"],
    ["TRUSTED_PROXY", "10.0.0.0/8/9"],
    ["DEV_ORIGINS", "http://localhost:5173/"],
    ["LOG_LEVEL", "loud"],
    ["PARTOO_KEY_LOCATOR_READ_FILE", "/nowhere/key"],
    ["LOG_FILE", "/nowhere/log"],
  ])("%s=%s is one line that names it, without what may be secret", async (name, value) => {
    const env = name.startsWith("PARTOO_KEY") ? { [name]: value } : { ...KEY, [name]: value };
    const { code, stdout, stderr } = await start(env);
    expect([code, stdout]).toEqual([2, ""]);
    expect(lines(stderr).filter((line) => line.trimStart().startsWith(name))).toHaveLength(1);
    expect(stderr).not.toContain("    at ");
    expect(stderr).not.toContain("secret-word");
  });

  test("DEV_ORIGINS is refused in production", async () => {
    const { code, stderr } = await start({ ...KEY, NODE_ENV: "production", DEV_ORIGINS: "http://localhost:5173" });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^ {2}DEV_ORIGINS: .*production/m);
  });

  test("a port in use is one line", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void other.close());
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const { code, stdout, stderr } = await start({ ...KEY, PORT: String(port) });
    expect([code, stdout, lines(stderr)]).toEqual([2, "", [`cannot listen on 127.0.0.1:${port}: the port is in use; set PORT`]]);
  });

  test("an address that is not this machine's is one line", async () => {
    const { code, stderr } = await start({ ...KEY, HOST: "203.0.113.1" });
    expect([code, lines(stderr).length]).toEqual([2, 1]);
    expect(stderr).toContain("cannot listen on 203.0.113.1:0");
  });

  test(".env is read, but not in production", async () => {
    const place = mkdtempSync(join(tmpdir(), "partoo-bff-start-"));
    onTestFinished(() => rmSync(place, { recursive: true, force: true }));
    writeFileSync(join(place, ".env"), "PORT=not-a-port\n");
    const args = ["start", "--config", config];
    expect((await runCli(args, { cwd: place, env: KEY })).stderr).toMatch(/^ {2}PORT: /m);
    const production = await runCli(args, { cwd: place, env: { ...KEY, NODE_ENV: "production", LOG_LEVEL: "loud" } });
    expect(production.stderr).not.toMatch(/PORT/);
  });
});

describe("a configuration with faults: exit 1, each fault with its place", () => {
  test("file, line and column, for every file at once", async () => {
    const directory = otherConfig({
      bff: BFF_YAML.replace("organization: acme", "organization: acne"),
      frontends: { "store-locator": FRONTEND_YAML.replace("key:", "kye:") },
    });
    const { code, stdout, stderr } = await start(KEY, directory);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/bff\.yaml:9:\d+: error /);
    expect(stderr).toMatch(/frontends\/store-locator\.yaml:1:1: error /);
  });

  test("no folder there is not a fault in it: exit 2", async () => {
    const { code, stderr } = await start(KEY, join(folder, "none"));
    expect(code).toBe(2);
    expect(stderr).toContain("none");
    expect(stderr).not.toContain("    at ");
  });

  test("an empty folder", async () => {
    const empty = join(folder, "empty");
    mkdirSync(empty);
    const { code, stderr } = await start(KEY, empty);
    expect(code).toBe(1);
    expect(stderr).toContain("bff.yaml");
  });
});

describe("the command line", () => {
  const COMMANDS = ["start", "check", "sandbox"];

  test.each(COMMANDS)("%s --help explains it: exit 0", async (command) => {
    for (const flag of ["--help", "-h"]) {
      const { code, stdout, stderr } = await runCli([command, flag]);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(new RegExp(`^${command} `));
    }
  });

  test.each([["--help"], ["-h"], ["help"]])("%s lists every command: exit 0", async (word) => {
    const { code, stdout } = await runCli([word]);
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
  });

  test("nothing: the list, exit 2", async () => {
    const { code, stdout, stderr } = await runCli([]);
    expect(code).toBe(2);
    expect(stdout + stderr).toContain("start");
  });

  test.each([["strat"], ["constructor"], ["__proto__"], [""]])("an unknown command %j: what there is, exit 2", async (word) => {
    const { code, stdout, stderr } = await runCli([word, "--config", config]);
    expect(code).toBe(2);
    expect(stdout + stderr).toContain("  check ");
  });

  test.each([
    ["start", "--confg", "x"],
    ["start", "--config"],
    ["start", "here"],
    ["check", "--jsn"],
    ["check", "--json=yes"],
    ["sandbox", "--prot", "1"],
  ])("%s %s: usage, exit 2, and no stack", async (...args) => {
    const { code, stdout, stderr } = await runCli(args, { env: KEY });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(new RegExp(`^${args[0]}\\b`, "m"));
    expect(stderr).not.toContain("    at ");
  });
});
