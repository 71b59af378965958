/** What an answer of the directory costs over 50,000 stores, against the same bytes from memory; and what the stores take. */
import type { Effort, World } from "./world.ts";
import { startChild } from "./child.ts";
import { runLoad } from "./load.ts";
import { median } from "./statistics.ts";
import { CORE } from "./world.ts";

const STORES = 50_000;
/** Stored bytes first: the others are compared with them. */
const QUESTIONS = ["stored", "near", "words", "open"] as const;
const PLAIN = { fields: {}, connections: 1 };

export interface DirectoryAnswer {
  readonly question: (typeof QUESTIONS)[number];
  /** Processor time of one answer, of the whole server, µs. */
  readonly microseconds: number;
  /** Against stored bytes. */
  readonly ratio: number;
}

/** Medians of interleaved rounds. */
export interface DirectoryResult {
  readonly stores: number;
  /** What the index takes, MB (10⁶ bytes). */
  readonly indexMb: number;
  readonly answers: readonly DirectoryAnswer[];
}

export async function measureDirectory({ root, progress }: World, { seconds, rounds }: Effort): Promise<DirectoryResult> {
  progress(`directory: ${STORES} stores`);
  const server = await startChild({ args: ["--expose-gc", "bench/servers/directory.ts", String(STORES)], core: CORE.measured, cwd: root });
  const costs = new Map<string, number[]>(QUESTIONS.map((question) => [question, []]));
  const url = `http://127.0.0.1:${server.port}`;
  try {
    const { mb } = (await (await fetch(`${url}/memory`)).json()) as { readonly mb: number };
    for (const question of QUESTIONS) await runLoad({ url: `${url}/${question}`, seconds: 1, ...PLAIN });
    for (let round = 0; round < rounds; round += 1) {
      for (const question of QUESTIONS) {
        const before = server.processorMicroseconds();
        const { requests } = await runLoad({ url: `${url}/${question}`, seconds, ...PLAIN });
        costs.get(question)?.push((server.processorMicroseconds() - before) / requests);
      }
    }
    const stored = median(costs.get("stored") ?? []);
    const answers = QUESTIONS.map((question): DirectoryAnswer => {
      const microseconds = median(costs.get(question) ?? []);
      return { question, microseconds, ratio: microseconds / stored };
    });
    return { stores: STORES, indexMb: mb, answers };
  } finally {
    await server.stop();
  }
}
