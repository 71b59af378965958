/** The way of one request, from its head to the answer: one straight function, one stage after the other. */
import { randomUUID } from "node:crypto";
import type { CallerContext } from "./caller/caller.ts";
import type { Decision } from "./decide.ts";
import type { Coder } from "./present/coded.ts";
import type { Responses } from "./cache/responses.ts";
import type { Counters } from "./counters.ts";
import type { ExchangeLog } from "./exchange-log.ts";
import type { ExchangeTally } from "./exchange-tally.ts";
import type { MissLimit } from "./limits/misses.ts";
import type { RequestLimit } from "./limits/requests.ts";
import type { Logger } from "./log.ts";
import type { CallerKind } from "./caller/gate.ts";
import type { Caller } from "./caller/caller.ts";
import type { Frontend, Policy } from "./policy.ts";
import type { Answer, AnswerContext } from "./present/present.ts";
import type { Webhooks } from "./webhooks/receive.ts";
import type { RequestHead } from "./request/request-line.ts";
import { PREFLIGHT_FIELDS, corsFields, varyField } from "./caller/cors.ts";
import { readCaller } from "./caller/caller.ts";
import { decide, namedFrontend } from "./decide.ts";
import { openRecord } from "./exchange-record.ts";
import { presentEmpty, presentProblem, presentReply } from "./present/present.ts";
import { Problem, problem } from "./problem.ts";
import { CallersGone } from "./upstream/failures.ts";

/** What an exchange works with: made once at start. */
export interface Gateway {
  /** The running policy; an exchange keeps the one it began with. */
  readonly policy: () => Policy;
  readonly callers: CallerContext;
  readonly requestLimit: RequestLimit;
  readonly missLimit: MissLimit;
  readonly responses: Responses;
  readonly webhooks: Webhooks;
  readonly coder: Coder;
  readonly counters: Counters;
  readonly logger: Logger;
  readonly tally: ExchangeTally;
  readonly exchangeLog: ExchangeLog;
}

/** One request as the server hands it over. */
export interface Incoming {
  readonly head: RequestHead;
  /** Address of the TCP connection. */
  readonly peer: string | undefined;
  /** Aborted when the caller has gone (CallersGone) or the process stops (Problem draining). Called only when a call is made. */
  readonly waiting: () => AbortSignal;
}

/** Never throws: what can't be answered otherwise is a problem. Writes one line to the log. */
export async function exchange(gateway: Gateway, { head, peer, waiting }: Incoming): Promise<Answer> {
  const requestId = randomUUID();
  const caller = readCaller(head, peer, gateway.callers);
  const decision = decide(gateway.policy(), head, caller);
  const context: AnswerContext = { requestId, frontendFields: frontendFields(decision, caller) };
  const record = openRecord(requestId, head, caller, decision);
  try {
    if (decision.decision === "refused") throw decision.fault;
    if (decision.decision === "preflight") return record.answered(presentEmpty(204, PREFLIGHT_FIELDS, context));
    const { frontend, kind, match } = decision;

    if (kind !== "server") gateway.requestLimit.admit(frontend.name, caller.addressKey, frontend.limits.requests);
    record.admitted();
    const admit = (): Promise<void> => spend(gateway, { frontend, kind, caller });
    const reply = await gateway.responses.find({ frontend, match, waiter: () => ({ signal: waiting(), admit }) });
    record.found(reply);
    return record.answered(
      await presentReply(reply, head, { ...context, browserSeconds: match.route.lifetimes.browserSeconds, coder: gateway.coder }),
    );
  } catch (error) {
    if (error instanceof CallersGone) return record.abandoned();
    const fault = error instanceof Problem ? error : problem("internal", { cause: error });
    return record.answered(presentProblem(fault, head, context), fault);
  } finally {
    gateway.exchangeLog.write(record.end());
  }
}

/**
 * What is refused before anything can be decided: bytes that are no request, a tunnel, what nobody foresaw. One line and one count, as
 * every exchange has, and the fields of the frontend that it names.
 * @param request `head` as far as there is one
 */
export function refuse(gateway: Gateway, { head, peer }: Pick<Incoming, "head" | "peer">, fault: Problem): Answer {
  const requestId = randomUUID();
  const caller = readCaller(head, peer, gateway.callers);
  const decision: Decision = { decision: "refused", stage: "request-line", fault, ...namedFrontend(gateway.policy(), head.target) };
  const record = openRecord(requestId, head, caller, decision);
  const answer = record.answered(presentProblem(fault, head, { requestId, frontendFields: frontendFields(decision, caller) }), fault);
  gateway.exchangeLog.write(record.end());
  return answer;
}

/** Stage h, asked only when a call is needed; the organization's quota is booked with the call itself. Servers have no limit by address. */
async function spend(
  gateway: Gateway,
  { frontend, kind, caller }: { frontend: Frontend; kind: CallerKind; caller: Caller },
): Promise<void> {
  if (kind !== "server") await gateway.missLimit.admit(frontend, caller.addressKey);
}

function frontendFields(decision: Decision, caller: Parameters<typeof corsFields>[1]): AnswerContext["frontendFields"] {
  if (decision.frontend === undefined) return {};
  return { ...corsFields(decision.frontend, caller), vary: varyField(decision.frontend) };
}
