/** `start`: reads the environment and the configuration, then serves until it is told to stop. */
import { once } from "node:events";
import { parseArgs } from "node:util";
import type { Environment, OperatorAddress } from "../environment.ts";
import type { OperatorServer, OperatorServerParts } from "../operator/operator-server.ts";
import type { Log, Logger } from "../log.ts";
import type { Reloader, ReloaderOptions } from "../config/reload.ts";
import type { OpenGateway } from "../gateway.ts";
import type { Policy } from "../policy.ts";
import type { RedisConnection } from "../redis.ts";
import type { RedisAddress } from "../redis-url.ts";
import type { Command, CommandIo } from "./command.ts";
import { exitCodeOf, formatDiagnostics } from "../config/diagnostic.ts";
import { loadConfig } from "../config/load.ts";
import { readEnvironment } from "../environment.ts";
import { openGateway } from "../gateway.ts";
import { createKeyRing } from "../key-ring.ts";
import { openLog } from "../log.ts";
import { readPolicySecrets } from "../policy-secrets.ts";
import { runServer } from "../server/run.ts";
import { explainMissing, listenFault } from "./start-faults.ts";

const HELP = `start [--config DIR]

Serves the frontends of DIR (default ./config) until SIGTERM or SIGINT. When the content of DIR changes, and at SIGHUP, the new
configuration is checked and tested, and taken over as a whole or not at all.
Needs PARTOO_KEY_<NAME> (or …_FILE) for every key that a frontend uses, and WEBHOOK_SECRET_<ORGANIZATION> where webhooks name a header;
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
  const { policy, diagnostics, locate: locateFirst } = loadConfig(values.config, { devOrigins: environment.devOrigins });
  if (diagnostics.length > 0) io.stderr(formatDiagnostics(diagnostics));
  if (policy === undefined) return exitCodeOf(diagnostics);

  const { log, faults: logFaults } = openLogOrTell(environment);
  const { origin } = environment.upstream;
  const secrets = readPolicySecrets(policy, io.env, origin);
  const missing = [...faults, ...logFaults, ...secrets.keyFaults, ...secrets.otherFaults];
  if (missing.length > 0) {
    io.stderr(explainMissing(missing, secrets.keyFaults.length > 0));
    return 2;
  }
  const redis = environment.redis && (await openRedisClient(environment.redis, log.logger));
  if (environment.sessionSecrets.isRandom) warnAboutSessions(policy, undefined, log.logger);
  const keys = createKeyRing(secrets.keys, { origin, logger: log.logger });
  const open = openGateway({ ...secrets.running, environment, keys, redis, logger: log.logger });
  let locate = locateFirst;
  const apply: ReloaderOptions["apply"] = (next, locateNext) => {
    const { running, keys: keyValues, keyFaults, otherFaults } = readPolicySecrets(next, io.env, origin);
    const lacking = [...keyFaults, ...otherFaults];
    if (lacking.length > 0) return lacking;
    if (environment.sessionSecrets.isRandom) warnAboutSessions(next, open.gateway.policy(), log.logger);
    keys.hold(keyValues);
    open.follow(running);
    locate = locateNext;
    return [];
  };
  const reloading = {
    directory: values.config,
    devOrigins: environment.devOrigins,
    policy: open.gateway.policy,
    apply,
    logger: log.logger,
  };
  try {
    await open.opened;
    return await serve(open, { environment, reloading, locate: () => locate, io });
  } finally {
    await open.close();
    keys.close();
    redis?.close();
    await log.close();
  }
}

interface ServeParts extends Pick<OperatorServerParts, "locate"> {
  readonly environment: Environment;
  readonly reloading: ReloaderOptions;
  readonly io: CommandIo;
}

async function serve({ gateway, instance }: OpenGateway, { environment, reloading, locate, io }: ServeParts): Promise<number> {
  const { host, port, redis, upstream, operator } = environment;
  const startedAt = performance.now();
  let server;
  try {
    server = await runServer(gateway, { host, port });
  } catch (fault) {
    io.stderr(`cannot listen on ${host}:${port}: ${listenFault((fault as NodeJS.ErrnoException).code)}`);
    return 2;
  }
  const reloader = await startReloading(reloading, io);
  const operatorServer = await openOperatorServer({ instance, reloader, locate, base: upstream }, operator);
  const policy = gateway.policy();
  if (redis === undefined) warnAboutInstances(policy, gateway.logger);
  gateway.logger.info(
    {
      host,
      port: server.port,
      upstream: upstream.origin + upstream.prefix,
      policy: policy.version,
      frontends: [...policy.frontends.keys()],
    },
    "serving",
  );
  // Standard output is the log's.
  io.stderr(
    `partoo-bff serves ${[...policy.frontends.keys()].join(", ")} from ${upstream.origin}${upstream.prefix} on http://${host}:${server.port}`,
  );
  if (!io.signal.aborted) await once(io.signal, "abort");
  reloader.close();
  gateway.logger.info({ uptime_s: Math.round((performance.now() - startedAt) / 1000) }, "draining");
  await server.drain();
  await operatorServer?.close();
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

/** Loaded once visitors are served. */
async function startReloading(options: ReloaderOptions, { onHangup }: CommandIo): Promise<Reloader> {
  const { startReloader } = await import("../config/reload.ts");
  const reloader = startReloader(options);
  onHangup?.(() => void reloader.reload("signal"));
  return reloader;
}

/** Its client is loaded only where REDIS_URL is set: the start is 9 ms shorter without it. */
async function openRedisClient(address: RedisAddress, logger: Logger): Promise<RedisConnection> {
  const { openRedis } = await import("../redis.ts");
  return openRedis(address, logger);
}

/** Loaded once visitors are served. They are served as well when it can't listen: that is told in the log. */
async function openOperatorServer(parts: OperatorServerParts, address: OperatorAddress): Promise<OperatorServer | undefined> {
  const { logger } = parts.instance;
  const { host, port, token } = address;
  const { startOperatorServer } = await import("../operator/operator-server.ts");
  try {
    const server = await startOperatorServer(parts, address);
    logger.info({ host, port: server.port, token: token === undefined ? "none" : "required" }, "operator listener");
    return server;
  } catch (fault) {
    logger.warn(
      { host, port, error_code: (fault as NodeJS.ErrnoException).code },
      "the operator listener can't listen: no metrics, no purge; set OPERATOR_PORT",
    );
    return undefined;
  }
}

/** Once: for the first policy that has sessions. @param earlier the one that runs; undefined: at start */
function warnAboutSessions(policy: Policy, earlier: Policy | undefined, logger: Logger): void {
  if (hasSessions(policy) && (earlier === undefined || !hasSessions(earlier)))
    logger.warn({}, "SESSION_SECRETS is not set: sessions are good for this process only, until it stops");
}

function hasSessions({ frontends }: Policy): boolean {
  return [...frontends.values()].some(({ session }) => session !== "none");
}

function warnAboutInstances(policy: Policy, logger: Logger): void {
  for (const { name, instances } of policy.organizations.values()) {
    if (instances > 1)
      logger.warn(
        { organization: name, instances },
        "REDIS_URL is not set: each process has its own memory, its own limits and its part of the quota",
      );
  }
}
