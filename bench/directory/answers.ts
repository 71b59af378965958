/** What an answer of the directory costs, beside a stored one of about the same size: the whole server, with every check and its log. */
import { writeFileSync } from "node:fs";
import { Agent } from "node:http";
import { join } from "node:path";
import type { ConfigurationChanges } from "../configuration.ts";
import type { Sample } from "../load.ts";
import type { Effort, World } from "../world.ts";
import type { Running } from "./running.ts";
import { UNLIMITED_FRONTEND } from "../configuration.ts";
import { createBrood } from "../contest.ts";
import { runLoad } from "../load.ts";
import { median } from "../statistics.ts";
import { BROWSER_FIELDS, ORIGIN } from "../world.ts";
import { awaitAnswer, LISTS, startOverStores, STORES } from "./running.ts";
import { NEAR_TARGETS, newWordTargets, OPEN_TARGETS, storeTargets, wordTargets } from "./targets.ts";

const NAME = "answers";
const CONNECTIONS = 16;
const WARM_UP_SECONDS = 2;
/** No sweep, and no refresh of what is stored, may fall into a round. */
export const CONFIGURATION: ConfigurationChanges = {
  replace: [
    ["bff.yaml", "quota: 300/min", "quota: 9999999/min"],
    ["bff.yaml", "instances: 2", "instances: 1"],
    ["bff.yaml", "cache: 10m", "cache: 1d"],
  ],
  frontend: `${UNLIMITED_FRONTEND}stores: true\n`,
};
/** The most that the sandbox takes. */
const LIMIT = 1_000_000;

/** Stored first: the others are compared with it. */
const QUESTIONS = ["stored", "near", "near, open now", "words", "words, each new"] as const;
const CODINGS = {
  none: { origin: ORIGIN },
  "as a browser asks": BROWSER_FIELDS,
} as const;

/** Of one turn, in its order. */
const ENTRIES = (["none", "as a browser asks"] as const).flatMap((coding) => QUESTIONS.map((question) => ({ coding, question })));

export type Question = (typeof QUESTIONS)[number];
export type Coding = keyof typeof CODINGS;

/** Medians of interleaved rounds. */
export interface DirectoryAnswer {
  readonly question: Question;
  readonly coding: Coding;
  /** In all rounds. */
  readonly n: number;
  readonly requestsPerSecond: number;
  /** Processor time of the server for one answer. */
  readonly microseconds: number;
  /** Of an answer as it was sent, its fields included; mean. */
  readonly bytes: number;
  /** Processor time against that of stored answers in the same coding and round. */
  readonly ratio: number;
}

interface Round extends Sample {
  readonly microseconds: number;
  readonly ratio: number;
}

/** Needs wrk. */
export async function measureAnswers(world: World, { seconds, rounds }: Effort): Promise<readonly DirectoryAnswer[]> {
  world.progress(`directory: ${STORES} stores again, with a quota out of reach`);
  const brood = createBrood();
  try {
    const running = await startOverStores(world, brood, { name: NAME, configuration: CONFIGURATION, limit: LIMIT });
    // With their ratings, that is: nothing more is read then.
    await awaitAnswer(`${running.proxyUrl}${LISTS}?limit=1`, { what: "rating", until: ({ body }) => body.includes(`"rating":{`) });
    const files = await writeTargets(running, world.directory);
    world.progress("directory: warming up");
    await runTurn(running, files, { seed: 0, seconds: WARM_UP_SECONDS });
    const turns: (readonly Round[])[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      world.progress(`directory: round ${round} of ${rounds}`);
      turns.push(await runTurn(running, files, { seed: round, seconds }));
    }
    return ENTRIES.map((entry, nth) => ({ ...entry, ...summarise(turns.flatMap((turn) => turn[nth] ?? [])) }));
  } finally {
    await brood.stop();
  }
}

async function writeTargets({ proxyUrl }: Running, directory: string): Promise<Readonly<Record<Question, string>>> {
  const agent = new Agent({ keepAlive: true });
  const stored = await storeTargets(proxyUrl, agent);
  agent.destroy();
  const write = (name: string, targets: readonly string[]): string => {
    const file = join(directory, `${name}-targets`);
    writeFileSync(file, `${targets.join("\n")}\n`);
    return file;
  };
  return {
    stored: write("stored", stored),
    near: write("near", NEAR_TARGETS),
    "near, open now": write("open", OPEN_TARGETS),
    words: write("words", wordTargets()),
    "words, each new": write("new-words", newWordTargets()),
  };
}

/** Every question in every coding, once. */
async function runTurn(
  { proxy, proxyUrl }: Running,
  files: Readonly<Record<Question, string>>,
  { seed, seconds }: { readonly seed: number; readonly seconds: number },
): Promise<readonly Round[]> {
  const turn: Round[] = [];
  let stored = Number.NaN;
  for (const { coding, question } of ENTRIES) {
    const before = proxy.processorMicroseconds();
    const targets = { file: files[question], seed };
    const sample = await runLoad({ url: `${proxyUrl}/`, seconds, fields: CODINGS[coding], connections: CONNECTIONS, targets });
    const microseconds = (proxy.processorMicroseconds() - before) / sample.requests;
    if (question === "stored") stored = microseconds;
    turn.push({ ...sample, microseconds, ratio: microseconds / stored });
  }
  return turn;
}

function summarise(rounds: readonly Round[]): Omit<DirectoryAnswer, "question" | "coding"> {
  const middle = (pick: (round: Round) => number): number => median(rounds.map(pick));
  return {
    n: rounds.reduce((sum, { requests }) => sum + requests, 0),
    requestsPerSecond: middle((round) => round.requestsPerSecond),
    microseconds: middle((round) => round.microseconds),
    bytes: middle((round) => round.bytes),
    ratio: middle((round) => round.ratio),
  };
}
