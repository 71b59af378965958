/**
 * Varnish with its cache in memory. It compresses once, when it stores (do_gzip). It has no limit by address without a module of others,
 * and its log goes to shared memory, where nobody reads it: both are less work than ours.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { URL } from "node:url";
import type { Rival } from "./rival.ts";
import { freePort } from "../../test/support/redis.ts";
import { startProgram } from "../child.ts";
import { isInstalled } from "../tools.ts";
import { CORE } from "../world.ts";

export const varnish: Rival = {
  name: "Varnish",
  prefix: "/store-locator",
  absence: isInstalled("varnishd") ? undefined : "Varnish is not installed (apt-get install varnish)",
  async start({ directory }, { same }) {
    const port = await freePort();
    const home = join(directory, `varnish-${port}`);
    mkdirSync(home);
    const file = join(home, "default.vcl");
    writeFileSync(file, configuration(new URL(same?.plainUrl ?? "")));
    const args = ["-F", "-j", "none", "-n", join(home, "work"), "-f", file, "-a", `127.0.0.1:${port}`, "-T", "none", "-s", "malloc,64m"];
    return startProgram({ command: "varnishd", args, core: CORE.measured, port });
  },
};

function configuration({ hostname, port }: URL): string {
  return `vcl 4.1;
backend origin { .host = "${hostname}"; .port = "${port}"; }
sub vcl_backend_response {
  set beresp.ttl = 1h;
  set beresp.do_gzip = true;
}
`;
}
