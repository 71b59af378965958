/** `npm run fuzz`: attacks this version with generated requests, webhooks, answers of Partoo and configurations. */
import { randomInt } from "node:crypto";
import { argv, exit, stderr, stdout } from "node:process";
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.ts";

const HELP = `npm run fuzz -- [--minutes M] [--seed N] [--replay ROUND]

  --minutes M      how long (default 1)
  --seed N         the same requests and configurations again, in the same order (default: random; it is printed)
  --replay ROUND   one round again, by the seed that a failure names, against a process that has seen nothing yet

A real \`start\` with its operator's listener is attacked over raw sockets, before a Partoo that answers as it pleases. All the time: no
status 500, nothing internal in the log, the process answers plain requests; every call to Partoo is one that the configuration allows, with
our header fields and the right key; no key, token or person in an answer, a log line, a metric or a page; every answer is well-formed; every
exchange is in the log; memory stays bounded. Configurations are loaded in this process: nothing throws, every fault has its place.

A failure is printed once, with the bytes that were sent as hexadecimal digits (a space between two writes); the attack goes on, up to 20
failures. A replay that finds nothing needed what was stored before: run the whole --seed again.
Exit codes: 0 nothing found, 1 something found, 2 it could not be tried.`;

const OPTIONS = {
  minutes: { type: "string", default: "1" },
  seed: { type: "string" },
  replay: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

// Without a word of ours the attacked process would go on alone.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => exit(2));
exit(await run(argv.slice(2)));

async function run(args: readonly string[]): Promise<number> {
  const print = (text: string): void => void stdout.write(`${text}\n`);
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    if (values.help) {
      print(HELP);
      return 0;
    }
    const seed = readNumber(values.seed ?? String(randomInt(2 ** 31)));
    const replay = values.replay === undefined ? {} : { replay: readNumber(values.replay) };
    print(`seed ${seed}`);
    const { failures, memoryMb, calls } = await fuzz({ seconds: readNumber(values.minutes) * 60, seed, ...replay, print });
    print(
      `${calls} calls to Partoo, ${Math.round(memoryMb)} MB at the end; ${failures.length === 0 ? "nothing found" : `${failures.length} found`}`,
    );
    return failures.length === 0 ? 0 : 1;
  } catch (error) {
    stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
}

function readNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number) || number < 0) throw new TypeError(`"${text.slice(0, 20)}" is no number; see --help`);
  return number;
}
