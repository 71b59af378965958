/** The operator page's addresses: documents for whoever may see them, and forms that act. */
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { RequestHead } from "../../request/request-line.ts";
import type { Actions } from "../actions.ts";
import type { OperatorParts } from "../operator-app.ts";
import type { Visit } from "./door.ts";
import type { Series } from "./series.ts";
import { describeError } from "../../log.ts";
import { Problem, problem } from "../../problem.ts";
import { readRequestLine } from "../../request/request-line.ts";
import { readVersion } from "../../version.ts";
import { checkForm, checkSource } from "../access.ts";
import { readContentOf, readHead } from "../exchange.ts";
import { pageResponse, redirect } from "./document.ts";
import { createDoor } from "./door.ts";
import { readQuestion, renderExplainPage } from "./explain-page.ts";
import { renderLoginPage, renderRefusedPage } from "./login-page.ts";
import { renderMainPage } from "./main-page.ts";
import { createSampler } from "./refusals-section.ts";

export function createPageApp(parts: OperatorParts, actions: Actions, series: Series): Hono<{ Bindings: HttpBindings }> {
  const { instance, locate, base, reloader } = parts;
  const { page, act, guarded, door } = createResponder(parts);
  const fixed = { instance, actions, series, reloader, version: readVersion(), sample: createSampler() };
  const startedAt = performance.now();
  const app = new Hono<{ Bindings: HttpBindings }>();

  app.get("/", ({ env }) =>
    page(env, ({ operator, formWord }) => {
      const uptimeSeconds = (performance.now() - startedAt) / 1000;
      return renderMainPage({ ...fixed, uptimeSeconds, operator, formWord: formWord.value });
    }),
  );
  app.get("/explain", ({ env }) =>
    page(env, (_visit, { target }) => {
      const question = readQuestion(new URLSearchParams(target.split("?").slice(1).join("?")));
      return renderExplainPage({ policy: instance.policy(), locate: locate(), base }, question);
    }),
  );
  app.post("/purge", ({ env }) =>
    act(env, ({ operator }, form) =>
      actions.purge(form.get("all") === "true" ? { all: true } : { tag: form.get("tag")?.trim() ?? "" }, operator),
    ),
  );
  app.post("/reload", ({ env }) => act(env, ({ operator }) => actions.reload(operator)));
  app.post("/login", ({ env }) => guarded(env, (head) => door.signIn(env, head)));
  app.post("/logout", ({ env }) => guarded(env, (head) => Promise.resolve(door.signOut(head))));
  return app;
}

/** Three ways of answering, each for those who may ask. */
function createResponder(parts: OperatorParts) {
  const { token } = parts;
  const { logger } = parts.instance;
  const door = createDoor(parts);

  /** Nothing is thrown: a refusal is a page of its own and a line in the log. */
  const guarded = async (env: HttpBindings, answer: (head: RequestHead) => Promise<Response>): Promise<Response> => {
    const head = readHead(env);
    try {
      readRequestLine(head);
      checkSource(head, token);
      return await answer(head);
    } catch (error) {
      const fault = error instanceof Problem ? error : problem("internal", { cause: error });
      const cause = fault.cause === undefined ? {} : describeError(fault.cause);
      logger.warn({ status: fault.status, code: fault.code, ...cause }, "a request to the operator page was refused");
      return pageResponse(await renderRefusedPage(fault.detail), fault.status, { ...fault.headers, connection: "close" });
    }
  };

  const page = (env: HttpBindings, render: (visit: Visit, head: RequestHead) => Promise<string>): Promise<Response> =>
    guarded(env, async (head) => {
      const visit = door.visitOf(head);
      return visit === undefined ? pageResponse(await renderLoginPage(), 401) : pageResponse(await render(visit, head));
    });

  /** A form of ours acts, then the browser reads the page anew: reading it again does not act again. */
  const act = (env: HttpBindings, run: (visit: Visit, form: URLSearchParams) => unknown): Promise<Response> =>
    guarded(env, async (head) => {
      checkForm(head);
      const visit = door.visitOf(head);
      if (visit === undefined) return pageResponse(await renderLoginPage("Your session has ended."), 401);
      const form = new URLSearchParams((await readContentOf(env)).toString());
      if (!visit.formWord.equals(form.get("word") ?? "")) {
        throw problem("origin-not-allowed", { detail: "This form is from an older page: go back to it and read it anew." });
      }
      try {
        await run(visit, form);
      } catch (fault) {
        if (!(fault instanceof Problem)) throw fault;
        logger.warn({ operator: visit.operator, status: fault.status, code: fault.code }, "an action of the operator page was refused");
      }
      return redirect("/#actions-name");
    });

  return { door, guarded, page, act };
}
