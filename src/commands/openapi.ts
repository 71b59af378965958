/** `openapi`: the description of what one frontend may call, for generated types, mocks and documentation. */
import { parseArgs } from "node:util";
import type { Command, CommandIo } from "./command.ts";
import { formatDiagnostics } from "../config/diagnostic.ts";
import { loadConfig } from "../config/load.ts";
import { didYouMean, quote } from "../config/suggest.ts";
import { describeFrontend } from "../openapi/describe.ts";

const HELP = `openapi FRONTEND [--config DIR] [--url URL]

Prints OpenAPI 3.1 of exactly what a frontend may call: its routes, their parameters as narrowed, the fields
that leave, and every problem. Needs no environment and reads no secret.

  FRONTEND       its name: that of its file in DIR/frontends
  --config DIR   the configuration's directory, ./config by default
  --url URL      where the frontend is served, for servers in the description; /FRONTEND by default

Types:          openapi FRONTEND > api.json && npx -y openapi-typescript@7 api.json -o api.ts
Typed calls:    createClient<paths, "application/json" | "application/problem+json">() of openapi-fetch
A mock of it:   npx -y @stoplight/prism-cli mock api.json

Exit code 0: printed, 1: there is no such frontend, 2: usage, or the configuration has errors.`;

export const openapiCommand: Command = {
  name: "openapi",
  summary: "describe what a frontend may call, as OpenAPI 3.1",
  help: HELP,
  run: (argv, io) => Promise.resolve(run(argv, io)),
};

function run(argv: readonly string[], io: CommandIo): number {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { config: { type: "string", default: "config" }, url: { type: "string" } },
  });
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) {
    io.stderr(`Give the name of one frontend, as in: openapi store-locator\n\n${HELP}`);
    return 2;
  }
  const { policy, diagnostics } = loadConfig(values.config);
  if (policy === undefined) {
    io.stderr(formatDiagnostics(diagnostics));
    return 2;
  }
  const frontend = policy.frontends.get(name);
  if (frontend === undefined) {
    const hint = didYouMean(name, [...policy.frontends.keys()]);
    io.stderr(`There is no frontend ${quote(name)}${hint === undefined ? "" : `: ${hint}`}`);
    return 1;
  }
  io.stdout(JSON.stringify(describeFrontend(frontend, values.url === undefined ? {} : { url: values.url }), undefined, 2));
  return 0;
}
