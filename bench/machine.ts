/** Where figures come from: without it they say nothing. */
import { readFileSync } from "node:fs";
import { cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { version } from "node:process";
import { LOAD_TOOL } from "./load.ts";
import { installedTools } from "./tools.ts";

export interface Machine {
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly machine: string;
  /** Of everything that takes part, by name. */
  readonly versions: Readonly<Record<string, string>>;
  readonly load: string;
}

const PACKAGES = ["hono", "@hono/node-server", "undici", "fastify", "@fastify/http-proxy"] as const;

/** @param root the project's folder */
export function describeMachine(root: string): Machine {
  const processors = cpus();
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  const packages = PACKAGES.map((name): [string, string] => [name, versionOf(join(root, "node_modules", name))]);
  return {
    date: new Date().toISOString(),
    machine: `${processors[0]?.model.trim() ?? "unknown"}, ${processors.length} cores, ${memoryGb} GiB, ${type()} ${release()}`,
    versions: { "partoo-bff": versionOf(root), node: version.slice(1), ...Object.fromEntries(packages), ...installedTools() },
    load: LOAD_TOOL,
  };
}

function versionOf(directory: string): string {
  return (JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as { readonly version: string }).version;
}
