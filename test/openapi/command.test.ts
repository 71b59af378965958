/** The command `openapi`: what it prints, and its exit codes. */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { openapiCommand } from "../../src/commands/openapi.ts";
import { loadConfig } from "../../src/config/load.ts";
import { runCli } from "../support/cli.ts";
import { documentOf, frontendOf } from "./support.ts";
import type { Document } from "./support.ts";

async function openapi(...argv: readonly string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    stdout: (line: string) => out.push(line),
    stderr: (line: string) => err.push(line),
    env: {},
    signal: new AbortController().signal,
  };
  const code = await openapiCommand.run(argv, io);
  return { code, out: out.join("\n"), err: err.join("\n") };
}

test("prints the description of a frontend, in an empty environment", async () => {
  const { code, out, err } = await openapi("store-locator");
  expect([code, err]).toEqual([0, ""]);
  const { policy } = loadConfig("config");
  expect(JSON.parse(out)).toEqual(policy && documentOf(frontendOf(policy, "store-locator")));
});

test("takes another address for servers", async () => {
  const { out } = await openapi("store-locator", "--url", "https://bff.acme.example/store-locator");
  const { servers, info } = JSON.parse(out) as Document;
  expect(servers).toEqual([{ url: "https://bff.acme.example/store-locator" }]);
  expect(info.version).toBe((JSON.parse((await openapi("store-locator")).out) as Document).info.version);
});

test("answers 1 to a name that no frontend has, with the one that was meant", async () => {
  expect(await openapi("store-locater")).toEqual({
    code: 1,
    out: "",
    err: 'There is no frontend "store-locater": did you mean "store-locator"?',
  });
});

test.each([[[]], [["one", "two"]]])("answers 2 to %j, and says how it is used", async (argv) => {
  const { code, out, err } = await openapi(...argv);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain("openapi store-locator");
});

test("answers 2 to a configuration with errors, and lists them", async () => {
  const { code, out, err } = await openapi("site", "--config", "test/fixtures/config/field-unknown");
  expect([code, out]).toEqual([2, ""]);
  expect(err).toMatch(/^test\/fixtures\/config\/field-unknown\/bff\.yaml:14:13: error field-unknown: /);
});

test("stands in the list of commands, and refuses options that it does not have", async () => {
  const [help, wrong] = await Promise.all([runCli(["--help"]), runCli(["openapi", "--yaml"])]);
  expect(help.stdout).toMatch(/^ {2}openapi {3}describe what a frontend may call/m);
  expect([wrong.code, wrong.stdout]).toEqual([2, ""]);
});

test("a slow reader of a pipe gets all of it", () => {
  const node = JSON.stringify(process.execPath);
  const whole = execFileSync(process.execPath, ["src/main.ts", "openapi", "store-locator"], { encoding: "utf8" });
  const piped = execFileSync("sh", ["-c", `${node} src/main.ts openapi store-locator | (sleep 0.5; cat)`], { encoding: "utf8" });
  expect(piped.length).toBe(whole.length);
  expect(whole.length).toBeGreaterThan(65_536);
});
