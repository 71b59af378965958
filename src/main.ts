#!/usr/bin/env node
/** The command line: finds the command, gives it its environment, and turns its answer into an exit code. */
import { config as readDotenv } from "dotenv";
import { argv, env, exit, stderr, stdout } from "node:process";
import type { Command, CommandIo } from "./commands/command.ts";
import { readVersion } from "./version.ts";

/** Loaded on demand, so that each command starts with only what it needs. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  start: async () => (await import("./commands/start.ts")).startCommand,
  check: async () => (await import("./commands/check.ts")).checkCommand,
  test: async () => (await import("./commands/test.ts")).testCommand,
  diff: async () => (await import("./commands/diff.ts")).diffCommand,
  explain: async () => (await import("./commands/explain.ts")).explainCommand,
  openapi: async () => (await import("./commands/openapi.ts")).openapiCommand,
  keys: async () => (await import("./commands/keys.ts")).keysCommand,
  purge: async () => (await import("./commands/purge.ts")).purgeCommand,
  sandbox: async () => (await import("./commands/sandbox.ts")).sandboxCommand,
};

const USAGE_ERROR = 2;
const STOP_SIGNALS = ["SIGTERM", "SIGINT"] as const;
/** Signals this close together come from one key press. */
const SAME_SIGNAL_MS = 1000;

async function main([name = "", ...rest]: readonly string[]): Promise<number> {
  if (name === "" || name === "help" || name === "--help" || name === "-h") {
    stdout.write(`${await usage()}\n`);
    return name === "" ? USAGE_ERROR : 0;
  }
  if (name === "--version") {
    stdout.write(`${readVersion()}\n`);
    return 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) {
    stderr.write(`There is no command "${name}".\n\n${await usage()}\n`);
    return USAGE_ERROR;
  }
  const command = await load();
  if (rest.includes("--help") || rest.includes("-h")) {
    stdout.write(`${command.help}\n`);
    return 0;
  }
  return runCommand(command, rest);
}

async function runCommand(command: Command, rest: readonly string[]): Promise<number> {
  if (env["NODE_ENV"] !== "production") readDotenv({ quiet: true });
  const io: CommandIo = {
    stdout: (line) => void stdout.write(`${line}\n`),
    stderr: (line) => void stderr.write(`${line}\n`),
    env,
    signal: stopSignal(),
    onHangup: (listener) => void process.on("SIGHUP", listener),
  };
  try {
    return await command.run(rest, io);
  } catch (fault) {
    if (!isUsageFault(fault)) throw fault;
    stderr.write(`${fault.message}\n\n${command.help}\n`);
    return USAGE_ERROR;
  }
}

async function usage(): Promise<string> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(9)} ${summary}`);
  return `partoo-bff: the backend for frontends that show Partoo data\n\n${lines.join("\n")}\n\nEach command explains itself with --help.`;
}

/**
 * Aborted by the first SIGTERM or SIGINT. A later one ends the process the hard way; one that comes with the first does not:
 * a terminal sends Ctrl-C to npm and to us, and npm passes it on.
 */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    controller.abort();
    setTimeout(() => STOP_SIGNALS.forEach((signal) => process.off(signal, stop)), SAME_SIGNAL_MS).unref();
  };
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  return controller.signal;
}

function isUsageFault(fault: unknown): fault is Error {
  return fault instanceof TypeError && String((fault as { code?: unknown }).code).startsWith("ERR_PARSE_ARGS");
}

/** A pipe takes what it has room for; the rest would be lost with the process. */
async function flush(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength > 0 && !stream.destroyed) await new Promise<void>((done) => stream.write("", () => done()));
}

// A reader who has gone is no reason to end.
for (const stream of [stdout, stderr]) stream.on("error", () => undefined);
const code = await main(argv.slice(2));
await Promise.all([stdout, stderr].map(flush));
exit(code);
