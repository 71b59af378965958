/** The operator page's addresses: documents for whoever may see them, and forms that act. */
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import type { RequestHead } from "../../request/request-line.ts";
import type { Operator } from "../access.ts";
import type { Actions } from "../actions.ts";
import type { OperatorParts } from "../operator-app.ts";
import type { FormWord } from "./sessions.ts";
import type { Series } from "./series.ts";
import { createWindows } from "../../limits/windows.ts";
import { describeError } from "../../log.ts";
import { Problem, problem } from "../../problem.ts";
import { readContent } from "../../request/content.ts";
import { readRequestLine } from "../../request/request-line.ts";
import { readVersion } from "../../version.ts";
import { checkForm, checkSource, hasToken } from "../access.ts";
import { BODY_TIMEOUT_MS, readHead } from "../exchange.ts";
import { PAGE_FIELDS } from "./document.ts";
import { readQuestion, renderExplainPage } from "./explain-page.ts";
import { renderLoginPage, renderRefusedPage } from "./login-page.ts";
import { renderMainPage } from "./main-page.ts";
import { createFormWord, createSessions } from "./sessions.ts";

/** Attempts to sign in, from one address. */
const LOGIN_RATE = { count: 10, windowSeconds: 60 };

interface Visit {
  readonly operator: Operator;
  readonly formWord: FormWord;
}

export function createPageApp(parts: OperatorParts, actions: Actions, series: Series): Hono<{ Bindings: HttpBindings }> {
  const { instance, token, locate, base, reloader } = parts;
  const { logger } = instance;
  const sessions = createSessions();
  const attempts = createWindows();
  const openWord = createFormWord();
  const version = readVersion();
  const startedAt = performance.now();

  /** undefined: whoever it is has to sign in. */
  const visitOf = (head: RequestHead): Visit | undefined => {
    if (token === undefined) return { operator: "loopback", formWord: openWord };
    const session = sessions.find(head);
    if (session !== undefined) return { operator: "session", formWord: session.formWord };
    return hasToken(head, token) ? { operator: "token", formWord: openWord } : undefined;
  };

  const page = async (env: HttpBindings, render: (visit: Visit, head: RequestHead) => Promise<string>): Promise<Response> =>
    guarded(env, async (head) => {
      const visit = visitOf(head);
      return visit === undefined ? document(await renderLoginPage(), 401) : document(await render(visit, head));
    });

  /** A form of ours acts, then the browser reads the page anew: reading it again does not act again. */
  const act = async (env: HttpBindings, run: (visit: Visit, form: URLSearchParams) => unknown): Promise<Response> =>
    guarded(env, async (head) => {
      checkForm(head);
      const visit = visitOf(head);
      if (visit === undefined) return document(await renderLoginPage("Your session has ended."), 401);
      const form = await readForm(env);
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
      return document(await renderRefusedPage(fault.detail), fault.status, { ...fault.headers, connection: "close" });
    }
  };

  const signIn = async (env: HttpBindings, head: RequestHead): Promise<Response> => {
    checkForm(head);
    const waitMs = attempts.count("login", env.incoming.socket.remoteAddress ?? "", LOGIN_RATE);
    if (waitMs > 0) throw problem("rate-limited", { detail: "Too many attempts to sign in.", retryAfterSeconds: waitMs / 1000 });
    const presented = (await readForm(env)).get("token")?.trim() ?? "";
    if (token === undefined) return redirect("/");
    if (!token.equals(presented)) {
      logger.warn({ status: 401, code: "operator-token" }, "somebody failed to sign in to the operator page");
      return document(await renderLoginPage("This is not the token."), 401);
    }
    logger.info({ operator: "token", action: "login" }, "an operator signed in");
    return redirect("/", sessions.open(head.headers.origin?.toString().startsWith("https://") === true));
  };

  const app = new Hono<{ Bindings: HttpBindings }>();
  app.get("/", ({ env }) =>
    page(env, ({ operator, formWord }) => {
      const uptimeSeconds = (performance.now() - startedAt) / 1000;
      return renderMainPage({ instance, actions, series, reloader, version, uptimeSeconds, operator, formWord: formWord.value });
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
  app.post("/login", ({ env }) => guarded(env, (head) => signIn(env, head)));
  app.post("/logout", ({ env }) =>
    guarded(env, async (head) => {
      checkForm(head);
      const cookie = sessions.close(head);
      logger.info({ action: "logout" }, "an operator signed out");
      return redirect("/", cookie);
    }),
  );
  return app;
}

async function readForm({ incoming, outgoing }: HttpBindings): Promise<URLSearchParams> {
  return new URLSearchParams((await readContent(incoming, outgoing, AbortSignal.timeout(BODY_TIMEOUT_MS))).toString());
}

function document(body: string, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(body, { status, headers: { ...headers, ...PAGE_FIELDS } });
}

function redirect(location: string, cookie?: string): Response {
  return new Response(null, {
    status: 303,
    headers: { ...PAGE_FIELDS, location, ...(cookie === undefined ? {} : { "set-cookie": cookie }) },
  });
}
