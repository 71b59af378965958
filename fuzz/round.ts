/** One round: a few dozen cases at once, then some configurations, all out of one seed, so that the seed alone brings it back. */
import type { Answer } from "./answers.ts";
import type { Case } from "./request.ts";
import type { ConfigurationJudge } from "./judge-configuration.ts";
import type { ConfigurationFiles } from "./configurations.ts";
import type { Sent } from "./send.ts";
import type { World } from "./world.ts";
import { createRandom } from "../src/sandbox/random.ts";
import { createConfiguration } from "./configurations.ts";
import { judgeAnswer } from "./judge-answer.ts";
import { createCase } from "./request.ts";
import { send } from "./send.ts";
import { MEMBERS } from "./world-config.ts";

/** Enough to meet each other in caches and queues, and few enough for a replay to be read. */
const CASES = 120;
const CONFIGURATIONS = 6;

/** What a round found out. */
export interface RoundReport {
  readonly sent: readonly { readonly case: Case; readonly sent: Sent }[];
  readonly configurations: number;
  /** How many of them load. */
  readonly loaded: number;
  readonly faults: readonly { readonly fault: string; readonly evidence: string }[];
}

export async function runRound(seed: number, world: World, judge: ConfigurationJudge): Promise<RoundReport> {
  const random = createRandom(seed);
  world.partoo.reseed(seed);
  const cases = Array.from({ length: CASES }, () => createCase(createRandom(random.integer(2 ** 31))));
  const sent = await Promise.all(cases.map(async (one) => ({ case: one, sent: await send(world.ports[one.listener], one) })));
  const faults = sent.flatMap((one) => faultsOf(one).map((fault) => ({ fault, evidence: evidenceOf(one) })));
  let loaded = 0;
  for (let left = CONFIGURATIONS; left > 0; left -= 1) {
    const files = createConfiguration(random);
    const { loads, fault } = judge.judge(files, random);
    loaded += loads ? 1 : 0;
    if (fault !== undefined) faults.push({ fault, evidence: filesAsText(files) });
  }
  return { sent, configurations: CONFIGURATIONS, loaded, faults };
}

function faultsOf({
  case: { listener, ending, writes },
  sent: { answers, rest, fault, ended },
}: RoundReport["sent"][number]): readonly string[] {
  const faults = answers.map((answer) => judgeAnswer(answer, listener)).filter((found) => found !== undefined);
  if (answers.some((answer) => isUnearned(answer, writes))) faults.push("an answer came without the session that it needs");
  if (fault !== undefined) faults.push(fault);
  else if (rest.length > 0 && ended === "closed" && ending === "wait") faults.push("the connection closed within an answer");
  return faults;
}

/** Whether a route of a frontend that asks for sessions answered somebody who sent nothing that could be one. */
function isUnearned({ fields }: Answer, writes: readonly Buffer[]): boolean {
  const text = Buffer.concat(writes).toString("latin1");
  const isMembers = text.startsWith(`GET /${MEMBERS}/`) && text.split("HTTP/1.1").length === 2;
  return isMembers && !/cookie|authorization/i.test(text) && fields.some(([name]) => name === "cache-status");
}

function evidenceOf({ case: { listener, writes, ending }, sent: { answers, rest } }: RoundReport["sent"][number]): string {
  const came = [...answers.map(({ raw }) => raw), rest.toString("latin1")].join("").slice(0, 1500);
  return `listener ${listener}, ${ending}\nsent ${writes
    .map((bytes) => bytes.toString("hex"))
    .join(" ")
    .slice(0, 20_000)}\ncame ${JSON.stringify(came)}`;
}

function filesAsText(files: ConfigurationFiles): string {
  return Object.entries(files)
    .map(([name, text]) => `--- ${name}\n${text}`)
    .join("\n");
}
