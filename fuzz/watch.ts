/** Looks at the attacked process while it is attacked: is it there, does it answer, what do its log, its metrics and its pages say. */
import type { Answer } from "./answers.ts";
import type { World } from "./world.ts";
import { judgeAnswer } from "./judge-answer.ts";
import { findCallersWord, OPERATOR_TOKEN } from "./secrets.ts";
import { send } from "./send.ts";

const PAUSE_MS = 1000;
/** Both this process and the attacked one have much to do. */
const PATIENCE_MS = 8000;
/** The last lines are written once a second, and the last exchanges end when their calls do. */
const SETTLE_MS = 15_000;
/** What the tiers of stored responses, the parser's buffers and a heap under attack come to, and a third more. */
const MOST_MEMORY_MB = 768;

const PLAIN = ["/healthz", "/wide/openapi.json"];
const PAGES = ["/", "/metrics", "/api/counters", "/explain?request=GET%20/wide/v2/business/search%3Fcity%3DParis"];

/** @param onFault told of what is wrong and of the evidence */
export function startWatch(
  world: World,
  onFault: (fault: string, evidence: string, requestId?: string) => void,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const look = async (): Promise<void> => {
    if (!world.isAlive()) return onFault("the process has died", "");
    for (const path of PLAIN) await askPlain(world, path, onFault);
    for (const path of PAGES) await askPage(world, path, onFault);
    reportLog(world, onFault);
  };
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      await look();
      if (!world.isAlive()) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}

type OnFault = Parameters<typeof startWatch>[1];

/** After the attack: every exchange is in the log, and memory is where it was. @returns resident MB */
export async function watchTheEnd(world: World, onFault: OnFault): Promise<number> {
  if (!world.isAlive()) return 0;
  let counted = Number.NaN;
  let logged = world.log.read();
  for (const end = performance.now() + SETTLE_MS; counted !== logged.exchanges && performance.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    counted = await countExchanges(world);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 1.2));
    logged = world.log.read();
  }
  if (counted !== logged.exchanges) onFault(`${counted} exchanges, but ${logged.exchanges} in the log (${logged.lost} lines lost)`, "");
  const memoryMb = await world.memoryMb();
  if (memoryMb > MOST_MEMORY_MB) onFault(`${Math.round(memoryMb)} MB of memory`, "");
  return memoryMb;
}

export function reportLog(world: World, onFault: OnFault): void {
  world.log.read();
  for (const { fault, line, requestId } of world.log.takeFaults()) onFault(fault, line, requestId);
}

async function askPlain(world: World, path: string, onFault: OnFault): Promise<void> {
  const answer = await ask(world.ports.public, path);
  if (answer?.status !== 200) onFault(`${path} is not answered 200 within seconds`, answer?.raw ?? "nothing came");
}

async function askPage(world: World, path: string, onFault: OnFault): Promise<void> {
  const answer = await ask(world.ports.operator, path);
  if (answer?.status !== 200)
    return onFault(`the operator's ${path} is not answered 200 within seconds`, answer?.raw.slice(0, 500) ?? "nothing came");
  const fault = judgeAnswer(answer, "operator") ?? findCallersWord(answer.body ?? "");
  if (fault !== undefined) onFault(`the operator's ${path}: ${fault}`, answer.body?.slice(0, 2000) ?? "");
}

async function ask(port: number, path: string): Promise<Answer | undefined> {
  const fields = ["Host: 127.0.0.1", `Authorization: Bearer ${OPERATOR_TOKEN}`, "X-Forwarded-For: 192.0.2.1", "Connection: close"];
  const bytes = Buffer.from(`GET ${path} HTTP/1.1\r\n${fields.join("\r\n")}\r\n\r\n`);
  const { answers } = await send(port, { listener: "public", writes: [bytes], ending: "wait" }, PATIENCE_MS);
  return answers[0];
}

async function countExchanges(world: World): Promise<number> {
  const answer = await ask(world.ports.operator, "/api/counters");
  const { counters } = JSON.parse(answer?.body ?? "{}") as { counters?: { exchanges?: number } };
  return counters?.exchanges ?? Number.NaN;
}
