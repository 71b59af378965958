/** The uncached forward path: our proxy, two others, and no proxy. */
import type { Scenario, Standing } from "./contest.ts";
import type { Rival } from "./rivals/rival.ts";
import type { Effort, World } from "./world.ts";
import { createBrood, runContest, startUpstream } from "./contest.ts";
import { byHand } from "./rivals/by-hand.ts";
import { direct } from "./rivals/direct.ts";
import { fastifyHttpProxy } from "./rivals/fastify-http-proxy.ts";
import { partooBff } from "./rivals/partoo-bff.ts";
import { STORE_PATH } from "./servers/answers.ts";
import { ORIGIN, PAGE_PATH } from "./world.ts";

const RIVALS: readonly Rival[] = [partooBff, fastifyHttpProxy, byHand, direct];
/** One request in flight: several at the same time would wait for one call together, and that is no forward. */
const CONNECTIONS = 1;
const REACH = { [fastifyHttpProxy.name]: 1 };
const PLAIN = { reach: REACH, connections: CONNECTIONS, fields: { origin: ORIGIN } };
const CODED = { reach: REACH, connections: CONNECTIONS, fields: { origin: ORIGIN, "accept-encoding": "gzip, deflate, br, zstd" } };

/** `coded`: upstream compresses when asked to. */
const SCENARIOS: readonly (Scenario & { readonly coded: boolean })[] = [
  { name: "forward: 50 stores, no Accept-Encoding, upstream plain", target: PAGE_PATH, coded: false, ...PLAIN },
  { name: "forward: one store, no Accept-Encoding, upstream plain", target: STORE_PATH, coded: false, ...PLAIN },
  { name: "forward: 50 stores, a browser's Accept-Encoding, upstream compresses", target: PAGE_PATH, coded: true, ...CODED },
];

export async function measureForward(world: World, effort: Effort): Promise<readonly Standing[]> {
  const standings: Standing[] = [];
  for (const scenario of SCENARIOS) standings.push(...(await measureScenario(world, scenario, effort)));
  return standings;
}

async function measureScenario(
  world: World,
  scenario: Scenario & { readonly coded: boolean },
  effort: Effort,
): Promise<readonly Standing[]> {
  const brood = createBrood();
  try {
    const upstream = await brood.add(startUpstream(world, scenario.coded ? { CODED: "1" } : {}));
    const sources = { url: `http://127.0.0.1:${upstream.port}`, coded: scenario.coded };
    return await runContest(world, scenario, { rivals: RIVALS, sources, effort });
  } finally {
    await brood.stop();
  }
}
