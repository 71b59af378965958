/** What an answer of the directory costs, beside a stored one of about the same size: the whole server, with every check and its log. */
import { writeFileSync } from "node:fs";
import { Agent } from "node:http";
import { join } from "node:path";
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
/** No sweep, and no refresh of what is stored, may fall into a round. */
const CONFIGURATION = {
  replace: [
    ["quota: 300/min", "quota: 9999999/min"],
    ["instances: 2", "instances: 1"],
    ["cache: 10m", "cache: 1d"],
  ],
  frontend: `${UNLIMITED_FRONTEND}stores: true\n`,
} as const;
/** The most that the sandbox takes. */
const LIMIT = 1_000_000;

/** Stored first: the others are compared with it. */
const QUESTIONS = ["stored", "near", "near, open now", "words", "words, each new"] as const;
const CODINGS = {
  none: { origin: ORIGIN },
  "as a browser asks": BROWSER_FIELDS,
} as const;

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
    const entries = Object.keys(CODINGS).flatMap((coding) => QUESTIONS.map((question) => ({ coding: coding as Coding, question })));
    const measured = entries.map((entry) => ({ ...entry, rounds: [] as Round[] }));
    for (let round = 0; round <= rounds; round += 1) {
      world.progress(round === 0 ? "directory: warming up" : `directory: round ${round} of ${rounds}`);
      let stored = Number.NaN;
      for (const { coding, question, rounds: its } of measured) {
        const file = files[question];
        const effort = { file, seed: round, coding, seconds: round === 0 ? 2 : seconds };
        const sample = await runRound(running, effort);
        if (question === "stored") stored = sample.microseconds;
        if (round > 0) its.push({ ...sample, ratio: sample.microseconds / stored });
      }
    }
    return measured.map(({ coding, question, rounds: its }) => ({ coding, question, ...summarise(its) }));
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

interface RoundOptions {
  readonly file: string;
  readonly seed: number;
  readonly coding: Coding;
  readonly seconds: number;
}

async function runRound(
  { proxy, proxyUrl }: Running,
  { file, seed, coding, seconds }: RoundOptions,
): Promise<Sample & { readonly microseconds: number }> {
  const before = proxy.processorMicroseconds();
  const load = { url: `${proxyUrl}/`, seconds, fields: CODINGS[coding], connections: CONNECTIONS, targets: { file, seed } };
  const sample = await runLoad(load);
  return { ...sample, microseconds: (proxy.processorMicroseconds() - before) / sample.requests };
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
