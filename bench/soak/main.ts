/** `npm run soak`: whether a million visitors fit into 300 calls a minute, from a cold start, with a Redis that dies half way. */
import { argv, exit, stderr, stdout } from "node:process";
import { parseArgs } from "node:util";
import type { Window } from "./fleet.ts";
import type { RunResult } from "./run.ts";
import { PROXIES } from "./fleet.ts";
import { formatRun, judge } from "./report.ts";
import { ADDRESSES, runSoak } from "./run.ts";
import { STORES } from "./targets.ts";

const HELP = `node bench/soak/main.ts [--window rolling|aligned|both] [--seconds N] [--rate N] [--json]

Three proxies share one Redis and the quota of a local Partoo: ${PROXIES} processes, ${STORES} stores, quota 300 a minute of which 20 % stay in
reserve. Visitors at ${ADDRESSES} addresses of 127.0.1.0/24 ask for store pages and 50 city searches, as popular as Zipf's law says (s = 1), from the
moment the proxies serve, with nothing stored anywhere. Half way Redis is killed; 30 s later it is back, empty.

  --window W    how the local Partoo's minute runs: rolling, aligned to the clock, or both, one run after the other (default both)
  --seconds N   of load in each run (default 240; the third verdict needs more than 120)
  --rate N      requests a second, each at its time whatever became of the others (default 1000)
  --json        one JSON object instead of the tables

Exit codes: 0 every verdict is reached, 1 one is not, 2 the run could not be made. Needs redis-server.`;

const OPTIONS = {
  window: { type: "string", default: "both" },
  seconds: { type: "string", default: "240" },
  rate: { type: "string", default: "1000" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** @returns exit code */
async function main(signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({ args: argv.slice(2), options: OPTIONS });
  if (values.help) return (stdout.write(`${HELP}\n`), 0);
  const [windows, seconds, rate] = [readWindows(values.window), whole("--seconds", values.seconds), whole("--rate", values.rate)];
  const runs: (RunResult & { readonly verdicts: ReturnType<typeof judge> })[] = [];
  for (const window of windows) {
    const run = await runSoak({ window, seconds, rate, signal, progress: (line) => void stderr.write(`${line}\n`) });
    const verdicts = judge(run);
    runs.push({ ...run, verdicts });
    if (!values.json) stdout.write(`${formatRun(run, verdicts)}\n`);
  }
  if (values.json) stdout.write(`${JSON.stringify({ date: new Date().toISOString(), runs }, undefined, 2)}\n`);
  return runs.some(({ verdicts }) => verdicts.some(({ reached }) => reached === false)) ? 1 : 0;
}

function readWindows(text: string): readonly Window[] {
  if (text === "both") return ["rolling", "aligned"];
  if (text !== "rolling" && text !== "aligned") throw new RangeError("--window is rolling, aligned or both");
  return [text];
}

function whole(name: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new RangeError(`${name} is a whole number above 0`);
  return Number(text);
}

const stopping = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopping.abort(new Error(`stopped by ${signal}`)));
try {
  exit(await main(stopping.signal));
} catch (fault) {
  stderr.write(`soak: ${fault instanceof Error ? fault.message : String(fault)}\n`);
  exit(2);
}
