/** What the operator's listener answers: metrics for whoever reaches it; the page, counters and actions for the operator. */
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { Locator } from "../config/locate.ts";
import type { Reloader } from "../config/reload.ts";
import type { UpstreamBase } from "../environment.ts";
import type { Secret } from "../secret.ts";
import type { Operator } from "./access.ts";
import type { Instance } from "./instance.ts";
import type { Series } from "./page/series.ts";
import { describeError } from "../log.ts";
import { Problem, problem } from "../problem.ts";
import { readRequestLine } from "../request/request-line.ts";
import { admitOperator, checkJson, checkSource } from "./access.ts";
import { createActions } from "./actions.ts";
import { problemResponse, readContentOf, readHead } from "./exchange.ts";
import { readCounters } from "./instance.ts";
import { createMetrics } from "./metrics.ts";
import { createPageApp } from "./page/page-app.ts";
import { readPurgeTarget } from "./purge.ts";

type Bindings = { Bindings: HttpBindings };

export interface OperatorParts {
  readonly instance: Instance;
  /** undefined: none is asked for. */
  readonly token: Secret | undefined;
  /** Where things of the running configuration are written. */
  readonly locate: () => Locator;
  /** Where Partoo is. */
  readonly base: UpstreamBase;
  /** undefined: the configuration is read at the start only. */
  readonly reloader?: Reloader | undefined;
}

const ANSWER_FIELDS = { "cache-control": "no-store", "x-content-type-options": "nosniff", "content-security-policy": "default-src 'none'" };
const METHODS: Readonly<Record<string, string>> = {
  "/api/purge": "POST",
  "/api/reload": "POST",
  "/api/counters": "GET, HEAD",
  "/": "GET, HEAD",
  "/explain": "GET, HEAD",
  "/purge": "POST",
  "/reload": "POST",
  "/login": "POST",
  "/logout": "POST",
};

export function createOperatorApp(parts: OperatorParts, series: Series): Hono<Bindings> {
  const { instance, token, reloader } = parts;
  const { logger } = instance;
  const startedAt = performance.now();
  const metrics = createMetrics(instance, reloader);
  const actions = createActions(instance, reloader);
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

  // Prometheus needs no token, and scrapes by any name where one is set; without one, a page's own name must not lead here.
  app.get("/metrics", async ({ env }) => {
    try {
      const head = readHead(env);
      readRequestLine(head);
      if (token === undefined) checkSource(head, token);
      return new Response(await metrics.text(), { headers: { ...ANSWER_FIELDS, "content-type": metrics.contentType } });
    } catch (error) {
      return problemResponse(error instanceof Problem ? error : problem("internal", { cause: error }), readHead(env));
    }
  });
  app.get("/api/counters", ({ env }) => answer(env, () => readCounters(instance, (performance.now() - startedAt) / 1000)));
  app.post("/api/purge", ({ env }) => answer(env, async (operator) => actions.purge(readPurgeTarget(await readJson(env)), operator)));
  app.post("/api/reload", ({ env }) =>
    answer(env, async (operator) => {
      await readJson(env);
      return actions.reload(operator);
    }),
  );
  app.route("/", createPageApp(parts, actions, series));
  for (const [path, allow] of Object.entries(METHODS)) app.all(path, ({ env }) => problemResponse(methodNotAllowed(allow), readHead(env)));
  app.notFound(({ env }) => {
    const detail = "The operator's listener has / (the page), /explain, /metrics, /api/counters, /api/purge and /api/reload.";
    return problemResponse(problem("route-not-allowed", { detail }), readHead(env));
  });
  app.onError((error, { env }) => {
    logger.error(describeError(error), "the operator's listener failed in a way nobody foresaw");
    return problemResponse(problem("internal"), readHead(env));
  });
  return app;
}

/** @throws Problem request-malformed, body-too-large */
function readJson(env: HttpBindings): Promise<Buffer> {
  checkJson(readHead(env));
  return readContentOf(env);
}

function methodNotAllowed(allow: string): Problem {
  return problem("method-not-allowed", { detail: `Only ${allow} is allowed here.`, headers: { allow } });
}
