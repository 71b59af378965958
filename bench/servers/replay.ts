/** Sends one answer to every request: status 200, the fields and the content of the file that ANSWER names (JSON, content in base64). */
import type { AddressInfo } from "node:net";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { env, stdout } from "node:process";
import { CALLS_PATH } from "../world.ts";

interface Recorded {
  readonly headers: Record<string, string>;
  readonly body: string;
}

const recorded = JSON.parse(readFileSync(env["ANSWER"] ?? "", "utf8")) as Recorded;
const body = Buffer.from(recorded.body, "base64");
let calls = 0;

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  if (request.url === CALLS_PATH) {
    response.end(String(calls));
    return;
  }
  calls += 1;
  response.writeHead(200, recorded.headers).end(body);
});

server.listen(0, "127.0.0.1", () => stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`));
