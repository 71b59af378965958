/** The directory over 50,000 stores: what reading them costs of Partoo's limit, what they take in memory, what an answer costs. */
import type { DirectoryAnswer } from "./directory/answers.ts";
import type { ReadingResult } from "./directory/reading.ts";
import type { Effort, World } from "./world.ts";
import { startChild } from "./child.ts";
import { measureAnswers } from "./directory/answers.ts";
import { measureReading } from "./directory/reading.ts";
import { STORES } from "./directory/running.ts";
import { WRK_ABSENCE } from "./load.ts";
import { CORE } from "./world.ts";

export interface DirectoryResult {
  readonly stores: number;
  readonly reading: ReadingResult;
  /** What the index takes, ratings included, MB (10⁶ bytes). */
  readonly indexMb: number;
  /** None where wrk is missing. */
  readonly answers: readonly DirectoryAnswer[];
  /** Why there are no answers. */
  readonly absence?: string;
}

export async function measureDirectory(world: World, effort: Effort): Promise<DirectoryResult> {
  const rest = { stores: STORES, indexMb: await measureIndex(world), reading: await measureReading(world) };
  if (WRK_ABSENCE === undefined) return { ...rest, answers: await measureAnswers(world, effort) };
  world.progress(`left out: ${WRK_ABSENCE}`);
  return { ...rest, answers: [], absence: WRK_ABSENCE };
}

async function measureIndex({ root, progress }: World): Promise<number> {
  progress(`directory: memory of ${STORES} stores`);
  const args = ["--expose-gc", "bench/servers/directory.ts", String(STORES)];
  const server = await startChild({ args, core: CORE.measured, cwd: root });
  try {
    return ((await (await fetch(`http://127.0.0.1:${server.port}/`)).json()) as { readonly mb: number }).mb;
  } finally {
    await server.stop();
  }
}
