/** The HTTP edge: Hono hands every request to one exchange. Routing here is on the raw path, so nothing is decoded twice. */
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { randomUUID } from "node:crypto";
import type { Gateway } from "../pipeline.ts";
import type { Answer } from "../present/present.ts";
import type { RequestHead } from "../request/request-line.ts";
import { describeError } from "../log.ts";
import { exchange } from "../pipeline.ts";
import { presentEmpty, presentProblem } from "../present/present.ts";
import { problem } from "../problem.ts";
import { readContent } from "../request/content.ts";
import { CallersGone } from "../upstream/failures.ts";
import { receiveWebhook, webhookOrganization } from "../webhooks/receive.ts";

type Bindings = { Bindings: HttpBindings };
type Incoming = HttpBindings["incoming"];
type Outgoing = HttpBindings["outgoing"];

/** What the edge knows of the process's life. */
export interface Lifecycle {
  /** Whether new work is welcome: /readyz says so. */
  readonly isReady: () => boolean;
  /** Aborted with Problem `draining` when exchanges still in flight must end. */
  readonly stopping: AbortSignal;
}

/** Without it the answer would be chunked. */
const NO_CONTENT = { "content-length": "0" };

export function createApp(gateway: Gateway, lifecycle: Lifecycle): Hono<Bindings> {
  const app = new Hono<Bindings>({ getPath: (_request, options) => rawPath(options?.env as HttpBindings) });
  app.get("/healthz", () => toResponse(presentEmpty(200, NO_CONTENT, withoutFrontend())));
  app.get("/readyz", () => toResponse(presentEmpty(lifecycle.isReady() ? 200 : 503, NO_CONTENT, withoutFrontend())));
  app.all("*", async ({ env: { incoming, outgoing } }) => {
    const head = readHead(incoming);
    const waiting = (): AbortSignal => waitingSignal(outgoing, lifecycle.stopping);
    const peer = incoming.socket.remoteAddress;
    const organization = webhookOrganization(head);
    const answer =
      organization === undefined
        ? await exchange(gateway, { head, peer, waiting })
        : await receiveWebhook(gateway, organization, { head, peer, readBody: () => readContent(incoming, outgoing, waiting()) });
    if (!lifecycle.isReady()) answer.headers["connection"] = "close";
    return toResponse(answer);
  });
  app.onError((error, { env: { incoming } }) => {
    gateway.logger.error(describeError(error), "an exchange failed in a way nobody foresaw");
    return toResponse(presentProblem(problem("internal"), readHead(incoming), withoutFrontend()));
  });
  return app;
}

/** For a request that never becomes an exchange: what the HTTP library itself refuses. */
export function malformedResponse(): Response {
  const fault = problem("request-malformed", { detail: "The request is not well-formed HTTP.", headers: { connection: "close" } });
  return toResponse(presentProblem(fault, EMPTY_HEAD, withoutFrontend()));
}

const EMPTY_HEAD: RequestHead = { method: "GET", target: "", httpVersion: "1.1", rawHeaders: [], headers: {} };

function rawPath({ incoming: { url = "" } }: HttpBindings): string {
  const queryStart = url.indexOf("?");
  return queryStart === -1 ? url : url.slice(0, queryStart);
}

function readHead({ method = "", url = "", httpVersion, rawHeaders, headers }: Incoming): RequestHead {
  return { method, target: url, httpVersion, rawHeaders, headers };
}

function withoutFrontend(): { readonly requestId: string; readonly frontendFields: Readonly<Record<string, string>> } {
  return { requestId: randomUUID(), frontendFields: {} };
}

function waitingSignal(outgoing: Outgoing, stopping: AbortSignal): AbortSignal {
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

/** A plain object of fields and a Buffer are the server library's fast path. */
function toResponse({ status, headers, body }: Answer): Response {
  return new Response(body as ConstructorParameters<typeof Response>[0], { status, headers });
}
