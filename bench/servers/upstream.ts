/**
 * A stand-in for Partoo that costs as little as Node can: bodies and codings are made once, at start.
 * With CODED=1 it answers in brotli or gzip where it is asked to, as production services do; else always plain.
 */
import type { AddressInfo } from "node:net";
import { createServer } from "node:http";
import { env, stdout } from "node:process";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { BODIES } from "./answers.ts";

interface Variant {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const CODED = env["CODED"] === "1";
const BROTLI_QUALITY = 5;

const variants = new Map([...BODIES].map(([path, body]) => [path, variantsOf(body)]));

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const found = variants.get(pathOf(request.url ?? ""));
  const asked = CODED ? (request.headers["accept-encoding"]?.toString() ?? "") : "";
  const variant = found?.[asked.includes("br") ? "br" : asked.includes("gzip") ? "gzip" : "identity"];
  if (variant === undefined) response.writeHead(404).end();
  else response.writeHead(200, variant.headers).end(variant.body);
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
  const headers = { "content-type": "application/json", "cache-control": "no-store", "content-length": String(body.length) };
  return { body, headers: coding === undefined ? headers : { ...headers, "content-encoding": coding } };
}

function pathOf(target: string): string {
  const query = target.indexOf("?");
  return query === -1 ? target : target.slice(0, query);
}
