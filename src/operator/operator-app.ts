/** What the operator's listener answers: metrics for whoever reaches it, counters and purges for the operator. */
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { randomUUID } from "node:crypto";
import type { RequestHead } from "../request/request-line.ts";
import type { Secret } from "../secret.ts";
import type { Operator } from "./access.ts";
import type { Instance } from "./instance.ts";
import { describeError } from "../log.ts";
import { presentProblem } from "../present/present.ts";
import { Problem, problem } from "../problem.ts";
import { readContent } from "../request/content.ts";
import { readRequestLine } from "../request/request-line.ts";
import { admitOperator, checkJson } from "./access.ts";
import { readCounters } from "./instance.ts";
import { createMetrics } from "./metrics.ts";
import { purgeByHand, readPurgeTarget } from "./purge.ts";

type Bindings = { Bindings: HttpBindings };

const ANSWER_FIELDS = { "cache-control": "no-store", "x-content-type-options": "nosniff", "content-security-policy": "default-src 'none'" };

/** @param token undefined: none is asked for */
export function createOperatorApp(instance: Instance, token: Secret | undefined): Hono<Bindings> {
  const { logger } = instance;
  const startedAt = performance.now();
  const metrics = createMetrics(instance);
  const app = new Hono<Bindings>();

  /** One answer for the operator, as JSON or as a problem; refusals are in the log. */
  const answer = async (env: HttpBindings, act: (operator: Operator) => unknown): Promise<Response> => {
    const head = readHead(env);
    try {
      readRequestLine(head);
      const operator = admitOperator(head, token);
      return Response.json(await act(operator), { headers: ANSWER_FIELDS });
    } catch (error) {
      const fault = error instanceof Problem ? error : problem("internal", { cause: error });
      const cause = fault.cause === undefined ? {} : describeError(fault.cause);
      logger.warn({ status: fault.status, code: fault.code, ...cause }, "a request to the operator's listener was refused");
      return problemResponse(fault, head);
    }
  };

  app.get("/metrics", async (context) => context.body(await metrics.text(), 200, { "content-type": metrics.contentType }));
  app.get("/api/counters", ({ env }) => answer(env, () => readCounters(instance, (performance.now() - startedAt) / 1000)));
  app.post("/api/purge", ({ env }) =>
    answer(env, async (operator) => {
      checkJson(readHead(env));
      const target = readPurgeTarget(await readContent(env.incoming, env.outgoing, AbortSignal.timeout(BODY_TIMEOUT_MS)));
      const report = await purgeByHand(target, instance);
      logger.info({ operator, action: "purge", ...target, entries: report.entries, instances: report.instances }, "purged by hand");
      return report;
    }),
  );
  app.all("/api/purge", ({ env }) => problemResponse(methodNotAllowed("POST"), readHead(env)));
  app.all("/api/counters", ({ env }) => problemResponse(methodNotAllowed("GET, HEAD"), readHead(env)));
  app.notFound(({ env }) => {
    const fault = problem("route-not-allowed", { detail: "The operator's listener has /metrics, /api/counters and /api/purge." });
    return problemResponse(fault, readHead(env));
  });
  app.onError((error, { env }) => {
    logger.error(describeError(error), "the operator's listener failed in a way nobody foresaw");
    return problemResponse(problem("internal"), readHead(env));
  });
  return app;
}

/** Longer than reading may take on its own terms. */
const BODY_TIMEOUT_MS = 15_000;

function readHead({ incoming: { method = "", url = "", httpVersion, rawHeaders, headers } }: HttpBindings): RequestHead {
  return { method, target: url, httpVersion, rawHeaders, headers };
}

/** The connection ends: what a refused request still has to send is not read. */
function problemResponse(fault: Problem, head: RequestHead): Response {
  const { status, headers, body } = presentProblem(fault, head, { requestId: randomUUID(), frontendFields: {} });
  return new Response(body as ConstructorParameters<typeof Response>[0], { status, headers: { ...headers, connection: "close" } });
}

function methodNotAllowed(allow: string): Problem {
  return problem("method-not-allowed", { detail: `Only ${allow} is allowed here.`, headers: { allow } });
}
