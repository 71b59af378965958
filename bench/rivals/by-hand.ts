/** A proxy that also drops fields, written by hand in twenty lines: what parsing and shaping cost anybody. It never compresses. */
import type { Rival } from "./rival.ts";
import { startChild } from "../child.ts";
import { CORE } from "../world.ts";

export const byHand: Rival = {
  name: "by hand, dropping fields",
  prefix: "/store-locator",
  start: ({ root }, { url }) =>
    startChild({ args: ["bench/servers/by-hand.ts"], core: CORE.measured, cwd: root, env: { NODE_ENV: "production", UPSTREAM: url } }),
};
