/** The uncached forward path: our proxy, two others, and no proxy, in rounds that take turns. */
import type { Child } from "./child.ts";
import type { Sample } from "./load.ts";
import type { Rival } from "./rivals/rival.ts";
import type { World } from "./world.ts";
import { startChild } from "./child.ts";
import { runLoad } from "./load.ts";
import { byHand } from "./rivals/by-hand.ts";
import { direct } from "./rivals/direct.ts";
import { fastifyHttpProxy } from "./rivals/fastify-http-proxy.ts";
import { partooBff } from "./rivals/partoo-bff.ts";
import { STORE_PATH } from "./servers/answers.ts";
import { median } from "./statistics.ts";
import { CORE } from "./world.ts";

const RIVALS: readonly Rival[] = [partooBff, fastifyHttpProxy, byHand, direct];
const WARM_UP_SECONDS = 3;
const BROWSER_CODINGS = "gzip, deflate, br, zstd";

/** What is asked for, and how. */
interface Scenario {
  readonly name: string;
  readonly target: string;
  /** Callers accept codings as browsers do, and upstream compresses when asked to. */
  readonly coded: boolean;
}

const SCENARIOS: readonly Scenario[] = [
  { name: "50 stores, no Accept-Encoding, upstream plain", target: "/v2/business/search?city=Paris", coded: false },
  { name: "one store, no Accept-Encoding, upstream plain", target: STORE_PATH, coded: false },
  { name: "50 stores, a browser's Accept-Encoding, upstream compresses", target: "/v2/business/search?city=Paris", coded: true },
];

/** One rival in one scenario: medians over the rounds. */
export interface ForwardResult {
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
}

interface Round extends Sample {
  readonly processorMicroseconds: number;
}

interface Contestant {
  readonly rival: Rival;
  readonly child: Child;
  readonly url: string;
  readonly bytes: number;
  readonly samples: Round[];
}

export async function measureForward(
  world: World,
  effort: { readonly seconds: number; readonly rounds: number },
): Promise<readonly ForwardResult[]> {
  const results: ForwardResult[] = [];
  for (const scenario of SCENARIOS) results.push(...(await measureScenario(world, scenario, effort)));
  return results;
}

async function measureScenario(
  world: World,
  scenario: Scenario,
  { seconds, rounds }: { readonly seconds: number; readonly rounds: number },
): Promise<readonly ForwardResult[]> {
  const fields = { origin: "https://stores.acme.example", ...(scenario.coded && { "accept-encoding": BROWSER_CODINGS }) };
  const children: Child[] = [];
  const keep = async (starting: Promise<Child>): Promise<Child> => {
    const child = await starting;
    children.push(child);
    return child;
  };
  try {
    const env = scenario.coded ? { CODED: "1" } : {};
    const upstream = await keep(startChild({ args: ["bench/servers/upstream.ts"], core: CORE.load, cwd: world.root, env }));
    const contestants: Contestant[] = [];
    for (const rival of RIVALS) {
      const child = await keep(rival.start(world, { url: `http://127.0.0.1:${upstream.port}`, coded: scenario.coded }));
      const url = `http://127.0.0.1:${child.port}${rival.prefix}${scenario.target}`;
      contestants.push({ rival, child, url, bytes: await contentBytes(url, fields), samples: [] });
    }
    for (const { url } of contestants) await runLoad({ url, seconds: WARM_UP_SECONDS, fields });
    for (let round = 1; round <= rounds; round += 1) {
      world.progress(`${scenario.name}: round ${round} of ${rounds}`);
      for (const contestant of contestants) contestant.samples.push(await runRound(contestant, { seconds, fields }));
    }
    return contestants.map((contestant) => summarise(scenario, contestant, contestants[0] as Contestant));
  } finally {
    for (const child of children) await child.stop();
  }
}

async function runRound(
  { child, url }: Contestant,
  options: { readonly seconds: number; readonly fields: Readonly<Record<string, string>> },
): Promise<Round> {
  const before = child.processorMicroseconds();
  const sample = await runLoad({ url, ...options });
  return { ...sample, processorMicroseconds: (child.processorMicroseconds() - before) / sample.requests };
}

/** Asks once before the load: an answer that is not 200 would make every figure meaningless. */
async function contentBytes(url: string, fields: Readonly<Record<string, string>>): Promise<number> {
  const response = await fetch(url, { headers: { "accept-encoding": "identity", ...fields } });
  const length = Number(response.headers.get("content-length"));
  const text = await response.text();
  if (response.status !== 200 || length === 0) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 500)}`);
  return length;
}

function summarise(scenario: Scenario, { rival, bytes, samples }: Contestant, ours: Contestant): ForwardResult {
  const middle = (pick: (sample: Round) => number): number => median(samples.map(pick));
  return {
    scenario: scenario.name,
    rival: rival.name,
    n: samples.reduce((sum, { requests }) => sum + requests, 0),
    rounds: samples.length,
    requestsPerSecond: middle((sample) => sample.requestsPerSecond),
    p50Ms: middle((sample) => sample.p50Ms),
    p99Ms: middle((sample) => sample.p99Ms),
    processorMicroseconds: middle((sample) => sample.processorMicroseconds),
    bytes,
    ratio: median(samples.map(({ requestsPerSecond }, round) => (ours.samples[round] as Round).requestsPerSecond / requestsPerSecond)),
  };
}
