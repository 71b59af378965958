/** A stored answer: our proxy, a bare server that sends the same bytes, and the caches that people put in front. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Asked } from "./ask.ts";
import type { Child } from "./child.ts";
import type { Brood, Scenario, Standing } from "./contest.ts";
import type { Rival, SameAnswer } from "./rivals/rival.ts";
import type { Effort, World } from "./world.ts";
import { ask } from "./ask.ts";
import { startChild } from "./child.ts";
import { createBrood, runContest, startUpstream } from "./contest.ts";
import { bareNode } from "./rivals/bare-node.ts";
import { nginx } from "./rivals/nginx.ts";
import { partooBff } from "./rivals/partoo-bff.ts";
import { varnish } from "./rivals/varnish.ts";
import { STORE_PATH } from "./servers/answers.ts";
import { BROWSER_FIELDS, CALLS_PATH, CORE, PAGE_PATH } from "./world.ts";

const RIVALS: readonly Rival[] = [partooBff, bareNode, nginx, varnish];
const CONNECTIONS = 32;
/** More calls than that, and what was measured was no stored answer. */
const MOST_CALLS = 4;
/** Fields of the connection, and of the moment: every server sends its own. */
const OWN_FIELDS: ReadonlySet<string> = new Set(["connection", "keep-alive", "transfer-encoding", "date"]);

const AS_A_BROWSER = { fields: BROWSER_FIELDS, connections: CONNECTIONS };
const SCENARIOS: readonly Scenario[] = [
  {
    name: "stored: 50 stores",
    target: PAGE_PATH,
    reach: { [bareNode.name]: 0.6, [nginx.name]: 1.5, [varnish.name]: 0.75 },
    ...AS_A_BROWSER,
  },
  { name: "stored: one store", target: STORE_PATH, reach: { [bareNode.name]: 0.6 }, ...AS_A_BROWSER },
];

export interface CachedResult {
  readonly standings: readonly Standing[];
  /** Why somebody does not take part. */
  readonly absent: readonly string[];
}

export async function measureCached(world: World, effort: Effort): Promise<CachedResult> {
  const absent = RIVALS.flatMap(({ absence }) => absence ?? []);
  for (const reason of absent) world.progress(`left out: ${reason}`);
  const standings: Standing[] = [];
  for (const scenario of SCENARIOS) standings.push(...(await measureScenario(world, scenario, effort)));
  return { standings, absent };
}

async function measureScenario(world: World, scenario: Scenario, effort: Effort): Promise<readonly Standing[]> {
  const brood = createBrood();
  try {
    const upstream = await brood.add(startUpstream(world, { STORABLE: "1" }));
    const sources = { url: `http://127.0.0.1:${upstream.port}`, coded: false };
    const { origin, same } = await recordSame(world, scenario, { brood, url: sources.url });
    const rivals = RIVALS.filter(({ absence }) => absence === undefined);
    const standings = await runContest(world, scenario, { rivals, sources: { ...sources, same }, effort });
    for (const source of [upstream, origin]) await refuseCalls(source);
    return standings;
  } finally {
    await brood.stop();
  }
}

/** What our proxy answers to this request, stored: as it is sent, and without a coding behind an address of its own. */
async function recordSame(
  world: World,
  scenario: Scenario,
  { brood, url }: { readonly brood: Brood; readonly url: string },
): Promise<{ readonly origin: Child; readonly same: SameAnswer }> {
  const ours = await partooBff.start(world, { url, coded: false });
  const address = `http://127.0.0.1:${ours.port}${partooBff.prefix}${scenario.target}`;
  const { "accept-encoding": _, ...plainFields } = scenario.fields;
  try {
    await ask(address, scenario.fields);
    const file = record(world, "same", await ask(address, scenario.fields));
    const plain = record(world, "plain", await ask(address, plainFields));
    const origin = await brood.add(
      startChild({ args: ["bench/servers/replay.ts"], core: CORE.load, cwd: world.root, env: { ANSWER: plain } }),
    );
    return { origin, same: { file, plainUrl: `http://127.0.0.1:${origin.port}` } };
  } finally {
    await ours.stop();
  }
}

/** @returns the file */
function record({ directory }: World, name: string, { headers, body }: Asked): string {
  const file = join(directory, `${name}.json`);
  const kept = Object.entries(headers).filter(([field]) => !OWN_FIELDS.has(field));
  writeFileSync(file, JSON.stringify({ headers: Object.fromEntries(kept), body: body.toString("base64") }));
  return file;
}

async function refuseCalls({ port }: Child): Promise<void> {
  const calls = Number((await ask(`http://127.0.0.1:${port}${CALLS_PATH}`)).body);
  if (calls > MOST_CALLS) throw new Error(`${calls} calls were made for what should have been stored`);
}
