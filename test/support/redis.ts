/** A real redis-server on a loopback port of its own: memory only, killed without goodbye, started again on the same port. */
import type { ChildProcess } from "node:child_process";
import type { AddressInfo } from "node:net";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { programPath } from "./install.ts";

export interface RedisServer {
  readonly port: number;
  /** For REDIS_URL. */
  readonly url: string;
  /** SIGKILL: what was in memory is gone, connections break. */
  kill(): Promise<void>;
  /** Starts again, empty, on the same port. */
  restart(): Promise<void>;
  /** CLIENT PAUSE: connections stay open and nothing is answered for so long. */
  pause(ms: number): Promise<void>;
  /** Every key there is. */
  keys(): Promise<readonly string[]>;
  /** What is left of a key's life (TTL). */
  secondsLeft(key: string): Promise<number>;
  /** Ends the server and removes its folder. */
  close(): Promise<void>;
}

/** @param options `password`: what clients must send; `port`: default one that is free */
export async function startRedis(options: { readonly password?: string; readonly port?: number } = {}): Promise<RedisServer> {
  const directory = mkdtempSync(join(tmpdir(), "partoo-bff-redis-"));
  const port = options.port ?? (await freePort());
  let child = await launch(port, directory, options.password);
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  const ask = <T>(question: (client: Redis) => Promise<T>): Promise<T> => withClient(port, options.password, question);
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    kill,
    async restart() {
      await kill();
      child = await launch(port, directory, options.password);
    },
    pause: (ms) => ask(async (client) => void (await client.call("CLIENT", "PAUSE", ms, "ALL"))),
    keys: () => ask((client) => client.keys("*")),
    secondsLeft: (key) => ask((client) => client.ttl(key)),
    async close() {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A port on which nobody listens at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function launch(port: number, directory: string, password: string | undefined): Promise<ChildProcess> {
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", directory, "--save", "", "--appendonly", "no"];
  if (password !== undefined) args.push("--requirepass", password);
  const child = spawn(programPath("redis"), args, { stdio: ["ignore", "pipe", "inherit"] });
  const listening = Promise.withResolvers<void>();
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
    if (printed.includes("Ready to accept connections")) listening.resolve();
  });
  child.once("exit", () => listening.reject(new Error(`redis-server ended:\n${printed}`)));
  await listening.promise;
  return child;
}

async function withClient<T>(port: number, password: string | undefined, question: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis({ port, host: "127.0.0.1", ...(password === undefined ? {} : { password }) });
  try {
    return await question(client);
  } finally {
    client.disconnect();
  }
}
