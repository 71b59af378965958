/** The logs that all processes share: one script call in Redis each, and silence instead of an error when Redis can't be used. */
import { createHash } from "node:crypto";
import type { Logger } from "../log.ts";
import type { RedisConnection } from "../redis.ts";
import type { Question, Reply, Verdict, WindowRules } from "./window.ts";
import { bookScript } from "./book-script.ts";
import { MAX_PAUSE_MS } from "./window.ts";

/** In the script's numbering. */
const VERDICTS: readonly Verdict[] = ["looked", "booked", "budget", "share", "pause", "young"];

/** After a failure Redis is left alone for so long, except for one look now and then. */
const REST_MS = 1000;
/** Redis counts as back in the log's lines when nothing has failed for so long. */
const CALM_MS = 10_000;

export interface SharedLog {
  /** Asks at once. @returns undefined when Redis can't be used */
  ask(organization: string, question: Question): Promise<Reply | undefined>;
  /** Takes back a booking. What fails stays booked, which only costs a call. */
  cancel(organization: string, atMs: number, frontend?: string): Promise<void>;
  /** Commands that failed since the start. */
  readonly failures: number;
}

export interface SharedLogOptions {
  readonly redis: RedisConnection;
  readonly rules: WindowRules;
  readonly logger: Logger;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export function createSharedLog({ redis: { client, prefix }, rules, logger, now }: SharedLogOptions): SharedLog {
  const run = createScript(client);
  let failures = 0;
  let restUntil = Number.NEGATIVE_INFINITY;
  let troubled: { readonly since: number; latest: number } | undefined;

  const failed = (error: unknown): void => {
    failures += 1;
    restUntil = now() + REST_MS;
    if (troubled === undefined) {
      logger.warn({ quota: "away", cause: reasonOf(error) }, "the shared quota can't be used; each process spends its own small part");
      troubled = { since: now(), latest: now() };
    } else troubled.latest = now();
  };
  const worked = (): void => {
    restUntil = Number.NEGATIVE_INFINITY;
    if (troubled === undefined || now() - troubled.latest < CALM_MS) return;
    logger.info({ quota: "shared", failures, seconds: Math.round((now() - troubled.since) / 1000) }, "the quota is shared again");
    troubled = undefined;
  };

  return {
    async ask(organization, question) {
      if (client.status !== "ready" || (question.take && now() < restUntil)) return undefined;
      try {
        const reply = readReply(await run(keysOf(prefix, organization, question.cap?.frontend), argumentsOf(question, rules)));
        worked();
        return reply;
      } catch (error) {
        failed(error);
        return undefined;
      }
    },
    async cancel(organization, atMs, frontend) {
      if (client.status !== "ready") return;
      const keys = keysOf(prefix, organization, frontend);
      await Promise.all(keys.map((key) => client.lrem(key, -1, String(atMs)))).catch(failed);
    },
    get failures() {
      return failures;
    },
  };
}

/** One hash tag for each organization: its keys share a slot. */
function keysOf(prefix: string, organization: string, frontend: string | undefined): readonly string[] {
  const log = `${prefix}quota:{${organization}}`;
  return frontend === undefined ? [log] : [log, `${log}:${frontend}`];
}

function argumentsOf(question: Question, rules: WindowRules): readonly number[] {
  return [
    question.take ? 1 : 0,
    rules.windowMs,
    rules.youthMs,
    rules.horizonMs,
    rules.clockStepMs,
    question.line,
    question.maxWaitMs,
    question.pauseMs,
    question.cap?.count ?? -1,
    MAX_PAUSE_MS,
  ].map((value) => Math.floor(value));
}

type RunScript = (keys: readonly string[], values: readonly number[]) => Promise<unknown>;

/** EVALSHA, and EVAL when this Redis does not know the script yet. */
function createScript(client: RedisConnection["client"]): RunScript {
  const text = bookScript();
  const sha = createHash("sha1").update(text).digest("hex");
  return async (keys, values) => {
    try {
      return await client.evalsha(sha, keys.length, ...keys, ...values);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return client.eval(text, keys.length, ...keys, ...values);
    }
  };
}

function readReply(raw: unknown): Reply {
  const numbers = Array.isArray(raw) ? raw.map(Number) : [];
  const [code = -1, atMs = 0, nowMs = 0, used = 0, pausedMs = 0, youngMs = 0] = numbers;
  const verdict = VERDICTS[code];
  if (verdict === undefined || !numbers.every(Number.isFinite)) throw new TypeError("the script's answer can't be read");
  return { verdict, atMs, nowMs, used, pausedMs, youngMs };
}

/** An error reply begins with a word in capitals (OOM, READONLY); the rest may quote keys. */
const REPLY_CODE = /^[A-Z]{2,20}(?= )/;

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  if (/timed? ?out/i.test(error.message)) return "timeout";
  return (error as NodeJS.ErrnoException).code ?? REPLY_CODE.exec(error.message)?.[0] ?? error.name;
}
