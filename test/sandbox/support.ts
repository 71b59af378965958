/** Calls of a running sandbox over real sockets, as a client of Partoo makes them. */
import type { RunningSandbox } from "../../src/sandbox/sandbox.ts";

/** A business as the answers give it: anything may be in it. */
export type Store = Readonly<Record<string, unknown>> & {
  readonly id: string;
  readonly code: string;
  readonly status: string;
  readonly name: string;
};

export interface Called {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

export const EVERYTHING = "sandbox-everything";
export const RESTRICTED = "sandbox-locator-read";

/** All statuses at once: the search finds open stores only unless told otherwise. */
export const ANY_STATUS = "status=open,closed,temporarily_closed,opening_soon";

/** @param target below `/v2`, as in the request line */
export async function call(sandbox: RunningSandbox, target: string, key = EVERYTHING, init: RequestInit = {}): Promise<Called> {
  const headers = {
    ...(key !== "" && { "x-APIKey": key }),
    ...(init.body !== undefined && { "content-type": "application/json" }),
    ...(init.headers as object),
  };
  const answer = await fetch(`${sandbox.url}${target}`, { redirect: "manual", ...init, headers });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, json: parse(text) };
}

/** A write with a JSON body. */
export async function write(sandbox: RunningSandbox, method: string, target: string, body: unknown, key = EVERYTHING): Promise<Called> {
  return call(sandbox, target, key, { method, body: JSON.stringify(body) });
}

/** The stores of the first organization, as the sandbox holds them. */
export function rawStores(sandbox: RunningSandbox): readonly Store[] {
  return sandbox.stores as readonly Store[];
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
