/** `purge`: tells a running server, through its operator's listener, that what it holds is out of date. */
import { parseArgs } from "node:util";
import type { PurgeReport } from "../operator/purge.ts";
import type { Command, CommandIo } from "./command.ts";

const HELP = `purge --tag TAG | --all [--url URL] [--json]

Stored answers with this tag are out of date, in every process that shares a Redis: the next request for each of them waits for Partoo,
a second at most. What was stored is shown while Partoo fails or its limit is used up, so a purge never empties the service.

  --tag TAG    one of
                 business:5812ba165168a9f29d000000   a store, by Partoo's id
                 business:c-FR-PAR-001               a store, by c- and its code
                 list:locator-read                   all searches of a key
                 route:/business/search              all answers of a route
                 key:locator-read                    all that came in through a key
                 organization:acme                   all of an organization's keys
  --all        everything; stores are read anew
  --url URL    the operator's listener; default http://127.0.0.1:9090, or what OPERATOR_HOST and OPERATOR_PORT say
  --json       {purged, tags, entries, instances}: instances is all, this (no Redis) or this-for-now (Redis is away)

OPERATOR_TOKEN is sent when it is set.
Exit code 0: purged, 1: refused, or Redis is away and the other processes hear of it later, 2: usage, or no listener answers.`;

const ANSWER_TIMEOUT_MS = 10_000;
const USAGE_ERROR = 2;

export const purgeCommand: Command = {
  name: "purge",
  summary: "have stored answers looked at anew",
  help: HELP,
  run,
};

/** What the listener answers; undefined: something else answered. */
interface Reply {
  readonly report?: PurgeReport;
  /** Its own words on why not. */
  readonly refusal?: string;
}

async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      tag: { type: "string" },
      all: { type: "boolean", default: false },
      url: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  if ((values.tag === undefined) !== values.all) return usage(io, "Say what to purge: --tag TAG or --all, and not both.");
  const listener = readListener(values.url ?? defaultUrl(io.env));
  if (listener === undefined) return usage(io, "The URL must be http or https, without a path: http://127.0.0.1:9090");
  const target = values.tag === undefined ? { all: true } : { tag: values.tag };
  const reply = await ask(listener, target, io);
  if (typeof reply === "string") return fail(io, reply);
  if (reply.report === undefined) {
    io.stderr(`${listener.origin} refused: ${reply.refusal ?? ""}`);
    return 1;
  }
  io.stdout(values.json ? JSON.stringify(reply.report) : describe(reply.report));
  return reply.report.instances === "this-for-now" ? 1 : 0;
}

/** @returns its reply, or why there is none */
async function ask(listener: URL, target: object, { env, signal }: CommandIo): Promise<Reply | string> {
  const token = env["OPERATOR_TOKEN"]?.trim();
  const headers = { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const until = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
  const address = new URL("/api/purge", listener);
  let answer: Response;
  try {
    answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(target), redirect: "error", signal: until });
  } catch (fault) {
    return `No operator's listener answers at ${listener.origin} (${reasonOf(fault)}). Is the server running? --url, OPERATOR_HOST and OPERATOR_PORT say where.`;
  }
  const body: unknown = await answer.json().catch(() => undefined);
  const reply = readReply(answer, body);
  return reply ?? `What answers at ${listener.origin} is no operator's listener of this version (status ${answer.status}).`;
}

function readReply({ ok }: Response, body: unknown): Reply | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  if (ok) return "purged" in body && "instances" in body ? { report: body as PurgeReport } : undefined;
  const { code, detail } = body as { readonly code?: unknown; readonly detail?: unknown };
  return typeof code === "string" && typeof detail === "string" ? { refusal: `${code}: ${detail}` } : undefined;
}

function describe({ purged, entries, instances }: PurgeReport): string {
  const what = "all" in purged ? "everything" : purged.tag;
  const where = {
    all: "in every process",
    this: "in this process; without Redis there is no other it could tell",
    "this-for-now": "in this process; Redis is away, the others hear of it when it is back",
  }[instances];
  return `purged ${what} ${where}: ${entries} stored ${entries === 1 ? "answer" : "answers"} in its memory`;
}

/** An address to listen on everywhere is reached on loopback. */
function defaultUrl(env: CommandIo["env"]): string {
  const host = env["OPERATOR_HOST"]?.trim() || "127.0.0.1";
  const reached = { "0.0.0.0": "127.0.0.1", "::": "::1" }[host] ?? host;
  const literal = reached.includes(":") && !reached.startsWith("[") ? `[${reached}]` : reached;
  return `http://${literal}:${env["OPERATOR_PORT"]?.trim() || "9090"}`;
}

function readListener(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.pathname === "/" && url.search === "" && url.username === "" && url.password === "";
  return isPlain && (url.protocol === "http:" || url.protocol === "https:") ? url : undefined;
}

function reasonOf(fault: unknown): string {
  const { name, cause } = fault as { readonly name: string; readonly cause?: { readonly code?: unknown } };
  if (typeof cause?.code === "string") return cause.code;
  return name === "TimeoutError" ? `no answer within ${ANSWER_TIMEOUT_MS / 1000} s` : name;
}

function usage(io: CommandIo, fault: string): number {
  return fail(io, `${fault}\n\n${HELP}`);
}

function fail(io: CommandIo, fault: string): number {
  io.stderr(fault);
  return USAGE_ERROR;
}
