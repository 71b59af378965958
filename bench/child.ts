/** Server processes of the bench: pinned to one core where taskset is installed, or left to the system. */
import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { availableParallelism } from "node:os";
import { env, execPath, stderr } from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { processorMicroseconds, residentMb } from "./proc.ts";

const CAN_PIN = availableParallelism() > 1 && spawnSync("taskset", ["--version"]).status === 0;
/** Longer than a server may take to drain. */
const KILL_AFTER_MS = 15_000;
/** How long a server that prints no address may take until it accepts connections. */
const LISTEN_MS = 15_000;
const LISTEN_LOOK_MS = 50;
/** Ends the line: a server may also print where its upstream is. */
const ADDRESS = /http:\/\/127\.0\.0\.1:(\d+)$/;

/** A running server. */
export interface Child {
  readonly port: number;
  /** Resident memory in MB (10⁶ bytes); undefined where /proc is missing. */
  residentMb(): number | undefined;
  /** Processor time used so far by all its threads and children, in µs, in steps of a hundredth of a second; NaN where /proc is missing. */
  processorMicroseconds(): number;
  /** SIGTERM, and SIGKILL where that does not help. Resolves when the process has ended. */
  stop(): Promise<void>;
}

export interface ChildOptions {
  /** Arguments of node. */
  readonly args: readonly string[];
  /** undefined: any. */
  readonly core?: number;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Of the line that tells the port, as its first group. Default: one that ends in the address. */
  readonly address?: RegExp;
}

/** A server that is not ours: it listens where it was told to, and says nothing. */
export interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly core: number;
  readonly port: number;
}

/** @returns command and arguments, pinned to a core where that is possible */
export function pinned(core: number | undefined, command: string, args: readonly string[]): readonly [string, string[]] {
  return CAN_PIN && core !== undefined ? ["taskset", ["-c", String(core), command, ...args]] : [command, [...args]];
}

/** Starts a server in Node that prints its address. @throws Error with what it printed when it ends instead */
export async function startChild(options: ChildOptions): Promise<Child> {
  const [command, args] = pinned(options.core, execPath, options.args);
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { PATH: env["PATH"], ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stderr.pipe(stderr);
  const port = await Promise.any([child.stdout, child.stderr].map((stream) => readPort(stream, options.address ?? ADDRESS))).catch(() => {
    throw new Error(`${child.spawnargs.join(" ")} ended before it printed its address`);
  });
  return running(child, port);
}

/** Starts any other server. @throws Error when it ends, or accepts no connection for 15 s */
export async function startProgram({ command, args, core, port }: ProgramOptions): Promise<Child> {
  const child = spawn(...pinned(core, command, args), { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (text: Buffer) => (said += text.toString()));
  for (const end = performance.now() + LISTEN_MS; !(await accepts(port)); await sleep(LISTEN_LOOK_MS)) {
    if (child.exitCode === null && performance.now() < end) continue;
    await stopProcess(child);
    throw new Error(`${command} does not serve: ${said}`);
  }
  return running(child, port);
}

/** SIGTERM, and SIGKILL where that does not help. Resolves when the process has ended, at once when it had. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const kill = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS);
  await ended;
  clearTimeout(kill);
}

function running(child: ChildProcess, port: number): Child {
  return {
    port,
    residentMb: () => residentMb(child.pid),
    processorMicroseconds: () => processorMicroseconds(child.pid),
    stop: () => stopProcess(child),
  };
}

/** @throws when the stream ends without an address */
async function readPort(input: Readable, address: RegExp): Promise<number> {
  for await (const line of createInterface(input)) {
    const port = address.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error("no address");
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
