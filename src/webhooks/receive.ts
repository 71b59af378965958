/** The way of one webhook of Partoo: `POST /webhooks/partoo/{organization}`, before any frontend. */
import { randomUUID } from "node:crypto";
import type { Gateway } from "../pipeline.ts";
import type { Answer } from "../present/present.ts";
import type { RequestHead } from "../request/request-line.ts";
import type { WebhookProof } from "./signature.ts";
import type { HeldStoreChanges } from "./webhook.ts";
import { readCaller } from "../caller/caller.ts";
import { CLIENT_CLOSED_REQUEST, methodName } from "../exchange-record.ts";
import { describeError } from "../log.ts";
import { presentEmpty, presentProblem } from "../present/present.ts";
import { Problem, problem } from "../problem.ts";
import { readRequestLine } from "../request/request-line.ts";
import { traceId } from "../trace.ts";
import { CallersGone } from "../upstream/failures.ts";
import { checkWebhook, checkWebhookFields } from "./signature.ts";
import { applyWebhook } from "./webhook.ts";

const PATH = /^\/webhooks\/partoo\/([^/?]+)(?:\?|$)/;
/** How metrics name it. */
const TEMPLATE = "/webhooks/partoo/{organization}";

/** What webhooks work with. */
export interface Webhooks {
  /** By organization; the others accept none. */
  readonly proofs: ReadonlyMap<string, WebhookProof>;
  readonly changes: HeldStoreChanges;
}

/** One request to the path of webhooks. */
export interface IncomingWebhook {
  readonly head: RequestHead;
  /** Address of the TCP connection. */
  readonly peer: string | undefined;
  /** Asked for only when the webhook may be one. @throws Problem; CallersGone */
  readonly readBody: () => Promise<Buffer>;
}

/** The last segment of the path of webhooks, as sent; undefined for any other path. */
export function webhookOrganization({ target }: RequestHead): string | undefined {
  return PATH.exec(target)?.[1];
}

/** Never throws. Makes no call to Partoo. Writes one line to the log: names and figures, nothing of the content. */
export async function receiveWebhook(gateway: Gateway, organization: string, incoming: IncomingWebhook): Promise<Answer> {
  const startedAt = performance.now();
  const { head } = incoming;
  const requestId = randomUUID();
  const context = { requestId, frontendFields: {}, scope: "public" as const };
  let fault: Problem | undefined;
  let answer: Answer;
  try {
    await accept(gateway, organization, incoming);
    answer = presentEmpty(200, { "content-length": "0" }, context);
  } catch (error) {
    if (error instanceof CallersGone) answer = { status: CLIENT_CLOSED_REQUEST, headers: {}, body: null };
    else {
      fault = error instanceof Problem ? error : problem("internal", { cause: error });
      answer = presentProblem(fault, head, context);
    }
  }
  gateway.counters.add(answer.status === 200 ? "webhooks" : "webhooks_refused");
  const ms = performance.now() - startedAt;
  gateway.exchangeLog.write({
    labels: { frontend: "", route: TEMPLATE, status: String(answer.status), code: fault?.code ?? "", cache: "" },
    seconds: ms / 1000,
    admitted: fault === undefined,
    level: fault?.code === "internal" ? "error" : "info",
    line: () => ({
      request_id: requestId,
      trace_id: traceId(head.headers["traceparent"], requestId),
      method: methodName(head.method),
      webhooks: gateway.webhooks.proofs.has(organization) ? organization : undefined,
      status: answer.status,
      code: fault?.code,
      address: readCaller(head, incoming.peer, gateway.callers).maskedAddress,
      ms: Math.round(ms * 10) / 10,
      ...(fault?.cause === undefined ? {} : describeError(fault.cause)),
    }),
  });
  return answer;
}

async function accept({ webhooks }: Gateway, organization: string, { head, readBody }: IncomingWebhook): Promise<void> {
  const { method } = readRequestLine(head);
  const proof = webhooks.proofs.get(organization);
  if (proof === undefined) {
    throw problem("route-not-allowed", { detail: "No organization of this name takes webhooks.", headers: { connection: "close" } });
  }
  if (method !== "POST") {
    throw problem("method-not-allowed", { detail: "Webhooks are posted.", headers: { allow: "POST", connection: "close" } });
  }
  checkWebhookFields(proof, head.headers);
  const body = await readBody();
  checkWebhook(proof, head.headers, body);
  await applyWebhook(organization, body, webhooks.changes);
}
