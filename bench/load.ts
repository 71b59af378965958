/** The load: wrk where it is installed, else autocannon; pinned to its own core. Keeps a fixed number of requests in flight. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { execPath } from "node:process";
import { promisify } from "node:util";
import { pinned } from "./child.ts";
import { isInstalled } from "./tools.ts";
import { CORE } from "./world.ts";

const NO_WRK = "wrk is not installed (apt-get install wrk)";
const HAS_WRK = isInstalled("wrk");
const WRK_SCRIPT = join(import.meta.dirname, "wrk.lua");
const AUTOCANNON = join(import.meta.dirname, "../node_modules/autocannon/autocannon.js");

export const LOAD_TOOL = HAS_WRK ? "wrk" : "autocannon";

/** Why what takes many targets is left out; undefined: it is not. */
export const WRK_ABSENCE = HAS_WRK ? undefined : NO_WRK;

export interface LoadOptions {
  readonly url: string;
  readonly seconds: number;
  readonly fields: Readonly<Record<string, string>>;
  /** Each with one request in flight. */
  readonly connections: number;
  /** Asked for in turn in place of the URL's own path. Needs wrk. */
  readonly targets?: Targets;
}

/** For bench/wrk.lua. */
export interface Targets {
  /** Request targets, one a line; `{position}` in them becomes another position each time. */
  readonly file: string;
  /** The same seed gives the same positions. */
  readonly seed: number;
}

/** One round of load. */
export interface Sample {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of an answer as it was sent, its fields included; mean. */
  readonly bytes: number;
}

/** @throws Error when an answer was not 2xx or a connection failed: then the figures mean nothing */
export async function runLoad(options: LoadOptions): Promise<Sample> {
  return HAS_WRK ? runWrk(options) : runAutocannon(options);
}

/** What bench/wrk.lua prints. */
interface WrkReport extends Readonly<Record<"requests" | "microseconds" | "p50" | "p99" | "bytes", number>> {
  /** By kind. */
  readonly errors: Readonly<Record<string, number>>;
}

async function runWrk({ url, seconds, fields, connections, targets }: LoadOptions): Promise<Sample> {
  const lines = Object.entries(fields).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const order = targets === undefined ? [] : ["--", targets.file, String(targets.seed)];
  const output = await run("wrk", ["-t1", `-c${connections}`, `-d${seconds}s`, "-s", WRK_SCRIPT, ...lines, url, ...order]);
  const measured = JSON.parse(output.trim().split("\n").at(-1) ?? "") as WrkReport;
  const { requests, microseconds, p50, p99, bytes } = measured;
  refuseErrors(targets === undefined ? url : `${url} of ${targets.file}`, measured.errors);
  return { requests, requestsPerSecond: requests / (microseconds / 1e6), p50Ms: p50 / 1000, p99Ms: p99 / 1000, bytes: bytes / requests };
}

async function runAutocannon({ url, seconds, fields, connections, targets }: LoadOptions): Promise<Sample> {
  if (targets !== undefined) throw new Error(NO_WRK);
  const lines = Object.entries(fields).flatMap(([name, value]) => ["-H", `${name}=${value}`]);
  const output = await run(execPath, [AUTOCANNON, "-j", "-n", "-c", String(connections), "-d", String(seconds), ...lines, url]);
  const { requests, duration, latency, throughput, errors, non2xx } = JSON.parse(output) as {
    readonly requests: { readonly total: number };
    readonly throughput: { readonly total: number };
    readonly latency: { readonly p50: number; readonly p99: number };
    readonly duration: number;
    readonly errors: number;
    readonly non2xx: number;
  };
  refuseErrors(url, { connection: errors, status: non2xx });
  const { total } = requests;
  return { requests: total, requestsPerSecond: total / duration, p50Ms: latency.p50, p99Ms: latency.p99, bytes: throughput.total / total };
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(...pinned(CORE.load, command, args));
  return stdout;
}

function refuseErrors(what: string, errors: Readonly<Record<string, number>>): void {
  const counts = Object.entries(errors).filter(([, count]) => count > 0);
  if (counts.length > 0) throw new Error(`requests to ${what} failed: ${counts.map(([kind, count]) => `${kind} ${count}`).join(", ")}`);
}
