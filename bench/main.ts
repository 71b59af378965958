/** `npm run bench`: this version's forward path against rivals, its start-up time and its memory at rest. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, exit, stderr, stdout } from "node:process";
import { parseArgs } from "node:util";
import { measureDirectory } from "./directory.ts";
import { measureForward } from "./forward.ts";
import { describeMachine } from "./machine.ts";
import { formatReport } from "./report.ts";
import { measureStart } from "./start-up.ts";

const HELP = `node bench/main.ts [--seconds N] [--rounds N] [--runs N] [--json] [--only forward|start|directory]

  --seconds N   of load in each round of each rival (default 8; 2 is enough for a look)
  --rounds N    interleaved rounds (default 5)
  --runs N      starts that are timed (default 11)
  --json        one JSON object instead of the tables`;

const ROOT = join(import.meta.dirname, "..");

/** The shipped policy, with limits that the load does not reach. */
const FRONTEND = `key: locator-read
origins: [https://stores.acme.example]
limits: { requests: 9999999/s, misses: 9999999/s }
`;

/** Answers that must not be stored, a quota out of reach and no sweeps: each request is one call. */
function widenQuota(file: string): void {
  const shipped = readFileSync(file, "utf8");
  const widened = shipped
    .replace("quota: 300/min", "quota: 9999999/min")
    .replace("organization: acme\n", "organization: acme\n    sweep: false\n");
  if (!widened.includes("9999999/min") || !widened.includes("sweep: false")) throw new Error("config/bff.yaml has changed its form");
  writeFileSync(file, widened);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: argv.slice(2),
    options: {
      seconds: { type: "string", default: "8" },
      rounds: { type: "string", default: "5" },
      runs: { type: "string", default: "11" },
      only: { type: "string", default: "" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void stdout.write(`${HELP}\n`);
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-bench-"));
  try {
    cpSync(join(ROOT, "config"), join(directory, "config"), { recursive: true });
    writeFileSync(join(directory, "config/frontends/store-locator.yaml"), FRONTEND);
    widenQuota(join(directory, "config/bff.yaml"));
    const world = { root: ROOT, directory, progress: (line: string) => void stderr.write(`${line}\n`) };
    const pace = { seconds: Number(values.seconds), rounds: Number(values.rounds) };
    if (values.only === "directory") {
      stdout.write(`${JSON.stringify({ ...describeMachine(ROOT), directory: await measureDirectory(world, pace) }, undefined, 2)}\n`);
      return;
    }
    const forward = values.only === "start" ? [] : await measureForward(world, pace);
    const start = values.only === "forward" ? undefined : await measureStart(world, Number(values.runs));
    const results = { ...describeMachine(ROOT), forward, ...(start === undefined ? {} : { start }) };
    stdout.write(values.json ? `${JSON.stringify(results, undefined, 2)}\n` : formatReport(results));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

await main();
exit(0);
