/** @fastify/http-proxy: passes bytes on as they come, with undici below, as we have. */
import type { Rival } from "./rival.ts";
import { startChild } from "../child.ts";
import { CORE } from "../world.ts";

export const fastifyHttpProxy: Rival = {
  name: "@fastify/http-proxy",
  prefix: "/store-locator",
  start: ({ root }, { url }) =>
    startChild({
      args: ["bench/servers/fastify-http-proxy.ts"],
      core: CORE.measured,
      cwd: root,
      env: { NODE_ENV: "production", UPSTREAM: url },
    }),
};
