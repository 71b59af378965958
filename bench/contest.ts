/** Rivals under load, in rounds that take turns: what they are compared by happened at the same time. */
import type { Child } from "./child.ts";
import type { Sample } from "./load.ts";
import type { Rival, Sources } from "./rivals/rival.ts";
import type { Effort, World } from "./world.ts";
import { ask } from "./ask.ts";
import { startChild } from "./child.ts";
import { runLoad } from "./load.ts";
import { median } from "./statistics.ts";
import { CORE } from "./world.ts";

const WARM_UP_SECONDS = 3;

/** What is asked for, and how. */
export interface Scenario {
  readonly name: string;
  /** Partoo's own path. */
  readonly target: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Connections, each with one request in flight. */
  readonly connections: number;
  /** The least ratio to reach, by name of the rival. */
  readonly reach: Readonly<Record<string, number>>;
}

/** One rival in one scenario: medians over the rounds. */
export interface Standing {
  readonly scenario: string;
  readonly rival: string;
  /** Requests in all rounds. */
  readonly n: number;
  readonly rounds: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of the server for one request: what other load on the machine disturbs least. */
  readonly processorMicroseconds: number;
  /** Size of an answer's content as sent. */
  readonly bytes: number;
  /** Our requests/s by this rival's, median of the rounds' ratios. */
  readonly ratio: number;
  /** This rival's processor time for a request by ours: the same ratio, as far as nothing but the processor counts. */
  readonly processorRatio: number;
  /** The least ratio to reach; undefined: there is no goal. */
  readonly reach: number | undefined;
}

/** Children that end together. */
export interface Brood {
  add(starting: Promise<Child>): Promise<Child>;
  stop(): Promise<void>;
}

interface Contestant {
  readonly rival: Rival;
  readonly child: Child;
  readonly url: string;
  readonly bytes: number;
  readonly samples: Round[];
}

interface Round extends Sample {
  readonly processorMicroseconds: number;
}

/** @param rivals ours first: the others are compared with it */
export async function runContest(
  world: World,
  scenario: Scenario,
  { rivals, sources, effort }: { readonly rivals: readonly Rival[]; readonly sources: Sources; readonly effort: Effort },
): Promise<readonly Standing[]> {
  const brood = createBrood();
  try {
    const contestants: Contestant[] = [];
    for (const rival of rivals) {
      const child = await brood.add(rival.start(world, sources));
      const url = `http://127.0.0.1:${child.port}${rival.prefix}${scenario.target}`;
      contestants.push({ rival, child, url, bytes: await contentBytes(url, scenario.fields), samples: [] });
    }
    for (const { url } of contestants) await runLoad({ ...scenario, url, seconds: WARM_UP_SECONDS });
    for (let round = 1; round <= effort.rounds; round += 1) {
      world.progress(`${scenario.name}: round ${round} of ${effort.rounds}`);
      for (const contestant of contestants) contestant.samples.push(await runRound(contestant, scenario, effort.seconds));
    }
    return contestants.map((contestant) => summarise(scenario, contestant, contestants[0] as Contestant));
  } finally {
    await brood.stop();
  }
}

/** The stand-in for Partoo, where the load is. @param env its options */
export function startUpstream({ root }: World, env: Readonly<Record<string, string>>): Promise<Child> {
  return startChild({ args: ["bench/servers/upstream.ts"], core: CORE.load, cwd: root, env });
}

export function createBrood(): Brood {
  const children: Child[] = [];
  return {
    async add(starting) {
      const child = await starting;
      children.push(child);
      return child;
    },
    async stop() {
      for (const child of children.toReversed()) await child.stop();
    },
  };
}

async function runRound({ child, url }: Contestant, scenario: Scenario, seconds: number): Promise<Round> {
  const before = child.processorMicroseconds();
  const sample = await runLoad({ ...scenario, url, seconds });
  return { ...sample, processorMicroseconds: (child.processorMicroseconds() - before) / sample.requests };
}

/** Asks once before the load: an answer that is not 200 would make every figure meaningless. */
async function contentBytes(url: string, fields: Readonly<Record<string, string>>): Promise<number> {
  const answer = await ask(url, fields);
  if (answer.status !== 200 || answer.body.length === 0)
    throw new Error(`${url} answered ${answer.status}: ${answer.body.toString().slice(0, 500)}`);
  return answer.body.length;
}

function summarise({ name, reach }: Scenario, { rival, bytes, samples }: Contestant, ours: Contestant): Standing {
  const middle = (pick: (sample: Round) => number): number => median(samples.map(pick));
  const middleRatio = (ratio: (ours: Round, its: Round) => number): number =>
    median(samples.map((its, round) => ratio(ours.samples[round] as Round, its)));
  return {
    scenario: name,
    rival: rival.name,
    n: samples.reduce((sum, { requests }) => sum + requests, 0),
    rounds: samples.length,
    requestsPerSecond: middle((sample) => sample.requestsPerSecond),
    p50Ms: middle((sample) => sample.p50Ms),
    p99Ms: middle((sample) => sample.p99Ms),
    processorMicroseconds: middle((sample) => sample.processorMicroseconds),
    bytes,
    ratio: middleRatio((our, its) => our.requestsPerSecond / its.requestsPerSecond),
    processorRatio: middleRatio((our, its) => its.processorMicroseconds / our.processorMicroseconds),
    reach: reach[rival.name],
  };
}
