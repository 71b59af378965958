/** Who stands before the operator page: a loopback address, a session, a program with the token, or somebody who has to sign in. */
import type { HttpBindings } from "@hono/node-server";
import type { RequestHead } from "../../request/request-line.ts";
import type { Operator } from "../access.ts";
import type { OperatorParts } from "../operator-app.ts";
import type { FormWord } from "./sessions.ts";
import { createWindows } from "../../limits/windows.ts";
import { problem } from "../../problem.ts";
import { checkForm, hasToken } from "../access.ts";
import { readContentOf } from "../exchange.ts";
import { pageResponse, redirect } from "./document.ts";
import { renderLoginPage } from "./login-page.ts";
import { createFormWord, createSessions } from "./sessions.ts";

/** Attempts to sign in, from one address. */
const LOGIN_RATE = { count: 10, windowSeconds: 60 };

/** Somebody who may see the page, and what their forms send along. */
export interface Visit {
  readonly operator: Operator;
  readonly formWord: FormWord;
}

export interface Door {
  /** undefined: whoever it is has to sign in. */
  readonly visitOf: (head: RequestHead) => Visit | undefined;
  /** @throws Problem origin-not-allowed, request-malformed, rate-limited */
  readonly signIn: (env: HttpBindings, head: RequestHead) => Promise<Response>;
  /** @throws Problem origin-not-allowed, request-malformed */
  readonly signOut: (head: RequestHead) => Response;
}

export function createDoor({ instance: { logger }, token }: Pick<OperatorParts, "instance" | "token">): Door {
  const sessions = createSessions();
  const attempts = createWindows();
  const openWord = createFormWord();

  return {
    visitOf(head) {
      if (token === undefined) return { operator: "loopback", formWord: openWord };
      const session = sessions.find(head);
      if (session !== undefined) return { operator: "session", formWord: session.formWord };
      return hasToken(head, token) ? { operator: "token", formWord: openWord } : undefined;
    },
    async signIn(env, head) {
      checkForm(head);
      const waitMs = attempts.count("login", env.incoming.socket.remoteAddress ?? "", LOGIN_RATE);
      if (waitMs > 0) throw problem("rate-limited", { detail: "Too many attempts to sign in.", retryAfterSeconds: waitMs / 1000 });
      const presented = new URLSearchParams((await readContentOf(env)).toString()).get("token")?.trim() ?? "";
      if (token === undefined) return redirect("/");
      if (!token.equals(presented)) {
        logger.warn({ status: 401, code: "operator-token" }, "somebody failed to sign in to the operator page");
        return pageResponse(await renderLoginPage("This is not the token."), 401);
      }
      logger.info({ operator: "token", action: "login" }, "an operator signed in");
      return redirect("/", sessions.open(head.headers.origin?.toString().startsWith("https://") === true));
    },
    signOut(head) {
      checkForm(head);
      const cookie = sessions.close(head);
      logger.info({ action: "logout" }, "an operator signed out");
      return redirect("/", cookie);
    },
  };
}
