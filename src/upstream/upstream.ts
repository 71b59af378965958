/** Stage i: one call to Partoo, built from nothing: a template, validated parameters and the key. Never a redirect. */
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import type { UpstreamBase } from "../environment.ts";
import type { KeyRing } from "../keys.ts";
import type { Logger } from "../log.ts";
import type { Problem } from "../problem.ts";
import type { RouteMatch } from "../request/match.ts";
import type { Secret } from "../secret.ts";
import type { Deadline } from "./deadline.ts";
import type { UpstreamAnswer } from "./read-answer.ts";
import { holdsKey, refuseEcho } from "../key-echo.ts";
import { startDeadline } from "./deadline.ts";
import { NotReached, problemOfError, problemOfAnswer } from "./failures.ts";
import { MAX_ANSWER_BYTES, fetchAnswer } from "./read-answer.ts";
import { describeRefusal } from "./refusal.ts";
import { createRouteAlarm } from "./route-alarm.ts";

const CONNECT_TIMEOUT_MS = 2000;
const ANSWER_DEADLINE_MS = 10_000;
const IDLE_CONNECTION_MS = 15_000;
/** A second attempt waits so long, with jitter, so that instances do not knock together. */
const RETRY_DELAY_MS = { min: 50, spread: 200 } as const;
const RETRIED_STATUSES: ReadonlySet<number> = new Set([502, 503]);

export interface Upstream {
  /**
   * Calls Partoo and reads the answer to the end.
   * @param keyName the key to add
   * @returns a 2xx answer, decoded
   * @throws Problem not-found, quota-exhausted, upstream-refused, upstream-failed, upstream-timeout
   */
  send(match: RouteMatch, keyName: string, conditions: SendConditions): Promise<UpstreamAnswer>;
  close(): Promise<void>;
}

export interface SendConditions {
  /** Aborted when nobody waits any more: its reason is what send() throws. */
  readonly waiting: AbortSignal;
  /** Asked before every request that is sent, the second included. What it throws ends the call. */
  readonly admit: (signal: AbortSignal) => Promise<void>;
}

export interface UpstreamOptions {
  readonly base: UpstreamBase;
  readonly keys: KeyRing;
  /** Told when Partoo refuses what a route asks for. */
  readonly logger: Logger;
  /** To the last byte, all attempts together; waiting to be admitted does not count. */
  readonly deadlineMs?: number;
}

export function createUpstream({ base, keys, logger, deadlineMs = ANSWER_DEADLINE_MS }: UpstreamOptions): Upstream {
  const pool = new Pool(base.origin, {
    allowH2: false,
    // No bound here: the governor has one, and an admitted call must not wait for a connection to become free.
    connections: null,
    pipelining: 1,
    connectTimeout: CONNECT_TIMEOUT_MS,
    headersTimeout: deadlineMs,
    bodyTimeout: deadlineMs,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
  });

  const alarmRoute = createRouteAlarm(logger);

  const attempt = async (match: RouteMatch, secret: Secret, { admit }: SendConditions, deadline: Deadline): Promise<UpstreamAnswer> => {
    const { signal } = deadline;
    await deadline.pausedFor(() => admit(signal));
    const request = { method: "GET", path: base.prefix + match.target, headers: requestFields(secret.reveal(base.origin)) } as const;
    return fetchAnswer(pool, request, signal);
  };

  /** Raises the alarm when Partoo refuses our key or our request. */
  const failureOf = (answer: UpstreamAnswer, { route }: RouteMatch, keyName: string): Problem => {
    const { status } = answer;
    const reason = reasonFor(answer, keys);
    const failure = problemOfAnswer(answer, reason);
    if (status === 401 || status === 403) keys.alarm(keyName, status);
    else if (failure.code === "upstream-refused") alarmRoute({ keyName, route: route.template, status, reason });
    return failure;
  };

  /** At most two requests: the second after what may pass by itself, or with another value of a key that was refused. */
  const sendWithKeys = async (
    match: RouteMatch,
    keyName: string,
    conditions: SendConditions,
    deadline: Deadline,
  ): Promise<UpstreamAnswer> => {
    let secret = keys.current(keyName);
    let answer = await firstAttempt(() => attempt(match, secret, conditions, deadline), deadline.signal);
    const replacement = answer?.status === 401 ? keys.replacement(keyName, secret) : undefined;
    if (answer === undefined || replacement !== undefined) {
      secret = replacement ?? secret;
      answer = await attempt(match, secret, conditions, deadline);
    }
    if (answer.status < 200 || answer.status > 299) throw failureOf(answer, match, keyName);
    keys.accepted(keyName, secret);
    refuseEcho(answer.body, keys);
    return answer;
  };

  return {
    async send(match, keyName, conditions) {
      const deadline = startDeadline(conditions.waiting, deadlineMs);
      try {
        return await sendWithKeys(match, keyName, conditions, deadline);
      } catch (error) {
        throw problemOfError(deadline.signal.aborted ? deadline.signal.reason : error);
      } finally {
        deadline.clear();
      }
    },
    close: () => pool.destroy(),
  };
}

/** Every field of a request to Partoo; a caller's fields are never among them. */
function requestFields(key: string): Record<string, string> {
  return { "x-apikey": key, accept: "application/json", "accept-encoding": "gzip, br", "user-agent": "partoo-bff" };
}

/** @returns undefined, after a pause, when one more is due: nothing reached Partoo, or 502 or 503 */
async function firstAttempt(attempt: () => Promise<UpstreamAnswer>, signal: AbortSignal): Promise<UpstreamAnswer | undefined> {
  try {
    const answer = await attempt();
    if (!RETRIED_STATUSES.has(answer.status)) return answer;
  } catch (error) {
    if (signal.aborted || !(error instanceof NotReached)) throw error;
  }
  await sleep(RETRY_DELAY_MS.min + Math.random() * RETRY_DELAY_MS.spread, undefined, { signal });
  return undefined;
}

/** For the log. A key may stand where Partoo names a field. */
function reasonFor(answer: UpstreamAnswer, keys: KeyRing): string {
  const reason = describeRefusal(answer);
  return holdsKey(Buffer.from(reason), keys) ? `status ${answer.status}` : reason;
}
