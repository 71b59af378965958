/** The real `start` command in this process, over a configuration written for the test, with a log file to read. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCommand } from "../../src/commands/start.ts";

/** Never to be seen in an answer, a log line or an error. */
export const CANARY_KEY = "canary-9f4c1d7ab86e4c02b5d1";

export const ORIGIN = "https://stores.acme.example";

/** Without limits that a test would meet by chance: what is about the quota or the sweep says so itself. */
export const BFF_YAML = `version: 1
organizations:
  acme:
    quota: 100000/min
    reserve: 0%
    instances: 1
keys:
  locator-read:
    organization: acme
    permissions: [review_read]
    sweep: false
    allow:
      GET /business/search:
        query:
          query: { maxLength: 60 }
          city: {}
          zipcode: {}
          page: { maximum: 20 }
          per_page: { default: 50 }
        force: { status: "open,opening_soon,temporarily_closed" }
        fields: &store
          - id
          - code
          - name
          - status
          - city
          - open_hours
          - phone
        custom_fields: [Parking, Drive]
        cache: 10m
      GET /business/{business_id}: { fields: *store, custom_fields: [Parking, Drive], cache: 10m }
      GET /categories/{category_id}:
        fields: [id, gmb_id, name]
      GET /reviews:
        query:
          business__in: {}
        force: { state__in: "treated,not_treated" }
        fields: [id, business_id, rating, date]
`;

export const FRONTEND_YAML = `key: locator-read
origins: [${ORIGIN}]
limits: { requests: 100000/min, misses: 100000/min }
`;

export interface ProxyOptions {
  /** PARTOO_URL. */
  readonly upstream: string;
  readonly bff?: string;
  /** File contents by frontend name. */
  readonly frontends?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Proxy {
  readonly port: number;
  readonly url: string;
  /** Resolves with the exit code after the drain. */
  stop(): Promise<number>;
  /** Lines of the log; complete after stop(). */
  log(): readonly string[];
  /** What the command printed, both streams. */
  readonly printed: readonly string[];
}

export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-test-"));
  const config = writeConfig(directory, options);
  const logFile = join(directory, "log.ndjson");
  const stop = new AbortController();
  const printed: string[] = [];
  const started = Promise.withResolvers<string>();
  const io = {
    stdout: (line: string) => printed.push(line),
    stderr: (line: string) => {
      printed.push(line);
      if (line.includes(" on http://")) started.resolve(line);
    },
    env: startVariables(options, logFile),
    signal: stop.signal,
  };
  const ended = startCommand.run(["--config", config], io);
  const line = await Promise.race([
    started.promise,
    ended.then((code) => Promise.reject(new Error(`start ended with ${code}:\n${printed.join("\n")}`))),
  ]);
  const port = Number(/:(\d+)$/.exec(line)?.[1]);
  let log: readonly string[] = [];
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    printed,
    async stop() {
      stop.abort();
      const code = await ended;
      log = readFileSync(logFile, "utf8").trim().split("\n");
      rmSync(directory, { recursive: true, force: true });
      return code;
    },
    log: () => log,
  };
}

/** The environment of `start` for a test: ports of its own, a log to read, and the one key. */
export function startVariables({ upstream, env }: ProxyOptions, logFile: string): Readonly<Record<string, string>> {
  return {
    PORT: "0",
    OPERATOR_PORT: "0",
    HOST: "127.0.0.1",
    LOG_FILE: logFile,
    PARTOO_URL: upstream,
    PARTOO_KEY_LOCATOR_READ: CANARY_KEY,
    ...env,
  };
}

/** Writes bff.yaml and the frontends. @returns the configuration's folder */
export function writeConfig(directory: string, options: Pick<ProxyOptions, "bff" | "frontends">): string {
  const config = join(directory, "config");
  mkdirSync(join(config, "frontends"), { recursive: true });
  writeFileSync(join(config, "bff.yaml"), options.bff ?? BFF_YAML);
  for (const [name, text] of Object.entries(options.frontends ?? { "store-locator": FRONTEND_YAML })) {
    writeFileSync(join(config, "frontends", `${name}.yaml`), text);
  }
  return config;
}
