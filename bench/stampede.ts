/** Many callers ask at the same moment for what nobody has stored. */
import { createHash } from "node:crypto";
import { Agent } from "node:http";
import type { Asked } from "./ask.ts";
import type { Effort, World } from "./world.ts";
import { ask } from "./ask.ts";
import { createBrood, startUpstream } from "./contest.ts";
import { partooBff } from "./rivals/partoo-bff.ts";
import { median, percentile99 } from "./statistics.ts";
import { BROWSER_FIELDS, CALLS_PATH } from "./world.ts";

const CALLERS = 1000;
/** Long enough for all of them to arrive while the call is under way. */
const UPSTREAM_MS = 1500;

export interface StampedeResult {
  /** Callers in each round. */
  readonly callers: number;
  readonly rounds: number;
  /** Upstream calls in the worst round. */
  readonly calls: number;
  /** Different contents in the worst round. */
  readonly contents: number;
  /** Answers other than 200, in all rounds. */
  readonly failures: number;
  /** Callers who waited for the call of another, in the round with the fewest. */
  readonly collapsed: number;
  /** From the moment of asking until the answer is read; upstream takes 1,500 ms of it. */
  readonly medianMs: number;
  readonly p99Ms: number;
}

interface Caller extends Asked {
  readonly ms: number;
}

interface Round {
  readonly callers: readonly Caller[];
  readonly calls: number;
}

export async function measureStampede(world: World, { rounds }: Pick<Effort, "rounds">): Promise<StampedeResult> {
  const brood = createBrood();
  const agent = new Agent({ keepAlive: true, maxFreeSockets: CALLERS });
  try {
    const upstream = await brood.add(startUpstream(world, { STORABLE: "1", LATENCY_MS: String(UPSTREAM_MS) }));
    const ours = await brood.add(partooBff.start(world, { url: `http://127.0.0.1:${upstream.port}`, coded: false }));
    const results: Round[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      world.progress(`${CALLERS} identical misses: round ${round} of ${rounds}`);
      await askAll(`http://127.0.0.1:${ours.port}/healthz`, agent);
      const before = await countCalls(upstream.port);
      const callers = await askAll(`http://127.0.0.1:${ours.port}${partooBff.prefix}/v2/business/search?city=City${round}`, agent);
      results.push({ callers, calls: (await countCalls(upstream.port)) - before });
    }
    return summarise(results);
  } finally {
    agent.destroy();
    await brood.stop();
  }
}

/** On connections that are open, from the second time on. */
function askAll(url: string, agent: Agent): Promise<readonly Caller[]> {
  return Promise.all(
    Array.from({ length: CALLERS }, async () => {
      const askedAt = performance.now();
      const asked = await ask(url, BROWSER_FIELDS, agent);
      return { ...asked, ms: performance.now() - askedAt };
    }),
  );
}

async function countCalls(port: number): Promise<number> {
  return Number((await ask(`http://127.0.0.1:${port}${CALLS_PATH}`)).body);
}

function summarise(rounds: readonly Round[]): StampedeResult {
  const all = rounds.flatMap(({ callers }) => callers);
  const times = all.map(({ ms }) => ms);
  const contents = ({ callers }: Round): number => new Set(callers.map(({ body }) => createHash("sha256").update(body).digest("hex"))).size;
  const collapsed = ({ callers }: Round): number =>
    callers.filter(({ headers }) => headers["cache-status"]?.toString().includes("collapsed")).length;
  return {
    callers: CALLERS,
    rounds: rounds.length,
    calls: Math.max(...rounds.map(({ calls }) => calls)),
    contents: Math.max(...rounds.map(contents)),
    failures: all.filter(({ status }) => status !== 200).length,
    collapsed: Math.min(...rounds.map(collapsed)),
    medianMs: median(times),
    p99Ms: percentile99(times),
  };
}
