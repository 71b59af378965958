/** @fastify/http-proxy as its documentation sets it up: forwards under a prefix and adds the key. No policy at all. */
import httpProxy from "@fastify/http-proxy";
import { fastify } from "fastify";
import { env, stdout } from "node:process";

const server = fastify();
await server.register(httpProxy, {
  upstream: env["UPSTREAM"] ?? "",
  prefix: "/store-locator",
  replyOptions: { rewriteRequestHeaders: (_request, headers) => ({ ...headers, "x-apikey": "bench-key" }) },
});
stdout.write(`${await server.listen({ port: 0, host: "127.0.0.1" })}\n`);
