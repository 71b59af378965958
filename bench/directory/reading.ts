/** What it costs of Partoo's limit to hold very many stores: the first sweep over them, and one edit until it shows, without a webhook. */
import { join } from "node:path";
import type { Counters } from "../../src/sandbox/counters.ts";
import type { ConfigurationChanges } from "../configuration.ts";
import type { World } from "../world.ts";
import type { Running } from "./running.ts";
import { loadConfig } from "../../src/config/load.ts";
import { ask } from "../ask.ts";
import { createBrood } from "../contest.ts";
import { ORIGIN } from "../world.ts";
import { awaitAnswer, LISTS, startOverStores, STORES } from "./running.ts";

const NAME = "reading";
/** What Partoo grants, as in the shipped configuration. */
const QUOTA = 300;
/** Of the sandbox: it may write. */
const WRITER = "sandbox-everything";
const EDITED = "Renamed while you watched";
const SEARCH = "/v2/business/search";
const PROGRESS_SECONDS = 15;
/** Without Redis each process has its share of the quota: this one has all of it. */
export const CONFIGURATION: ConfigurationChanges = { replace: [["bff.yaml", "instances: 2", "instances: 1"]] };

/** Calls are those that have arrived at the local Partoo. */
export interface ReadingResult {
  /** Quota less reserve, calls a minute. */
  readonly budget: number;
  /** Pages of stores until the directory answers. */
  readonly sweepCalls: number;
  readonly sweepSeconds: number;
  /** All calls: the most in any minute of it, and those answered 429. */
  readonly maxRollingMinute: number;
  readonly limited: number;
  /** Pages of stores from the edit until the directory shows it. */
  readonly editCalls: number;
  readonly editSeconds: number;
  /** Meanwhile, for anything else: ratings, which are read page by page behind the stores. */
  readonly otherCalls: number;
}

export async function measureReading(world: World): Promise<ReadingResult> {
  world.progress(`directory: ${STORES} stores within ${QUOTA} calls a minute, a fifth in reserve: this takes 2.2 minutes, an edit 1 more`);
  const brood = createBrood();
  try {
    const running = await startOverStores(world, brood, { name: NAME, configuration: CONFIGURATION, limit: QUOTA });
    const sweepSeconds = await awaitSweep(running, world.progress);
    const swept = await readCounters(running);
    world.progress(`directory: answers after ${sweepSeconds.toFixed(0)} s; a store is edited`);
    const edit = await edited(running);
    const { limited } = await readCounters(running);
    return {
      budget: readBudget(world),
      sweepCalls: pagesOf(swept),
      sweepSeconds,
      maxRollingMinute: swept.max_rolling_minute,
      limited,
      ...edit,
    };
  } finally {
    await brood.stop();
  }
}

async function awaitSweep(running: Running, progress: World["progress"]): Promise<number> {
  let nextSeconds = PROGRESS_SECONDS;
  return awaitAnswer(`${running.proxyUrl}${LISTS}?limit=1`, {
    what: "answer of the directory",
    until: ({ status }) => status === 200,
    onLook: async (seconds) => {
      if (seconds < nextSeconds) return;
      nextSeconds += PROGRESS_SECONDS;
      progress(`directory: ${pagesOf(await readCounters(running))} calls in ${seconds.toFixed(0)} s`);
    },
  });
}

async function edited(running: Running): Promise<Pick<ReadingResult, "editCalls" | "editSeconds" | "otherCalls">> {
  const { body } = await ask(`${running.proxyUrl}${LISTS}?limit=1`, { origin: ORIGIN });
  const { id } = (JSON.parse(body.toString()) as { readonly stores: readonly [{ readonly id: string }] }).stores[0];
  const before = await readCounters(running);
  const answer = await fetch(`${running.sandboxUrl}/v2/business/${id}`, {
    method: "POST",
    headers: { "x-APIKey": WRITER, "content-type": "application/json" },
    body: JSON.stringify({ name: EDITED }),
  });
  if (!answer.ok) throw new Error(`the edit was answered ${answer.status}: ${await answer.text()}`);
  const editSeconds = await awaitAnswer(`${running.proxyUrl}${LISTS}/${id}`, {
    what: "edit in the directory",
    until: ({ body: store }) => store.includes(EDITED),
  });
  const after = await readCounters(running);
  const editCalls = pagesOf(after) - pagesOf(before);
  // One is the edit itself.
  return { editCalls, editSeconds, otherCalls: after.calls - before.calls - editCalls - 1 };
}

async function readCounters({ sandboxUrl }: Running): Promise<Counters> {
  return (await (await fetch(`${sandboxUrl}/_sandbox/counters`)).json()) as Counters;
}

function pagesOf({ by_path }: Counters): number {
  return by_path[SEARCH] ?? 0;
}

function readBudget({ directory }: World): number {
  const organization = loadConfig(join(directory, NAME, "config")).policy?.organizations.get("acme");
  if (organization?.quotaPerMinute !== QUOTA || organization.instances !== 1) throw new Error("config/bff.yaml has changed its form");
  return organization.quotaPerMinute - organization.reservePerMinute;
}
