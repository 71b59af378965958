/** `npm run bench`: this version against rivals, side by side, and its figures beside the goals. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, exit, stderr, stdout } from "node:process";
import { parseArgs } from "node:util";
import type { Measured } from "./goals.ts";
import type { Effort, World } from "./world.ts";
import { measureCached } from "./cached.ts";
import { copyConfiguration, NO_SWEEP } from "./configuration.ts";
import { measureDirectory } from "./directory.ts";
import { measureForgeries } from "./forgeries.ts";
import { measureForward } from "./forward.ts";
import { judgeGoals } from "./goals.ts";
import { describeMachine } from "./machine.ts";
import { measurePage } from "./page.ts";
import { formatReport } from "./report.ts";
import { measureStampede } from "./stampede.ts";
import { measureStart } from "./start-up.ts";

const HELP = `node bench/main.ts [--only ROW,ROW…] [--seconds N] [--rounds N] [--runs N] [--json]

  --only ROWS   some of: cached (a stored answer against a bare node:http server, nginx and Varnish), forward (a call for each request,
                against other proxies), stampede (1,000 identical misses at once), page (bytes of 50 stores), start (to ready; memory at rest),
                directory (50,000 stores read within 300 calls a minute, an edit that shows, and what questions cost; ten minutes),
                forgeries (of sessions: what each costs)
  --seconds N   of load in each round of each rival (default 8; 2 is enough for a look)
  --rounds N    interleaved rounds (default 5)
  --runs N      starts that are timed (default 11)
  --json        one JSON object instead of the tables

nginx, Varnish and wrk take part where they are installed (Debian: apt-get install nginx-light varnish wrk); autocannon stands in for wrk.
Many visitors and 300 calls a minute: npm run soak. Exit codes: 0 measured, whatever the figures, 2 it could not be measured.`;

const OPTIONS = {
  only: { type: "string", default: "cached,forward,stampede,page,start,directory,forgeries" },
  seconds: { type: "string", default: "8" },
  rounds: { type: "string", default: "5" },
  runs: { type: "string", default: "11" },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

const ROOT = join(import.meta.dirname, "..");

/** One part of the bench. */
type Measure = (world: World, effort: Effort & { readonly runs: number }) => Promise<Measured>;

const ROWS: Readonly<Record<string, Measure>> = {
  cached: async (world, effort) => ({ cached: await measureCached(world, effort) }),
  forward: async (world, effort) => ({ forward: await measureForward(world, effort) }),
  stampede: async (world, effort) => ({ stampede: await measureStampede(world, effort) }),
  page: async (world) => ({ page: await measurePage(world) }),
  start: async (world, { runs }) => ({ start: await measureStart(world, runs) }),
  directory: async (world, effort) => ({ directory: await measureDirectory(world, effort) }),
  forgeries: async (world, effort) => ({ forgeries: await measureForgeries(world, effort) }),
};

/** @returns exit code */
async function main(): Promise<number> {
  const { values } = parseArgs({ args: argv.slice(2), options: OPTIONS });
  if (values.help) return (stdout.write(`${HELP}\n`), 0);
  const rows = values.only.split(",").map(readRow);
  const effort = {
    seconds: whole("--seconds", values.seconds),
    rounds: whole("--rounds", values.rounds),
    runs: whole("--runs", values.runs),
  };
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-bench-"));
  try {
    copyConfiguration(ROOT, join(directory, "config"), NO_SWEEP);
    const world: World = { root: ROOT, directory, progress: (line) => void stderr.write(`${line}\n`) };
    let measured: Measured = {};
    for (const row of rows) measured = { ...measured, ...(await row(world, effort)) };
    const results = { ...describeMachine(ROOT), ...measured, goals: judgeGoals(measured) };
    stdout.write(values.json ? `${JSON.stringify(results, undefined, 2)}\n` : formatReport(results));
    return 0;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function readRow(name: string): Measure {
  const measure = ROWS[name];
  if (measure === undefined) throw new Error(`--only takes ${Object.keys(ROWS).join(", ")}; not ${name}`);
  return measure;
}

function whole(option: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`${option} takes a whole number above 0`);
  return Number(text);
}

try {
  exit(await main());
} catch (error) {
  stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  exit(2);
}
