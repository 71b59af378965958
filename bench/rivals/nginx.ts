/**
 * nginx with what this project does for a stored answer: proxy_cache, gzip, a limit by address, a log in a file. It compresses each
 * answer anew, at its default level. What it stores is our own answer without a coding, so that it has no more to send than we have.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Rival } from "./rival.ts";
import { freePort } from "../../test/support/redis.ts";
import { startProgram } from "../child.ts";
import { isInstalled } from "../tools.ts";
import { CORE } from "../world.ts";

export const nginx: Rival = {
  name: "nginx",
  prefix: "/store-locator",
  absence: isInstalled("nginx") ? undefined : "nginx is not installed (apt-get install nginx-light)",
  async start({ directory }, { same }) {
    const port = await freePort();
    const home = join(directory, `nginx-${port}`);
    mkdirSync(home);
    const file = join(home, "nginx.conf");
    writeFileSync(file, configuration(home, port, same?.plainUrl ?? ""));
    return startProgram({ command: "nginx", args: ["-p", home, "-c", file, "-e", "error.log"], core: CORE.measured, port });
  },
};

/** One process, since one core is all there is. */
function configuration(home: string, port: number, origin: string): string {
  return `
daemon off;
master_process off;
pid nginx.pid;
error_log error.log;
events { worker_connections 1024; }
http {
  access_log ${home}/access.log combined buffer=32k flush=1s;
  client_body_temp_path ${home}/client;
  proxy_temp_path ${home}/proxy;
  fastcgi_temp_path ${home}/fastcgi;
  uwsgi_temp_path ${home}/uwsgi;
  scgi_temp_path ${home}/scgi;
  proxy_cache_path ${home}/cache levels=1:2 keys_zone=answers:10m inactive=1h;
  limit_req_zone $binary_remote_addr zone=requests:10m rate=1000000r/s;
  sendfile on;
  keepalive_requests 1000000000;
  gzip on;
  gzip_types application/json;
  gzip_proxied any;
  gzip_vary on;
  server {
    listen 127.0.0.1:${port};
    location / {
      limit_req zone=requests burst=100000 nodelay;
      proxy_pass ${origin};
      proxy_cache answers;
      proxy_ignore_headers Cache-Control;
      proxy_cache_valid 200 1h;
    }
  }
}
`;
}
