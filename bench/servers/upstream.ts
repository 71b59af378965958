/**
 * A stand-in for Partoo that costs as little as Node can: bodies and codings are made once, at start.
 * With CODED=1 it answers in brotli or gzip where it is asked to, as production services do; else always plain. With STORABLE=1 it
 * says nothing of caching, as Partoo; else no-store. LATENCY_MS is how long each answer takes.
 */
import type { AddressInfo } from "node:net";
import { createServer } from "node:http";
import { env, stdout } from "node:process";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { CALLS_PATH } from "../world.ts";
import { BODIES } from "./answers.ts";

interface Variant {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const CODED = env["CODED"] === "1";
const STORABLE = env["STORABLE"] === "1";
const LATENCY_MS = Number(env["LATENCY_MS"] ?? 0);
const BROTLI_QUALITY = 5;

const variants = new Map([...BODIES].map(([path, body]) => [path, variantsOf(body)]));
let calls = 0;

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  if (request.url === CALLS_PATH) {
    response.end(String(calls));
    return;
  }
  calls += 1;
  const found = variants.get(pathOf(request.url ?? ""));
  const asked = CODED ? (request.headers["accept-encoding"]?.toString() ?? "") : "";
  const variant = found?.[asked.includes("br") ? "br" : asked.includes("gzip") ? "gzip" : "identity"];
  const answer = (): void => {
    if (variant === undefined) response.writeHead(404).end();
    else response.writeHead(200, variant.headers).end(variant.body);
  };
  if (LATENCY_MS === 0) answer();
  else setTimeout(answer, LATENCY_MS);
});

server.listen(0, "127.0.0.1", () => stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`));

function variantsOf(body: Buffer): Readonly<Record<"identity" | "gzip" | "br", Variant>> {
  const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
  return {
    identity: variantOf(body),
    gzip: variantOf(gzipSync(body), "gzip"),
    br: variantOf(brotliCompressSync(body, { params }), "br"),
  };
}

function variantOf(body: Buffer, coding?: string): Variant {
  const headers = {
    "content-type": "application/json",
    "content-length": String(body.length),
    ...(!STORABLE && { "cache-control": "no-store" }),
    ...(coding !== undefined && { "content-encoding": coding }),
  };
  return { body, headers };
}

function pathOf(target: string): string {
  const query = target.indexOf("?");
  return query === -1 ? target : target.slice(0, query);
}
