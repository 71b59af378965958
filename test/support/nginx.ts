/** A real nginx with proxy_cache on a loopback port: a CDN as operators put one in front, storing what it may and nothing else. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { programPath } from "./install.ts";
import { freePort } from "./redis.ts";

/** Field of every answer: HIT, MISS, EXPIRED, …; what was not looked for in the store has none. */
export const CACHE_FIELD = "x-cdn";

export interface Cdn {
  readonly url: string;
  /** What is on its disk: whole answers, with their header sections. */
  stored(): readonly string[];
}

/** In front of this origin; ends with the test. */
export async function startCdn(origin: string): Promise<Cdn> {
  const home = mkdtempSync(join(tmpdir(), "partoo-bff-nginx-"));
  const port = await freePort();
  const store = join(home, "store");
  mkdirSync(store);
  writeFileSync(join(home, "nginx.conf"), configuration(home, port, origin));
  const child = spawn(programPath("nginx"), ["-p", home, "-c", join(home, "nginx.conf"), "-e", "error.log"], { stdio: "ignore" });
  onTestFinished(async () => {
    const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
    child.kill("SIGTERM");
    await ended;
    rmSync(home, { recursive: true, force: true });
  });
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(readFileSync(join(home, "error.log"), "utf8"));
    await sleep(20);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    stored: () =>
      readdirSync(store, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1")),
  };
}

/** Nothing about what to store: that is told by the answers themselves, as RFC 9111 has it. */
function configuration(home: string, port: number, origin: string): string {
  return `
daemon off;
master_process off;
pid nginx.pid;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path ${home}/client;
  proxy_temp_path ${home}/proxy;
  fastcgi_temp_path ${home}/fastcgi;
  uwsgi_temp_path ${home}/uwsgi;
  scgi_temp_path ${home}/scgi;
  proxy_cache_path ${home}/store keys_zone=answers:1m use_temp_path=off;
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass ${origin};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_cache answers;
      proxy_cache_methods GET HEAD POST;
      add_header X-Cdn $upstream_cache_status always;
    }
  }
}
`;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
