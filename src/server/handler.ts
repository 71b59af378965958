/** The HTTP edge: each request is an exchange, a webhook or a question for health, and gets one answer. Paths are compared as sent. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { randomUUID } from "node:crypto";
import type { Gateway } from "../pipeline.ts";
import type { Answer } from "../present/present.ts";
import type { RequestHead } from "../request/request-line.ts";
import { exchange, refuse } from "../pipeline.ts";
import { presentEmpty } from "../present/present.ts";
import { Problem, problem } from "../problem.ts";
import { readContent } from "../request/content.ts";
import { readRequestLine } from "../request/request-line.ts";
import { CallersGone } from "../upstream/failures.ts";
import { receiveWebhook, webhookOrganization } from "../webhooks/receive.ts";
import { sendAnswer } from "./send.ts";

/** What the edge knows of the process's life. */
export interface Lifecycle {
  /** Whether new work is welcome: /readyz says so. */
  readonly isReady: () => boolean;
  /** Aborted with Problem `draining` when exchanges still in flight must end. */
  readonly stopping: AbortSignal;
}

export type RequestHandler = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/** Without it the answer would be chunked. */
const NO_CONTENT = { "content-length": "0" };
const HEALTH = /^\/(healthz|readyz)(?:\?|$)/;

/** @returns what deals with one request to its end. It never throws. */
export function createHandler(gateway: Gateway, lifecycle: Lifecycle): RequestHandler {
  const answerTo = (head: RequestHead, incoming: IncomingMessage, outgoing: ServerResponse): Answer | Promise<Answer> => {
    const health = answerHealth(head, lifecycle);
    if (health !== undefined) return health;
    const peer = incoming.socket.remoteAddress;
    const waiting = (): AbortSignal => waitingSignal(outgoing, lifecycle.stopping);
    const organization = webhookOrganization(head);
    const readBody = (maxBytes?: number): Promise<Buffer> => readContent(incoming, outgoing, { waiting: waiting(), maxBytes });
    if (organization === undefined) return exchange(gateway, { head, peer, readBody, waiting });
    return receiveWebhook(gateway, organization, { head, peer, readBody });
  };
  return (incoming, outgoing) => {
    const head = readHead(incoming);
    const send = (answer: Answer): void => {
      if (!lifecycle.isReady()) answer.headers["connection"] = "close";
      sendAnswer(answer, incoming, outgoing);
    };
    const fail = (error: unknown): void => {
      const fault = error instanceof Problem ? error : problem("internal", { cause: error });
      send(refuse(gateway, { head, peer: incoming.socket.remoteAddress }, fault));
    };
    try {
      const answer = answerTo(head, incoming, outgoing);
      if (answer instanceof Promise) void answer.then(send).catch(fail);
      else send(answer);
    } catch (error) {
      fail(error);
    }
  };
}

/** @returns undefined for everything else. @throws Problem of stage a: it is asked in the same HTTP as everything else */
function answerHealth(head: RequestHead, { isReady }: Lifecycle): Answer | undefined {
  if (head.method !== "GET" && head.method !== "HEAD") return undefined;
  const [, asked] = HEALTH.exec(head.target) ?? [];
  if (asked === undefined) return undefined;
  readRequestLine(head);
  const status = asked === "healthz" || isReady() ? 200 : 503;
  return presentEmpty(status, NO_CONTENT, { requestId: randomUUID(), frontendFields: {}, scope: "public" });
}

function readHead({ method = "", url = "", httpVersion, rawHeaders, headers }: IncomingMessage): RequestHead {
  return { method, target: url, httpVersion, rawHeaders, headers };
}

function waitingSignal(outgoing: ServerResponse, stopping: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => controller.abort(stopping.reason);
  const leave = (): void => {
    stopping.removeEventListener("abort", stop);
    if (!outgoing.writableFinished) controller.abort(new CallersGone());
  };
  if (stopping.aborted) stop();
  if (outgoing.destroyed) leave();
  stopping.addEventListener("abort", stop, { once: true });
  outgoing.once("close", leave);
  return controller.signal;
}
