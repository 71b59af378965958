/** A bare node:http server that sends the same bytes with the same fields and does nothing else: the ceiling for stored answers in Node. */
import type { Rival } from "./rival.ts";
import { startChild } from "../child.ts";
import { CORE } from "../world.ts";

export const bareNode: Rival = {
  name: "bare node:http",
  prefix: "/store-locator",
  start: ({ root }, { same }) =>
    startChild({ args: ["bench/servers/replay.ts"], core: CORE.measured, cwd: root, env: { ANSWER: same?.file ?? "" } }),
};
