/** Requests of the operator's listener as the checks read them, and its refusals. */
import type { HttpBindings } from "@hono/node-server";
import { randomUUID } from "node:crypto";
import type { Problem } from "../problem.ts";
import type { RequestHead } from "../request/request-line.ts";
import { presentProblem } from "../present/present.ts";
import { readContent } from "../request/content.ts";

/** Longer than reading may take on its own terms. */
const BODY_TIMEOUT_MS = 15_000;

export function readHead({ incoming: { method = "", url = "", httpVersion, rawHeaders, headers } }: HttpBindings): RequestHead {
  return { method, target: url, httpVersion, rawHeaders, headers };
}

/** @throws Problem body-too-large, request-malformed */
export function readContentOf({ incoming, outgoing }: HttpBindings): Promise<Buffer> {
  return readContent(incoming, outgoing, { waiting: AbortSignal.timeout(BODY_TIMEOUT_MS) });
}

/** The connection ends: what a refused request still has to send is not read. */
export function problemResponse(fault: Problem, head: RequestHead): Response {
  const { status, headers, body } = presentProblem(fault, head, { requestId: randomUUID(), frontendFields: {}, scope: "public" as const });
  return new Response(body as ConstructorParameters<typeof Response>[0], { status, headers: { ...headers, connection: "close" } });
}
