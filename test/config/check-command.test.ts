/** The command `check`: what it prints, and its exit codes (0 yes, 1 no, 2 usage or I/O). */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkCommand } from "../../src/commands/check.ts";
import { runCli } from "../support/cli.ts";
import { BFF_YAML, FRONTEND_YAML, writeConfig } from "../support/proxy.ts";

async function check(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    stdout: (line: string) => out.push(line),
    stderr: (line: string) => err.push(line),
    env,
    signal: new AbortController().signal,
  };
  const code = await checkCommand.run(argv, io);
  return { code, out: out.join("\n"), err: err.join("\n") };
}

const BROKEN = "test/fixtures/config/field-unknown";

test("says nothing about the shipped configuration, in an empty environment", async () => {
  expect(await check([])).toEqual({ code: 0, out: "", err: "" });
  expect(await check(["--json"])).toEqual({ code: 0, out: "[]", err: "" });
});

test("begins an error with its place, and answers 1", async () => {
  const { code, out, err } = await check(["--config", BROKEN]);
  expect(code).toBe(1);
  expect(out).toMatch(/^test\/fixtures\/config\/field-unknown\/bff\.yaml:14:13: error field-unknown: /);
  expect(err).toBe("");
});

test("gives the same as JSON", async () => {
  const { code, out } = await check(["--config", BROKEN, "--json"]);
  expect(code).toBe(1);
  expect(JSON.parse(out)).toEqual([
    {
      file: "test/fixtures/config/field-unknown/bff.yaml",
      line: 14,
      column: 13,
      severity: "error",
      code: "field-unknown",
      message: '"adress_full" is no field of GET /business/search',
      hint: 'did you mean "address_full"?',
    },
  ]);
});

test("prints a warning and answers 0", async () => {
  const { code, out } = await check(["--config", "test/fixtures/config/warn-key-unused"]);
  expect(code).toBe(0);
  expect(out).toContain("bff.yaml:13:3: warning key-unused: ");
});

test("answers 2 for a directory that is not there, with one clear line", async () => {
  const { code, out, err } = await check(["--config", "nowhere"]);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain("nowhere:1:1: error directory-unreadable: this directory can't be read (it does not exist)");
});

test("leaves an unknown option to the caller as a usage fault", async () => {
  await expect(check(["--confg", "x"])).rejects.toMatchObject({ code: "ERR_PARSE_ARGS_UNKNOWN_OPTION" });
});

test("never prints what looks like a key", async () => {
  for (const argv of [
    ["--config", "test/fixtures/config/secret-value"],
    ["--config", "test/fixtures/config/secret-value", "--json"],
  ]) {
    const { code, out } = await check(argv);
    expect(code).toBe(1);
    expect(out).not.toContain("8f3a91c0");
  }
});

describe("a secret that stands on an offending line is not printed", () => {
  const SECRET = "hunter2pass";
  test.each([
    ["under a name of its own", `    api_key: ${SECRET}\n`],
    ["under key, which has no place there", `    key: ${SECRET}\n`],
    ["in quotes", `    "api-key": "${SECRET}"\n`],
    ["in several lines", `    secret: "${SECRET}\n      ${SECRET}"\n`],
    ["in a list", `    tokens: [${SECRET}]\n`],
    ["in a comment behind a name", `    feilds: 1 # password: ${SECRET}\n`],
    ["in a line that is not YAML", `    api_key: ${SECRET}: x\n`],
    ["beside another fault", `    webhooks: { token: ${SECRET}, feilds: 1 }\n`],
    ["under permissions, without a digit", `    permissions: [review_read, abcdefghijklmnopqrstuvwxyzabcdef]\n`, "ghijkl"],
    ["twice under permissions", `    permissions: [kQwErTyUiOpAsDfGhJkLzXcVbNmQwErT, kQwErTyUiOpAsDfGhJkLzXcVbNmQwErT]\n`, "TyUiOp"],
  ])("%s", async (_where, lines, secret = SECRET) => {
    const folder = mkdtempSync(join(tmpdir(), "check-"));
    const bff = BFF_YAML.replace(/ {4}permissions: .*\n/, "").replace("    allow:\n", () => `${lines}    allow:\n`);
    for (const json of [[], ["--json"]]) {
      const { code, out } = await check(["--config", writeConfig(folder, { bff }), ...json]);
      expect(code).toBe(1);
      expect(out).toMatch(/(option-unknown|yaml-syntax|secret-in-config)/);
      expect(out).not.toContain(secret);
    }
    rmSync(folder, { recursive: true });
  });
});

describe("--secrets", () => {
  const KEY = "canary-8f3a91c07be24d65a1f09c3e7b82d4f6";

  test("names the variables of a key without a value, at the key's line", async () => {
    const { code, out } = await check(["--secrets"]);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^config\/bff\.yaml:15:3: error secret-missing: PARTOO_KEY_LOCATOR_READ \(or PARTOO_KEY_LOCATOR_READ_FILE\) is missing/,
    );
  });

  test("is content with a variable, or with a file, and prints neither", async () => {
    const folder = mkdtempSync(join(tmpdir(), "check-"));
    writeFileSync(join(folder, "key"), `${KEY}\n`);
    expect(await check(["--secrets"], { PARTOO_KEY_LOCATOR_READ: KEY })).toEqual({ code: 0, out: "", err: "" });
    expect(await check(["--secrets"], { PARTOO_KEY_LOCATOR_READ_FILE: join(folder, "key") })).toEqual({ code: 0, out: "", err: "" });
    rmSync(folder, { recursive: true });
  });

  test("names the variable of webhooks whose header has no secret, or a short one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "check-"));
    const bff = BFF_YAML.replace("  acme:\n", "  acme:\n    webhooks: { header: X-Bff-Hook }\n");
    const config = ["--config", writeConfig(folder, { bff }), "--secrets"];
    for (const secret of ["", "fifteen-letters"]) {
      const { code, out } = await check(config, { PARTOO_KEY_LOCATOR_READ: KEY, WEBHOOK_SECRET_ACME: secret });
      expect([code, out]).toEqual([
        1,
        expect.stringMatching(/bff\.yaml:4:5: error secret-missing: WEBHOOK_SECRET_ACME is missing or shorter than 16 /),
      ]);
    }
    expect((await check(config, { PARTOO_KEY_LOCATOR_READ: KEY, WEBHOOK_SECRET_ACME: "sixteen-letters-" })).code).toBe(0);
    rmSync(folder, { recursive: true });
  });

  test("refuses an empty variable, a file that is not there, and both at once", async () => {
    expect((await check(["--secrets"], { PARTOO_KEY_LOCATOR_READ: " " })).code).toBe(1);
    expect((await check(["--secrets"], { PARTOO_KEY_LOCATOR_READ_FILE: "/nowhere/key" })).out).toContain("can't be read");
    const both = await check(["--secrets"], { PARTOO_KEY_LOCATOR_READ: KEY, PARTOO_KEY_LOCATOR_READ_FILE: "/nowhere/key" });
    expect(both.code).toBe(1);
    expect(both.out).not.toContain(KEY);
  });

  const TOKEN = "canary-token-51d0c2b7";
  test.each([
    ["a key with a space inside", { PARTOO_KEY_LOCATOR_READ: `${KEY} x` }],
    ["a key with an accent", { PARTOO_KEY_LOCATOR_READ: `${KEY}é` }],
    ["a next key of two lines", { PARTOO_KEY_LOCATOR_READ: KEY, PARTOO_KEY_LOCATOR_READ_NEXT: `${KEY}\n${KEY}` }],
    ["a file that is a folder", { PARTOO_KEY_LOCATOR_READ: "", PARTOO_KEY_LOCATOR_READ_FILE: "/" }],
    ["no secret of sessions", { NODE_ENV: "production", SESSION_SECRETS: "" }],
    ["a short secret of sessions", { SESSION_SECRETS: "a:canary-secret" }],
    ["no token", { BFF_SERVER_SSR: "" }],
    ["a short token", { BFF_SERVER_SSR: "canary-token" }],
    ["a token with a space inside", { BFF_SERVER_SSR: `${TOKEN} x` }],
    ["a webhook secret with a line break inside", { WEBHOOK_SECRET_ACME: `${TOKEN}\n${TOKEN}` }],
  ])("refuses %s, as start does, and prints no value", async (_what, wrong) => {
    const folder = mkdtempSync(join(tmpdir(), "check-"));
    const bff = BFF_YAML.replace("  acme:\n", "  acme:\n    webhooks: { header: X-Bff-Hook }\n");
    const config = [
      "--config",
      writeConfig(folder, { bff, frontends: { "store-locator": `${FRONTEND_YAML}servers: [ssr]\nsession: on-miss\n` } }),
    ];
    const right = {
      PARTOO_KEY_LOCATOR_READ: KEY,
      BFF_SERVER_SSR: TOKEN,
      WEBHOOK_SECRET_ACME: TOKEN,
      SESSION_SECRETS: `a:${"canary".repeat(9)}`,
    };
    expect((await check([...config, "--secrets"], right)).out).toBe("");
    const { code, out } = await check([...config, "--secrets"], { ...right, ...wrong });
    expect([code, out]).toEqual([1, expect.stringMatching(/^\S+\.yaml:\d+:\d+: error secret-missing: /)]);
    expect(out).toContain(Object.keys(wrong).at(-1));
    expect(out).not.toContain("canary");
    const started = await runCli(["start", ...config], { env: { ...right, ...wrong } });
    expect(started.code).toBe(2);
    const [, message = "none"] = /secret-missing: (.*)/.exec(out) ?? [];
    expect(started.stderr).toContain(message);
    rmSync(folder, { recursive: true });
  });

  test("asks for no value of a key that no frontend uses, as start does", async () => {
    expect((await check(["--config", "test/fixtures/config/warn-key-unused", "--secrets"], { PARTOO_KEY_READER: KEY })).code).toBe(0);
  });
});
