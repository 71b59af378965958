/** What an answer of the directory costs over 50,000 stores, against the same bytes from memory; and what the stores take. */
import type { World } from "./world.ts";
import { startChild } from "./child.ts";
import { runLoad } from "./load.ts";
import { median } from "./statistics.ts";
import { CORE } from "./world.ts";

const STORES = 50_000;
/** Stored bytes first: the others are compared with them. */
const QUESTIONS = ["stored", "near", "words", "open"] as const;

export interface DirectoryResult {
  readonly question: (typeof QUESTIONS)[number];
  /** Processor time of one answer, of the whole server, µs. */
  readonly microseconds: number;
  /** Against stored bytes. */
  readonly ratio: number;
}

/** @returns medians of interleaved rounds, and what the index takes, MB (10⁶ bytes) */
export async function measureDirectory(
  { root, progress }: World,
  { seconds, rounds }: { readonly seconds: number; readonly rounds: number },
): Promise<{ readonly stores: number; readonly indexMb: number; readonly answers: readonly DirectoryResult[] }> {
  progress(`directory: ${STORES} stores`);
  const server = await startChild({ args: ["--expose-gc", "bench/servers/directory.ts", String(STORES)], core: CORE.measured, cwd: root });
  const costs = new Map<string, number[]>(QUESTIONS.map((question) => [question, []]));
  const url = `http://127.0.0.1:${server.port}`;
  try {
    const { mb } = (await (await fetch(`${url}/memory`)).json()) as { readonly mb: number };
    for (const question of QUESTIONS) await runLoad({ url: `${url}/${question}`, seconds: 1, fields: {} });
    for (let round = 0; round < rounds; round += 1) {
      for (const question of QUESTIONS) {
        const before = server.processorMicroseconds();
        const { requests } = await runLoad({ url: `${url}/${question}`, seconds, fields: {} });
        costs.get(question)?.push((server.processorMicroseconds() - before) / requests);
      }
    }
    const stored = median(costs.get("stored") ?? []);
    const answers = QUESTIONS.map((question): DirectoryResult => {
      const microseconds = median(costs.get(question) ?? []);
      return { question, microseconds, ratio: microseconds / stored };
    });
    return { stores: STORES, indexMb: mb, answers };
  } finally {
    await server.stop();
  }
}
