/** The way of one request, from its head to the answer: one straight function, one stage after the other. */
import { randomUUID } from "node:crypto";
import type { CallerContext } from "./caller/caller.ts";
import type { Decision } from "./decide.ts";
import type { ExchangeTally } from "./exchange-tally.ts";
import type { KeyRing } from "./keys.ts";
import type { MissLimit } from "./limits/misses.ts";
import type { RequestLimit } from "./limits/requests.ts";
import type { Logger } from "./log.ts";
import type { Policy } from "./policy.ts";
import type { Answer, AnswerContext } from "./present/present.ts";
import type { RequestHead } from "./request/request-line.ts";
import type { Upstream } from "./upstream/upstream.ts";
import { PREFLIGHT_FIELDS, corsFields, varyField } from "./caller/cors.ts";
import { readCaller } from "./caller/caller.ts";
import { decide } from "./decide.ts";
import { openRecord } from "./exchange-record.ts";
import { presentEmpty, presentProblem, presentRepresentation } from "./present/present.ts";
import { Problem, problem } from "./problem.ts";
import { shapeAnswer } from "./shape/representation.ts";
import { CallersGone } from "./upstream/failures.ts";

/** What an exchange works with: made once at start. */
export interface Gateway {
  /** The running policy; an exchange keeps the one it began with. */
  readonly policy: () => Policy;
  readonly callers: CallerContext;
  readonly requestLimit: RequestLimit;
  readonly missLimit: MissLimit;
  readonly upstream: Upstream;
  readonly keys: KeyRing;
  readonly logger: Logger;
  readonly tally: ExchangeTally;
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
    if (kind !== "server") await gateway.missLimit.admit(frontend, caller.addressKey);
    const received = await gateway.upstream.send(match, frontend.key.name, waiting());
    const representation = shapeAnswer(match.route, received, gateway.keys);

    return record.answered(
      await presentRepresentation(representation, head, {
        ...context,
        cacheControl: `public, max-age=${match.route.lifetimes.browserSeconds}`,
        cacheStatus: "partoo-bff; fwd=miss",
      }),
    );
  } catch (error) {
    if (error instanceof CallersGone) return record.abandoned();
    const fault = error instanceof Problem ? error : problem("internal", { cause: error });
    return record.answered(presentProblem(fault, head, context), fault);
  } finally {
    record.write(gateway.logger, gateway.tally);
  }
}

function frontendFields(decision: Decision, caller: Parameters<typeof corsFields>[1]): AnswerContext["frontendFields"] {
  if (decision.frontend === undefined) return {};
  return { ...corsFields(decision.frontend, caller), vary: varyField(decision.frontend) };
}
