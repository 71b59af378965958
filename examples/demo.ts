/** `npm run demo`: the local Partoo, the proxy over the shipped config/ and the example store locator, until Ctrl-C. Nothing leaves this machine. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startPage } from "./demo/page.ts";
import { loadConfig } from "../src/config/load.ts";
import { keyVariables } from "../src/keys.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const READY_TIMEOUT_MS = 20_000;
const KEY_BYTES = 16;
const ORPHAN_CHECK_MS = 500;

if (process.argv.includes("--help")) {
  process.stdout.write(
    "npm run demo: a local Partoo, the proxy and a store locator, until Ctrl-C. PORT (8080), SANDBOX_PORT (8081) and OPERATOR_PORT (9090) choose other ports.\n",
  );
  process.exit(0);
}

const ports = {
  proxy: process.env["PORT"] ?? "8080",
  sandbox: process.env["SANDBOX_PORT"] ?? "8081",
  operator: process.env["OPERATOR_PORT"] ?? "9090",
};
const addresses = { proxy: `http://localhost:${ports.proxy}`, sandbox: `http://localhost:${ports.sandbox}` };

/** What the two processes print; gone with the demo. */
const folder = mkdtempSync(join(tmpdir(), "partoo-bff-demo-"));

/** One line on standard output. */
function say(line = ""): void {
  process.stdout.write(`${line}\n`);
}

/** A made-up value for every key of the shipped configuration; the sandbox accepts them, Partoo would not. */
function makeUpKeys(): Record<string, string> {
  const { policy } = loadConfig(join(ROOT, "config"));
  const names = [...(policy?.keys.keys() ?? [])];
  return Object.fromEntries(names.map((name) => [keyVariables(name).value, `demo-${randomBytes(KEY_BYTES).toString("hex")}`]));
}

/** Starts a command of ours; what it prints goes to a file. */
function start(name: string, args: readonly string[], env: Readonly<Record<string, string>>): { child: ChildProcess; output: string } {
  const output = join(folder, `${name}.log`);
  const file = openSync(output, "a");
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: ROOT, env: { ...process.env, ...env }, stdio: ["ignore", file, file] });
  closeSync(file);
  return { child, output };
}

/** @param origin of a page that may read there */
async function untilReady(
  name: string,
  { url, origin = "" }: { readonly url: string; readonly origin?: string },
  running: { child: ChildProcess; output: string },
): Promise<void> {
  const giveUp = AbortSignal.timeout(READY_TIMEOUT_MS);
  while (!giveUp.aborted && running.child.exitCode === null) {
    const answer = await fetch(url, { signal: giveUp, headers: origin === "" ? {} : { origin } }).catch(() => undefined);
    // Whatever else it says, such as that a session is needed: it is there.
    if (answer !== undefined && answer.status !== 503) return;
    await sleep(50);
  }
  throw new Error(`the ${name} did not start:\n${lastWords(running)}`);
}

function introduce(page: string, log: string): void {
  const path = "/store-locator/v2/business/search?city=Paris";
  const origin = "https://stores.acme.example";
  say("partoo-bff demo: everything runs on this machine, with made-up stores");
  say();
  say(`  page      ${page}   (the example store locator)`);
  say(`  proxy     ${addresses.proxy}`);
  say(`  sandbox   ${addresses.sandbox}/v2   (counts calls: ${addresses.sandbox}/_sandbox/counters)`);
  say(`  operator  http://localhost:${ports.operator}/   (what was refused and why, the quota, what is stored)`);
  say(`  Origin    ${origin}`);
  say(`  log       ${log}`);
  say();
  say("Allowed: stores of Paris, without names and e-mails of staff");
  say(`  curl -H 'Origin: ${origin}' '${addresses.proxy}${path}'`);
  say("Refused: a path that is not on the list");
  say(`  curl -H 'Origin: ${origin}' '${addresses.proxy}/store-locator/v2/api_keys'`);
  say("Refused: a page from elsewhere");
  say(`  curl -H 'Origin: https://elsewhere.example' '${addresses.proxy}${path}'`);
  say();
  say("Ctrl-C ends all of it.");
}

/** npm's shell does not pass signals on: when it has gone, the demo ends too. */
async function orphaned(): Promise<void> {
  const parent = process.ppid;
  while (process.ppid === parent) await sleep(ORPHAN_CHECK_MS, undefined, { ref: false });
}

async function stop(children: readonly ChildProcess[]): Promise<void> {
  const running = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  const ended = running.map((child) => once(child, "exit"));
  for (const child of running) child.kill("SIGTERM");
  await Promise.all(ended);
}

/** @throws when somebody else listens there: their answers would pass for ours */
async function checkFree(name: string, port: string): Promise<void> {
  const server = createServer().listen(Number(port), "127.0.0.1");
  await once(server, "listening").catch(() => {
    throw new Error(`port ${port} is in use: choose another one with ${name}`);
  });
  await once(server.close(), "close");
}

/** What a child that ended by itself said last. */
function lastWords({ output }: { readonly output: string }): string {
  return readFileSync(output, "utf8").trim().split("\n").slice(-3).join("\n");
}

async function main(): Promise<number> {
  const interrupted = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM"), orphaned()]).then(() => 0);
  await checkFree("PORT", ports.proxy);
  await checkFree("SANDBOX_PORT", ports.sandbox);
  await checkFree("OPERATOR_PORT", ports.operator);
  const page = await startPage(addresses.proxy);
  const keys = makeUpKeys();
  const sandbox = start("sandbox", ["sandbox", "--port", ports.sandbox], keys);
  const proxy = start("proxy", ["start"], {
    ...keys,
    HOST: "127.0.0.1",
    PORT: ports.proxy,
    OPERATOR_HOST: "127.0.0.1",
    OPERATOR_PORT: ports.operator,
    PARTOO_URL: `http://127.0.0.1:${ports.sandbox}/v2`,
    DEV_ORIGINS: [page.origin, process.env["DEV_ORIGINS"]].filter(Boolean).join(","),
    NODE_ENV: "development",
  });
  const children = [sandbox.child, proxy.child];
  try {
    await untilReady("sandbox", { url: `${addresses.sandbox}/_sandbox/counters` }, sandbox);
    await untilReady("proxy", { url: `${addresses.proxy}/readyz` }, proxy);
    await untilReady("proxy", { url: `${addresses.proxy}/store-locator/stores/all`, origin: page.origin }, proxy);
    introduce(page.origin, proxy.output);
    const failed = [sandbox, proxy].map(async (running) => {
      await once(running.child, "exit");
      throw new Error(`it ended by itself:\n${lastWords(running)}`);
    });
    return await Promise.race([interrupted, ...failed]);
  } finally {
    await stop(children);
    page.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A reader of our output that goes away must not leave the two processes behind. */
process.stdout.on("error", () => undefined);
process.exitCode = await main().catch((fault: unknown) => {
  process.stderr.write(`${(fault as Error).message}\n`);
  return 1;
});
