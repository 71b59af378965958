/** Server processes of the bench: pinned to one core where taskset is installed, or left to the system. */
import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { env, execPath, stderr } from "node:process";
import { createInterface } from "node:readline";

const CAN_PIN = availableParallelism() > 1 && spawnSync("taskset", ["--version"]).status === 0;
const MICROSECONDS_PER_TICK = 10_000;
/** Longer than a server may take to drain. */
const KILL_AFTER_MS = 15_000;
/** Ends the line: a server may also print where its upstream is. */
const ADDRESS = /http:\/\/127\.0\.0\.1:(\d+)$/;

/** A running server. */
export interface Child {
  readonly port: number;
  /** Resident memory in MB (10⁶ bytes); undefined where /proc is missing. */
  residentMb(): number | undefined;
  /** Processor time used so far by all its threads, in µs, in steps of a hundredth of a second; NaN where /proc is missing. */
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

/** @returns command and arguments, pinned to a core where that is possible */
export function pinned(core: number | undefined, command: string, args: readonly string[]): readonly [string, string[]] {
  return CAN_PIN && core !== undefined ? ["taskset", ["-c", String(core), command, ...args]] : [command, [...args]];
}

/** Starts a server that prints its address. @throws Error with what it printed when it ends instead */
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
  return {
    port,
    residentMb: () => residentMb(child.pid),
    processorMicroseconds: () => processorMicroseconds(child.pid),
    stop: () => stopProcess(child),
  };
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

/** @throws when the stream ends without an address */
async function readPort(input: Readable, address: RegExp): Promise<number> {
  for await (const line of createInterface(input)) {
    const port = address.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error("no address");
}

function residentMb(pid: number | undefined): number | undefined {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kibibytes === undefined ? undefined : (Number(kibibytes) * 1024) / 1e6;
  } catch {
    return undefined;
  }
}

/** User and system time, fields 14 and 15 of proc_pid_stat(5), counted after the name in brackets. */
function processorMicroseconds(pid: number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK;
  } catch {
    return Number.NaN;
  }
}
