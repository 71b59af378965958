/** `start`: reads the environment and the configuration, then serves until it is told to stop. */
import { once } from "node:events";
import { parseArgs } from "node:util";
import type { Environment, Variables } from "../environment.ts";
import type { Log, Logger } from "../log.ts";
import type { Gateway } from "../pipeline.ts";
import type { Policy } from "../policy.ts";
import type { RedisConnection } from "../redis.ts";
import type { Command, CommandIo } from "./command.ts";
import { exitCodeOf, formatDiagnostics } from "../config/diagnostic.ts";
import { loadConfig } from "../config/load.ts";
import { readEnvironment, variableName } from "../environment.ts";
import { openGateway } from "../gateway.ts";
import { openKeyRing } from "../keys.ts";
import { openLog } from "../log.ts";
import { Secret } from "../secret.ts";
import { runServer } from "../server/run.ts";

const MIN_BEARER_LENGTH = 16;

const KEY_HELP: readonly string[] = [
  "",
  'A key comes from Partoo: Settings > Integrations > API keys, as an administrator, kind "main integration"',
  "(a personal key dies with its owner's account). Restrict its permissions and its IP addresses there.",
  "Set its value in the environment, in .env, or as a file named by the variable with _FILE at its end.",
  "",
  "To look around first, without a key: npm run demo",
];

const HELP = `start [--config DIR]

Serves the frontends of DIR (default ./config) until SIGTERM or SIGINT.
Needs PARTOO_KEY_<NAME> (or …_FILE) for every key that a frontend uses;
docs/configuration.md lists every variable. Without a key, try: npm run demo`;

export const startCommand: Command = {
  name: "start",
  summary: "serve the configured frontends",
  help: HELP,
  run,
};

async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options: { config: { type: "string", default: "config" } } });
  const { environment, faults } = readEnvironment(io.env);
  const { policy, diagnostics } = loadConfig(values.config, { devOrigins: environment.devOrigins });
  if (diagnostics.length > 0) io.stderr(formatDiagnostics(diagnostics));
  if (policy === undefined) return exitCodeOf(diagnostics);

  const { log, faults: logFaults } = openLogOrTell(environment);
  const keys = openKeyRing(usedKeys(policy), io.env, { origin: environment.upstream.origin, logger: log.logger });
  const servers = readServers(policy, io.env);
  const missing = [...faults, ...logFaults, ...keys.faults, ...servers.faults];
  if (missing.length > 0) {
    keys.keys.close();
    io.stderr(explainMissing(missing, keys.faults.length > 0));
    return 2;
  }
  const redis = environment.redisUrl === undefined ? undefined : await openRedisClient(environment.redisUrl, log.logger);
  const open = openGateway({ policy, environment, keys: keys.keys, servers: servers.secrets, redis, logger: log.logger });
  try {
    await open.opened;
    return await serve(open.gateway, environment, io);
  } finally {
    await open.close();
    keys.keys.close();
    redis?.close();
    log.close();
  }
}

async function serve(gateway: Gateway, { host, port, redisUrl }: Environment, io: CommandIo): Promise<number> {
  const startedAt = performance.now();
  let server;
  try {
    server = await runServer(gateway, { host, port });
  } catch (fault) {
    io.stderr(`cannot listen on ${host}:${port}: ${listenFault((fault as NodeJS.ErrnoException).code)}`);
    return 2;
  }
  const policy = gateway.policy();
  if (redisUrl === undefined) warnAboutInstances(policy, gateway.logger);
  gateway.logger.info({ host, port: server.port, policy: policy.version, frontends: [...policy.frontends.keys()] }, "serving");
  io.stdout(`partoo-bff serves ${[...policy.frontends.keys()].join(", ")} on http://${host}:${server.port}`);
  if (!io.signal.aborted) await once(io.signal, "abort");
  gateway.logger.info({ uptime_s: Math.round((performance.now() - startedAt) / 1000) }, "draining");
  await server.drain();
  return 0;
}

/** @returns a log that keeps silent when the real one can't be opened, so that every other fault is found as well */
function openLogOrTell({ logLevel, logFile }: Environment): { readonly log: Log; readonly faults: readonly string[] } {
  try {
    return { log: openLog({ level: logLevel, file: logFile }), faults: [] };
  } catch (fault) {
    const code = (fault as NodeJS.ErrnoException).code ?? "unknown error";
    return { log: openLog({ level: "silent", file: undefined }), faults: [`LOG_FILE: cannot be opened (${code})`] };
  }
}

/** A key that no frontend uses needs no value. */
function usedKeys(policy: Policy): readonly string[] {
  return [...new Set([...policy.frontends.values()].map(({ key }) => key.name))];
}

/** The bearers of servers that frontends list: BFF_SERVER_<NAME>. */
function readServers(
  policy: Policy,
  env: Variables,
): { readonly secrets: ReadonlyMap<string, Secret>; readonly faults: readonly string[] } {
  const names = new Set([...policy.frontends.values()].flatMap((frontend) => [...frontend.servers]));
  const secrets = new Map<string, Secret>();
  const faults: string[] = [];
  for (const name of names) {
    const variable = variableName("BFF_SERVER_", name);
    const value = env[variable] ?? "";
    if (value.trim().length < MIN_BEARER_LENGTH) {
      faults.push(`${variable} is missing or shorter than ${MIN_BEARER_LENGTH} characters: the bearer token of server ${name}`);
    } else secrets.set(name, new Secret(variable, value, "callers"));
  }
  return { secrets, faults };
}

/** Its client is loaded only where REDIS_URL is set: the start is 9 ms shorter without it. */
async function openRedisClient(url: string, logger: Logger): Promise<RedisConnection> {
  const { openRedis } = await import("../redis.ts");
  return openRedis(url, logger);
}

function warnAboutInstances(policy: Policy, logger: Logger): void {
  for (const { name, instances } of policy.organizations.values()) {
    if (instances > 1) logger.warn({ organization: name, instances }, "REDIS_URL is not set: each process counts misses for itself");
  }
}

function listenFault(code: string | undefined): string {
  if (code === "EADDRINUSE") return "the port is in use; set PORT";
  if (code === "EACCES") return "not permitted; take a port above 1023";
  return code ?? "unknown error";
}

function explainMissing(faults: readonly string[], keyMissing: boolean): string {
  const lines = faults.map((fault) => `  ${fault}`);
  return [`The environment is not complete:`, ...lines, ...(keyMissing ? KEY_HELP : [])].join("\n");
}
