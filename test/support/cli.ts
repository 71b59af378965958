/** The command line as an operator runs it: a child process of its own, with an environment in which nothing is inherited by chance. */
import type { ChildProcess } from "node:child_process";
import type { ProxyOptions } from "./proxy.ts";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startVariables, writeConfig } from "./proxy.ts";

const MAIN = join(import.meta.dirname, "../../src/main.ts");
/** What `start` prints on standard error when it listens. */
const SERVING = / on http:\/\/.*:(\d+)\n/;

export interface CliResult {
  /** null: ended by a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Default: a folder in which there is nothing. */
  readonly cwd?: string;
}

/** Runs `src/main.ts` with these arguments to its end. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return launch(args, options).ended;
}

/** All that `start` prints on standard error when nothing is wrong. */
export const SERVED = /^partoo-bff serves .*\n$/;

/** A line of the log, parsed. */
export type LogLine = Readonly<Record<string, unknown>>;

export interface ServerProcess {
  readonly port: number;
  readonly url: string;
  readonly pid: number;
  /** The configuration that it serves. */
  readonly config: string;
  /** Resolves when the process has ended. */
  readonly ended: Promise<CliResult>;
  /** What both streams have held so far. */
  printed(): string;
  /** Lines of the log so far; the last second may be missing while the process runs. */
  log(): readonly LogLine[];
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, then the end. */
  stop(): Promise<CliResult>;
}

/** `start` over a configuration written for the test. @throws Error with what it printed when it ends instead of serving */
export async function startServerProcess(options: ProxyOptions): Promise<ServerProcess> {
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-cli-"));
  const logFile = join(directory, "log.ndjson");
  const config = writeConfig(directory, options);
  const { child, ended, output } = launch(["start", "--config", config], {
    cwd: directory,
    env: startVariables(options, logFile),
  });
  await until(() => output.ended || SERVING.test(output.stderr));
  const port = Number(SERVING.exec(output.stderr)?.[1]);
  if (Number.isNaN(port)) throw new Error(`start ended instead of serving:\n${output.stderr}`);
  let lines: readonly LogLine[] | undefined;
  const finished = ended.then((result) => {
    lines = readLog(logFile);
    rmSync(directory, { recursive: true, force: true });
    return result;
  });
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    config,
    ended: finished,
    printed: () => output.stdout + output.stderr,
    log: () => lines ?? readLog(logFile),
    signal: (name) => void child.kill(name),
    stop() {
      child.kill("SIGTERM");
      return finished;
    },
  };
}

/** Asks again and again until the answer is yes; the test's own time-out is the bound. */
export async function until(question: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await question())) await sleep(50);
}

interface Launched {
  readonly child: ChildProcess;
  readonly output: { stdout: string; stderr: string; ended: boolean };
  readonly ended: Promise<CliResult>;
}

function launch(args: readonly string[], { env = {}, cwd }: CliOptions): Launched {
  const empty = cwd === undefined ? mkdtempSync(join(tmpdir(), "partoo-bff-cwd-")) : undefined;
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: cwd ?? empty,
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "", ended: false };
  for (const name of ["stdout", "stderr"] as const) child[name].on("data", (chunk: Buffer) => (output[name] += chunk.toString()));
  const ended = once(child, "close").then(([code]) => {
    if (empty !== undefined) rmSync(empty, { recursive: true, force: true });
    output.ended = true;
    return { code: code as number | null, stdout: output.stdout, stderr: output.stderr };
  });
  return { child, output, ended };
}

function readLog(file: string): readonly LogLine[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as LogLine);
}
