/** This project, as in production: shipped policy, every check on, log to a file. Only the limits are out of reach. */
import { join } from "node:path";
import type { Rival } from "./rival.ts";
import { startChild } from "../child.ts";
import { CORE } from "../world.ts";

/** Of Partoo: the stand-ins ask for none. */
export const BENCH_KEY = "bench-key-0123456789";

/** Environment of `start` over the bench's configuration. */
export function startVariables(directory: string, upstreamUrl: string): Readonly<Record<string, string>> {
  return {
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    PORT: "0",
    OPERATOR_PORT: "0",
    LOG_FILE: join(directory, "log.ndjson"),
    PARTOO_URL: `${upstreamUrl}/v2`,
    PARTOO_KEY_LOCATOR_READ: BENCH_KEY,
  };
}

export const partooBff: Rival = {
  name: "partoo-bff",
  prefix: "/store-locator",
  start: ({ root, directory }, { url }) =>
    startChild({
      args: ["src/main.ts", "start", "--config", join(directory, "config")],
      core: CORE.measured,
      cwd: root,
      env: startVariables(directory, url),
    }),
};
