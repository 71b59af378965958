/** No proxy: the stand-in for Partoo itself, on the core where the others run. The ceiling for any proxy in Node. */
import type { Rival } from "./rival.ts";
import { startChild } from "../child.ts";
import { CORE } from "../world.ts";

export const direct: Rival = {
  name: "upstream directly",
  prefix: "",
  start: ({ root }, { coded }) =>
    startChild({ args: ["bench/servers/upstream.ts"], core: CORE.measured, cwd: root, env: coded ? { CODED: "1" } : {} }),
};
