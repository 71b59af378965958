import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import type { CommandIo } from "../../src/commands/command.ts";
import { sandboxCommand } from "../../src/commands/sandbox.ts";

interface Run {
  readonly out: string[];
  readonly err: string[];
  readonly stop: () => void;
  readonly done: Promise<number>;
}

function start(argv: readonly string[], env: CommandIo["env"] = {}): Run {
  const stop = new AbortController();
  const out: string[] = [];
  const err: string[] = [];
  const io: CommandIo = { stdout: (line) => void out.push(line), stderr: (line) => void err.push(line), env, signal: stop.signal };
  return { out, err, stop: () => stop.abort(), done: sandboxCommand.run(argv, io) };
}

/** The address printed, once it is. */
async function urlOf({ out }: Run): Promise<string> {
  for (;;) {
    const found = /^PARTOO_URL=(\S+)$/m.exec(out.join("\n"))?.[1];
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const statusOf = async (url: string, key: string): Promise<number> =>
  (await fetch(`${url}/user/me`, { headers: { "x-apikey": key } })).status;

describe("sandbox", () => {
  test("prints its address, keys and counters, runs until it is stopped, and ends with 0", async () => {
    const run = start(["--port", "0", "--stores", "60"]);
    const url = await urlOf(run);
    const printed = run.out.join("\n");
    expect(printed).toContain("60 made-up stores");
    expect(printed).toContain(url.replace("/v2", "/_sandbox/counters"));
    expect(printed).toMatch(/sandbox-locator-read .*only review_read/);
    expect(await statusOf(url, "sandbox-locator-read")).toBe(200);
    run.stop();
    expect(await run.done).toBe(0);
    await expect(statusOf(url, "sandbox-locator-read")).rejects.toThrow("fetch failed");
  });

  test("accepts the values of PARTOO_KEY_… and PARTOO_ADMIN_KEY and shows none of them", async () => {
    const env = {
      PARTOO_KEY_LOCATOR_READ: " own-value-1\n",
      PARTOO_KEY_OTHER_FILE: "/run/secrets/own",
      PARTOO_ADMIN_KEY: "own-value-2",
      PARTOO_KEY_EMPTY: "",
    };
    const run = start(["--port", "0", "--stores", "40"], env);
    const url = await urlOf(run);
    expect(await statusOf(url, "own-value-1")).toBe(200);
    expect(await statusOf(url, "own-value-2")).toBe(200);
    expect(await statusOf(url, "/run/secrets/own")).toBe(401);
    expect(await statusOf(url, "")).toBe(401);
    const printed = run.out.join("\n");
    expect(printed).toContain("PARTOO_KEY_LOCATOR_READ");
    expect(printed).not.toContain("own-value");
    expect(await (await fetch(url.replace("/v2", "/_sandbox/keys"))).text()).not.toContain("own-value");
    run.stop();
    await run.done;
  });

  test("a made-up key keeps its restriction when a variable holds it", async () => {
    const run = start(["--port", "0", "--stores", "40"], { PARTOO_KEY_LOCATOR_READ: "sandbox-locator-read" });
    const url = await urlOf(run);
    const answer = await fetch(`${url}/api_keys`, { headers: { "x-apikey": "sandbox-locator-read" } });
    expect(answer.status).toBe(403);
    run.stop();
    await run.done;
  });

  test("options reach the sandbox", async () => {
    const run = start(["--port", "0", "--stores", "40", "--limit", "1", "--window", "aligned", "--seed", "5", "--fail", "expired:0"]);
    const url = await urlOf(run);
    const statuses = [
      await statusOf(url, "sandbox-everything"),
      await statusOf(url, "sandbox-everything"),
      await statusOf(url, "sandbox-everything"),
    ];
    expect(statuses).toContain(429);
    run.stop();
    await run.done;
  });

  test("a port in use is one line and exit code 2", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    const run = start(["--port", String(port)]);
    expect(await run.done).toBe(2);
    expect(run.err).toEqual([`sandbox: port ${port} is in use; choose another with --port`]);
    taken.close();
  });

  test.each([
    [["--port", "70000"], "--port"],
    [["--stores", "many"], "--stores"],
    [["--window", "square"], "--window"],
    [["--limit", "-1"], "--limit"],
    [["--fail", "boom"], "boom"],
    [["--prot", "1"], "--prot"],
    [["extra"], "extra"],
  ])("%j is one line that names the fault, and exit code 2", async (argv, word) => {
    const run = start(argv);
    expect(await run.done).toBe(2);
    expect(run.out).toEqual([]);
    expect(run.err.length).toBe(1);
    expect(run.err[0]).toContain(word);
    expect(run.err[0]).not.toContain("\n");
  });

  test("--help lists every option and fault, and ends with 0", async () => {
    const run = start(["--help"]);
    expect(await run.done).toBe(0);
    for (const word of [
      "--port",
      "--stores",
      "--seed",
      "--window",
      "--limit",
      "--latency",
      "--fail",
      "garbage-gzip",
      "echo-key",
      "PARTOO_ADMIN_KEY",
    ]) {
      expect(run.out[0]).toContain(word);
    }
  });
});
