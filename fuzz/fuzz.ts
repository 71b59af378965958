/** A whole attack: round after round until the time is over, with somebody watching; and what came of it. */
import type { World } from "./world.ts";
import { createRandom } from "../src/sandbox/random.ts";
import { createConfigurationJudge } from "./judge-configuration.ts";
import { runRound } from "./round.ts";
import { reportLog, startWatch, watchTheEnd } from "./watch.ts";
import { startWorld } from "./world.ts";

const MOST_FAILURES = 20;
const PROGRESS_MS = 10_000;

export interface FuzzOptions {
  readonly seconds: number;
  /** At most so many rounds. Default: as many as there is time for. */
  readonly rounds?: number;
  /** Of the stream that the rounds' seeds come from. */
  readonly seed: number;
  /** Seed of the one round that is run instead. */
  readonly replay?: number;
  /** Route templates of Partoo that must not be called, whatever the configuration allows: to see that a fault is found. */
  readonly forbidden?: readonly string[];
  readonly print: (text: string) => void;
}

export interface Tally {
  cases: number;
  configurations: number;
  loaded: number;
  rounds: number;
  /** Calls that reached Partoo. */
  calls: number;
  /** Resident memory at the end, in MB. */
  memoryMb: number;
  /** Answers by status. */
  readonly answers: Map<number, number>;
  readonly failures: string[];
}

/** @throws Error when there is nothing to attack: the process does not start */
export async function fuzz(options: FuzzOptions): Promise<Tally> {
  const { seconds, rounds = Infinity, seed, replay, forbidden = [], print } = options;
  const tally: Tally = { cases: 0, configurations: 0, loaded: 0, rounds: 0, calls: 0, memoryMb: 0, answers: new Map(), failures: [] };
  const seen = new Set<string>();
  let roundSeed = replay ?? 0;
  const fail = (fault: string, evidence: string): void => {
    // One fault is told once, however often it comes.
    const kind = fault.split("\n")[0]?.replaceAll(/\d+/g, "#") ?? "";
    if (seen.has(kind) || tally.failures.length >= MOST_FAILURES) return;
    seen.add(kind);
    tally.failures.push(fault);
    print(`\nfailure ${tally.failures.length}: ${fault}\n${evidence}\nreplay: npm run fuzz -- --replay ${roundSeed}\n`);
  };

  const world = await startWorld(forbidden, (fault) => fail(fault, ""));
  const judge = createConfigurationJudge();
  const watch = startWatch(world, fail);
  const startedAt = performance.now();
  const progress = setInterval(() => print(progressLine(tally, world, performance.now() - startedAt)), PROGRESS_MS);
  const seeds = createRandom(seed);
  const hasTime = (): boolean => tally.rounds < rounds && performance.now() - startedAt < seconds * 1000;
  const goesOn = (): boolean => world.isAlive() && tally.failures.length < MOST_FAILURES && hasTime();
  try {
    for (let isOver = false; !isOver; isOver = replay !== undefined || !goesOn()) {
      roundSeed = replay ?? seeds.integer(2 ** 31);
      const { sent, faults, configurations, loaded } = await runRound(roundSeed, world, judge);
      for (const { fault, evidence } of faults) fail(fault, evidence);
      for (const { status } of sent.flatMap((one) => one.sent.answers)) tally.answers.set(status, (tally.answers.get(status) ?? 0) + 1);
      tally.cases += sent.length;
      tally.configurations += configurations;
      tally.loaded += loaded;
      tally.rounds += 1;
    }
  } finally {
    clearInterval(progress);
    await watch.stop();
    tally.memoryMb = await watchTheEnd(world, fail);
    for (const fault of await world.stop()) fail(fault, "");
    reportLog(world, fail);
    tally.calls = world.partoo.calls();
    judge.close();
  }
  print(progressLine(tally, world, performance.now() - startedAt));
  return tally;
}

function progressLine({ cases, configurations, loaded, answers, failures }: Tally, world: World, ms: number): string {
  const byStatus = [...answers].toSorted(([one], [other]) => one - other).map(([status, count]) => `${status}: ${count}`);
  const found = failures.length === 0 ? "nothing found" : `${failures.length} failures`;
  return [
    `${Math.round(ms / 1000)} s: ${cases} cases, ${configurations} configurations (${loaded} load), ${world.partoo.calls()} calls, ${found}`,
    `  answers ${byStatus.join(", ")}`,
  ].join("\n");
}
