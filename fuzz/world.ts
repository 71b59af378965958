/** What is attacked: `start` as an operator runs it, in a process of its own, with the operator's listener, a log file and a hostile Partoo. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { LogTail } from "./log-tail.ts";
import type { Partoo } from "./partoo.ts";
import { createCallJudge } from "./judge-call.ts";
import { openLogTail } from "./log-tail.ts";
import { startPartoo } from "./partoo.ts";
import { findSecret, KEYS, OPERATOR_TOKEN, SERVER_TOKEN, SESSION_SECRET, WEBHOOK_SECRET } from "./secrets.ts";
import { writeWorldConfig } from "./world-config.ts";

const MAIN = join(import.meta.dirname, "../src/main.ts");
const GC_ON_SIGNAL = join(import.meta.dirname, "gc-on-signal.ts");
const SERVING = / on http:\/\/.*:(\d+)\n/;
const START_MS = 30_000;
const STOP_MS = 15_000;

export interface World {
  /** Ports by listener. */
  readonly ports: { readonly public: number; readonly operator: number };
  readonly partoo: Partoo;
  readonly log: LogTail;
  /** Whether the process is there. */
  isAlive(): boolean;
  /** Resident memory in MB, after a collection. */
  memoryMb(): Promise<number>;
  /** SIGTERM, then the end. @returns what was wrong with it */
  stop(): Promise<readonly string[]>;
}

/** @param forbidden templates that must not be called. @param onFault told at once of calls that must not have been made */
export async function startWorld(forbidden: readonly string[], onFault: (fault: string) => void): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-fuzz-"));
  const { path, allowed } = writeWorldConfig(directory);
  const partoo = await startPartoo(createCallJudge(allowed, forbidden), onFault);
  const logFile = join(directory, "log.ndjson");
  const child = launch(path, directory, { PARTOO_URL: partoo.url, LOG_FILE: logFile });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  const isAlive = (): boolean => child.exitCode === null && child.signalCode === null;

  await until(() => SERVING.test(printed) || !isAlive());
  const log = openLogTail(logFile);
  await until(() => log.read().operatorPort !== undefined || !isAlive());
  if (!isAlive()) throw new Error(`start ended instead of serving:\n${printed}`);
  return {
    ports: { public: Number(SERVING.exec(printed)?.[1]), operator: log.read().operatorPort ?? 0 },
    partoo,
    log,
    isAlive,
    async memoryMb() {
      child.kill("SIGUSR2");
      await sleep(1500);
      return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]) / 1024;
    },
    async stop() {
      const faults: string[] = [];
      const timer = setTimeout(kill, STOP_MS);
      const isOver = once(child, "close");
      child.kill("SIGTERM");
      if (isAlive()) await isOver;
      clearTimeout(timer);
      process.off("exit", kill);
      if (child.exitCode !== 0) faults.push(`the process ended with ${child.exitCode ?? child.signalCode}:\n${printed.slice(-2000)}`);
      if (findSecret(printed) !== undefined) faults.push("the process printed a secret");
      log.read();
      await partoo.close();
      rmSync(directory, { recursive: true, force: true });
      return faults;
    },
  };
}

function launch(config: string, cwd: string, variables: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, ["--expose-gc", "--import", GC_ON_SIGNAL, MAIN, "start", "--config", config], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"] ?? "",
      HOST: "127.0.0.1",
      PORT: "0",
      OPERATOR_PORT: "0",
      OPERATOR_TOKEN,
      TRUSTED_PROXY: "127.0.0.1/32",
      PARTOO_KEY_LOCATOR_READ: KEYS["locator-read"],
      PARTOO_KEY_LOOSE_READ: KEYS["loose-read"],
      BFF_SERVER_WEB: SERVER_TOKEN,
      WEBHOOK_SECRET_LOOSE: WEBHOOK_SECRET,
      SESSION_SECRETS: `k1:${SESSION_SECRET}`,
      ...variables,
    },
  });
}

async function until(question: () => boolean): Promise<void> {
  for (const end = performance.now() + START_MS; !question();) {
    if (performance.now() > end) throw new Error("the attacked process did not start in time");
    await sleep(50);
  }
}
