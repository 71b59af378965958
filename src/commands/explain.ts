/** `explain`: what the proxy would do with one request, stage by stage, and the line that decides. */
import { parseArgs } from "node:util";
import type { Ask } from "../explain/ask.ts";
import type { Command, CommandIo } from "./command.ts";
import { formatDiagnostics } from "../config/diagnostic.ts";
import { loadConfig } from "../config/load.ts";
import { readEnvironment } from "../environment.ts";
import { readAsk } from "../explain/ask.ts";
import { explain } from "../explain/explain.ts";
import { explanationToJson, printExplanation } from "../explain/print.ts";

const HELP = `explain [--config DIR] METHOD TARGET [--origin O] [--session] [--server NAME] [--header 'N: v'] [--json]

Says what the proxy would do with a request, and which line decides it. Nothing is sent.
For a refusal it shows the smallest YAML that would allow the request.

  METHOD TARGET   as sent, the frontend's name first: GET '/store-locator/v2/business/search?city=Paris',
                  of the directory: GET '/store-locator/stores?near=48.86,2.35', or for a session: POST /store-locator/session
  --origin O      the page's Origin; without it the caller is an app or a script
  --session       with a session that is good at this frontend: nobody can tell of one in a header field without its secret
  --server NAME   as the server of this name, with its bearer token
  --header 'N: v' another header field, such as 'Sec-Fetch-Site: cross-site'; may be repeated
  --config DIR    the configuration's directory, ./config by default
  --json          {decision, code, stage, file, line, upstream, cache, …}

Exit code 0: allowed, 1: refused, 2: usage, or the configuration has errors.`;

const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?(.*)$/;

export const explainCommand: Command = {
  name: "explain",
  summary: "say what would happen to a request, and why",
  help: HELP,
  run: (argv, io) => Promise.resolve(run(argv, io)),
};

function run(argv: readonly string[], io: CommandIo): number {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      config: { type: "string", default: "config" },
      origin: { type: "string" },
      session: { type: "boolean", default: false },
      server: { type: "string" },
      header: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
    },
  });
  const ask = readRequest(positionals, values);
  if (typeof ask === "string") {
    io.stderr(`${ask}\n\n${HELP}`);
    return 2;
  }
  const { policy, diagnostics, locate } = loadConfig(values.config);
  if (policy === undefined) {
    io.stderr(formatDiagnostics(diagnostics));
    return 2;
  }
  const { environment } = readEnvironment(io.env);
  const explained = explain({ policy, locate, base: environment.upstream }, ask);
  io.stdout(values.json ? explanationToJson(explained) : printExplanation(explained));
  return explained.decision === "allowed" ? 0 : 1;
}

interface Options {
  readonly origin?: string | undefined;
  readonly session: boolean;
  readonly server?: string | undefined;
  readonly header: readonly string[];
}

/** @returns the request, or what is wrong with the arguments */
function readRequest(positionals: readonly string[], { origin, session, server, header }: Options): Ask | string {
  const request = readAsk(positionals.join(" "));
  if (request === undefined) return "Give a method and a target, as in: explain GET /store-locator/v2/business/search";
  const headers: (readonly [string, string])[] = [];
  for (const text of header) {
    const [, name, value] = FIELD.exec(text) ?? [];
    if (name === undefined || value === undefined) return "A header field is written as 'Name: value'.";
    headers.push([name, value]);
  }
  return { ...request, headers, session, ...(origin === undefined ? {} : { origin }), ...(server === undefined ? {} : { server }) };
}
