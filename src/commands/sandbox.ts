/** `sandbox`: a stand-in for Partoo on this machine, until it is told to stop. */
import { once } from "node:events";
import { parseArgs } from "node:util";
import type { FaultMode } from "../sandbox/faults.ts";
import type { SandboxKey } from "../sandbox/keys.ts";
import type { RunningSandbox, SandboxOptions } from "../sandbox/sandbox.ts";
import type { Command, CommandIo } from "./command.ts";
import { FAULT_MODES } from "../sandbox/faults.ts";
import { describeKey, FIRST_ORGANIZATION, MADE_UP_KEYS } from "../sandbox/keys.ts";
import { startSandbox } from "../sandbox/sandbox.ts";

const DEFAULT_PORT = 8081;
const MAX_STORES = 100_000;
const KEY_VARIABLE = /^PARTOO_KEY_(?!.*_FILE$).+$/;
const ADMIN_VARIABLE = "PARTOO_ADMIN_KEY";

const HELP = `sandbox [options]

A stand-in for Partoo with made-up stores, on 127.0.0.1, until Ctrl-C.

  --port P                 default ${DEFAULT_PORT}; 0 for any free one
  --stores N               default 300
  --seed S                 the same seed gives the same stores; default 1
  --window rolling|aligned how Partoo's minute runs: over the last 60 s, or by the clock; default rolling
  --limit N                calls a minute for each organization; default 300
  --latency MS             waited before each answer; default 0
  --fail LIST              faults, comma separated, each with an optional rate (status=503:0.2,hang:0.01):
${(Object.keys(FAULT_MODES) as FaultMode[]).map((mode) => `    ${mode.padEnd(13)}${FAULT_MODES[mode]}`).join("\n")}

Values of PARTOO_KEY_<NAME> and of ${ADMIN_VARIABLE} are accepted as keys too.
GET /_sandbox/counters tells what was called, POST /_sandbox/reset sets that to zero,
POST /_sandbox/fail {"fail": "hang", "times": 1} as application/json switches faults ({"fail": null} ends them).`;

const OPTIONS = {
  help: { type: "boolean" },
  port: { type: "string" },
  stores: { type: "string" },
  seed: { type: "string" },
  window: { type: "string" },
  limit: { type: "string" },
  latency: { type: "string" },
  fail: { type: "string" },
} as const;

export const sandboxCommand: Command = { name: "sandbox", summary: "run a stand-in for Partoo with made-up stores", help: HELP, run };

async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  let sandbox: RunningSandbox;
  try {
    const options = readOptions(argv, io);
    if (options === "help") return (io.stdout(HELP), 0);
    sandbox = await startSandbox(options);
  } catch (fault) {
    io.stderr(`sandbox: ${explain(fault)}`);
    return 2;
  }
  io.stdout(banner(sandbox, keysOf(io.env)));
  try {
    if (!io.signal.aborted) await once(io.signal, "abort");
  } finally {
    await sandbox.close();
  }
  return 0;
}

/** @throws RangeError or TypeError with one line that says what is wrong */
function readOptions(argv: readonly string[], io: CommandIo): SandboxOptions | "help" {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS });
  if (values.help === true) return "help";
  const { window = "rolling", fail } = values;
  if (window !== "rolling" && window !== "aligned") throw new RangeError("--window is rolling or aligned");
  return {
    port: whole("--port", values.port, { default: DEFAULT_PORT, most: 65_535 }),
    stores: whole("--stores", values.stores, { default: 300, most: MAX_STORES }),
    seed: whole("--seed", values.seed, { default: 1, most: 1_000_000 }),
    limitPerMinute: whole("--limit", values.limit, { default: 300, most: 1_000_000 }),
    latencyMs: whole("--latency", values.latency, { default: 0, most: 600_000 }),
    window,
    ...(fail !== undefined && { fail }),
    keys: keysOf(io.env),
  };
}

function whole(name: string, text: string | undefined, range: { readonly default: number; readonly most: number }): number {
  if (text === undefined) return range.default;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value <= range.most)) throw new RangeError(`${name} is a whole number from 0 to ${range.most}`);
  return value;
}

/** The operator's own keys, so that a configured proxy works against the sandbox as it is. A made-up key stays what it is. */
function keysOf(env: CommandIo["env"]): readonly SandboxKey[] {
  return Object.entries(env).flatMap(([label, value]): SandboxKey[] => {
    const own = isKeyVariable(label) ? (value ?? "").trim() : "";
    if (own === "" || MADE_UP_KEYS.some((key) => key.value === own)) return [];
    return [{ value: own, label, organization: FIRST_ORGANIZATION, type: "bot", role: "ORG_ADMIN", private: true }];
  });
}

function isKeyVariable(name: string): boolean {
  return name === ADMIN_VARIABLE || KEY_VARIABLE.test(name);
}

function explain(fault: unknown): string {
  const { code, message } = fault as NodeJS.ErrnoException & { readonly port?: number };
  if (code === "EADDRINUSE") return `port ${(fault as { readonly port?: number }).port} is in use; choose another with --port`;
  if (code === "EACCES") return "this port needs more rights; choose one above 1023 with --port";
  return (message ?? String(fault)).split("\n")[0] ?? "";
}

function banner(sandbox: RunningSandbox, own: readonly SandboxKey[]): string {
  const width = Math.max(...MADE_UP_KEYS.map(({ value }) => value.length));
  return [
    `A stand-in for Partoo with ${sandbox.stores.length} made-up stores. Stop it with Ctrl-C.`,
    "",
    `PARTOO_URL=${sandbox.url}`,
    `counters   ${sandbox.origin}/_sandbox/counters`,
    `webhooks are signed for public key ${sandbox.publicKey}`,
    "",
    "keys (header x-APIKey):",
    ...MADE_UP_KEYS.map((key) => `  ${key.value.padEnd(width)}  ${describeKey(key)}`),
    ...own.map((key) => `  ${`(value of ${key.label})`.padEnd(width)}  ${describeKey(key)}`),
    "",
    `curl -H 'x-APIKey: sandbox-everything' '${sandbox.url}/business/search?city=Paris&per_page=2'`,
  ].join("\n");
}
