/** The way of one request, from its head to the answer: one straight function, one stage after the other. */
import { randomUUID } from "node:crypto";
import type { CallerContext } from "./caller/caller.ts";
import type { Decision } from "./decide.ts";
import type { Coder } from "./present/coded.ts";
import type { Reply, Responses } from "./cache/responses.ts";
import type { Counters } from "./counters.ts";
import type { ExchangeLog } from "./exchange-log.ts";
import type { ExchangeRecord, LimitName } from "./exchange-record.ts";
import type { ExchangeTally } from "./exchange-tally.ts";
import type { Directories } from "./directory/directories.ts";
import type { DirectoryAnswer } from "./directory/directory.ts";
import type { MissLimit } from "./limits/misses.ts";
import type { RequestLimit } from "./limits/requests.ts";
import type { Logger } from "./log.ts";
import type { CallerKind } from "./caller/gate.ts";
import type { Caller } from "./caller/caller.ts";
import type { Frontend, Policy } from "./policy.ts";
import type { Answer, AnswerContext } from "./present/present.ts";
import type { SessionReading } from "./session/read-session.ts";
import type { Sessions } from "./session/sessions.ts";
import type { Webhooks } from "./webhooks/receive.ts";
import type { RequestHead } from "./request/request-line.ts";
import { frontendFields, preflightFields } from "./caller/cors.ts";
import { readCaller } from "./caller/caller.ts";
import { decide, namedFrontend } from "./decide.ts";
import { CLIENT_CLOSED_REQUEST, methodName, openRecord } from "./exchange-record.ts";
import { presentDescription, presentEmpty, presentProblem, presentReply, presentStores } from "./present/present.ts";
import { descriptionOf } from "./openapi/describe.ts";
import { Problem, problem } from "./problem.ts";
import { requireSession } from "./session/require-session.ts";
import { CallersGone } from "./upstream/failures.ts";

type DirectoryDecision = Decision & { readonly decision: "directory" };

const NO_FIELDS: AnswerContext["frontendFields"] = {};

/** What an exchange works with: made once at start. */
export interface Gateway {
  /** The running policy; an exchange keeps the one it began with. */
  readonly policy: () => Policy;
  readonly callers: CallerContext;
  readonly requestLimit: RequestLimit;
  readonly missLimit: MissLimit;
  readonly responses: Responses;
  readonly sessions: Sessions;
  readonly webhooks: Webhooks;
  readonly directories: Pick<Directories, "answer">;
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
  /** The content, whole. Asked for only when there may be one. @throws Problem, body-too-large beyond `maxBytes`; CallersGone */
  readonly readBody: (maxBytes: number) => Promise<Buffer>;
  /** Aborted when the caller has gone (CallersGone) or the process stops (Problem draining). Called only when a call is made. */
  readonly waiting: () => AbortSignal;
}

/** Never throws: what can't be answered otherwise is a problem. Writes one line to the log. What is held comes without a promise. */
export function exchange(gateway: Gateway, incoming: Incoming): Answer | Promise<Answer> {
  const { head, peer } = incoming;
  const policy = gateway.policy();
  const caller = readCaller(head, peer, gateway.callers);
  const { frontend } = namedFrontend(policy, head.target);
  if (frontend?.session !== "required") return exchangeWith(gateway, incoming, caller, policy);
  const session = gateway.sessions.read(frontend, head, caller);
  const proceed = (read: SessionReading): Answer | Promise<Answer> => exchangeWith(gateway, incoming, { ...caller, session: read }, policy);
  return session instanceof Promise ? session.then(proceed) : proceed(session);
}

function exchangeWith(gateway: Gateway, incoming: Incoming, caller: Caller, policy: Policy): Answer | Promise<Answer> {
  const { head } = incoming;
  const begun = begin(head, caller, decide(policy, head, caller));
  try {
    const answer = find(gateway, begun, incoming);
    if (!(answer instanceof Promise)) return end(gateway, begun, answer);
    return answer.then(
      (found) => end(gateway, begun, found),
      (error: unknown) => fail(gateway, begun, error),
    );
  } catch (error) {
    return fail(gateway, begun, error);
  }
}

/**
 * What is refused before anything can be decided: bytes that are no request, a tunnel, what nobody foresaw. One line and one count, as
 * every exchange has, and the fields of the frontend that it names.
 * @param request `head` as far as there is one
 */
export function refuse(gateway: Gateway, { head, peer }: Pick<Incoming, "head" | "peer">, fault: Problem): Answer {
  const caller = readCaller(head, peer, gateway.callers);
  const named = namedFrontend(gateway.policy(), head.target);
  return fail(gateway, begin(head, caller, { decision: "refused", stage: "request-line", fault, ...named }), fault);
}

/** What is known of an exchange before it is answered. */
interface Begun {
  readonly head: RequestHead;
  readonly caller: Caller;
  readonly decision: Decision;
  readonly context: AnswerContext;
  readonly record: ExchangeRecord;
}

function begin(head: RequestHead, caller: Caller, decision: Decision): Begun {
  const requestId = randomUUID();
  const fields = decision.frontend === undefined ? NO_FIELDS : frontendFields(decision.frontend, caller);
  const scope = decision.frontend?.session === "required" ? ("private" as const) : ("public" as const);
  const context = { requestId, frontendFields: fields, scope };
  return { head, caller, decision, context, record: openRecord(requestId, head, caller, decision) };
}

/** Stages f to k. @throws Problem, and whatever nobody foresaw */
function find(gateway: Gateway, begun: Begun, { waiting, readBody }: Incoming): Answer | Promise<Answer> {
  const { head, caller, decision, context, record } = begun;
  if (decision.decision === "refused") throw decision.fault;
  if (decision.decision === "preflight") return presentEmpty(204, preflightFields(decision.frontend), context);
  const { frontend } = decision;
  const kind = decision.decision === "description" ? undefined : decision.kind;

  try {
    if (kind !== "server") gateway.requestLimit.admit(frontend.name, caller.addressKey, frontend.limits.requests);
  } catch (fault) {
    letPass(fault, "requests", { frontend, record });
  }
  record.admitted();
  if (decision.decision === "description") return presentDescription(descriptionOf(frontend), head, { ...context, coder: gateway.coder });
  if (decision.decision === "session") return gateway.sessions.mint({ frontend, head, caller, context, readBody });
  if (decision.decision === "directory") return findStores(gateway, begun, decision);
  const { match } = decision;
  const admit = (): Promise<void> => spend(gateway, { frontend, kind: decision.kind, head, caller, record });
  const present = (reply: Reply): Answer | Promise<Answer> => {
    record.found(reply);
    return presentReply(reply, head, { ...context, browserSeconds: match.route.lifetimes.browserSeconds, coder: gateway.coder });
  };
  const held = gateway.responses.peek({ frontend, match });
  if (held !== undefined) return present(held);
  return gateway.responses.find({ frontend, match, waiter: () => ({ signal: waiting(), admit }) }).then(present);
}

/** The directory's answer: made here, and never a call. @throws Problem */
function findStores(gateway: Gateway, { head, context, record }: Begun, { frontend, stores }: DirectoryDecision): Answer | Promise<Answer> {
  const present = (answer: DirectoryAnswer): Answer | Promise<Answer> => {
    record.found({ outcome: "directory" });
    gateway.counters.add("directory_answers");
    return presentStores(answer, head, { ...context, coder: gateway.coder });
  };
  const answer = gateway.directories.answer(frontend.key, stores);
  return answer instanceof Promise ? answer.then(present) : present(answer);
}

function end(gateway: Gateway, { record }: Begun, answer: Answer, fault?: Problem): Answer {
  gateway.exchangeLog.write(record.end(answer.status, fault));
  return answer;
}

function fail(gateway: Gateway, begun: Begun, error: unknown): Answer {
  if (error instanceof CallersGone) return end(gateway, begun, { status: CLIENT_CLOSED_REQUEST, headers: {}, body: null });
  const fault = error instanceof Problem ? error : problem("internal", { cause: error });
  gateway.tally.refusals.note({ ...begun, method: methodName(begun.head.method), fault });
  return end(gateway, begun, presentProblem(fault, begun.head, begun.context), fault);
}

/** Stage h, asked only when a call is needed; the organization's quota is booked with the call itself. Servers have no session and no limit by address. */
async function spend(
  gateway: Gateway,
  { frontend, kind, head, caller, record }: Pick<Begun, "head" | "caller" | "record"> & { frontend: Frontend; kind: CallerKind },
): Promise<void> {
  if (kind === "server") return;
  const session = frontend.session === "none" ? undefined : requireSession(frontend, await gateway.sessions.read(frontend, head, caller));
  try {
    await gateway.missLimit.admit(frontend, caller.addressKey, session?.id);
  } catch (fault) {
    letPass(fault, "misses", { frontend, record });
  }
}

/** Where limits are only reported, one that is exceeded is noted. @throws the fault everywhere else */
function letPass(fault: unknown, limit: LimitName, { frontend, record }: { frontend: Frontend; record: ExchangeRecord }): void {
  if (!frontend.limits.reportOnly || !(fault instanceof Problem) || fault.code !== "rate-limited") throw fault;
  record.exceeded(limit);
}
