/** The listening server: Node's HTTP parser with every bound set, and an answer for what never becomes a request. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { randomUUID } from "node:crypto";
import { STATUS_CODES, createServer } from "node:http";
import type { Gateway } from "../pipeline.ts";
import type { Problem } from "../problem.ts";
import type { Lifecycle } from "./app.ts";
import { presentProblem } from "../present/present.ts";
import { problem } from "../problem.ts";
import { createApp, malformedResponse } from "./app.ts";

/** Room for a target of 8 KiB and a header section of 16 KiB, which stage a measures on their own. */
const MAX_HEAD_BYTES = 32 * 1024;
const MAX_TARGET_BYTES = 8 * 1024;
const HEAD_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
/** Longer than the idle time of the load balancers in front, so that they close first. */
const IDLE_TIMEOUT_MS = 75_000;
const TIMEOUT_CHECK_MS = 1000;

export function createHttpServer(gateway: Gateway, lifecycle: Lifecycle): Server {
  const app = createApp(gateway, lifecycle);
  const listener = getRequestListener(app.fetch, { errorHandler: malformedResponse });
  const newest: NewestAnswers = new WeakMap();
  const handle = (incoming: IncomingMessage, outgoing: ServerResponse): void =>
    inTurn(newest, outgoing, incoming.socket, () => void listener(incoming, outgoing));
  const server = createServer(
    {
      maxHeaderSize: MAX_HEAD_BYTES,
      headersTimeout: HEAD_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: IDLE_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      requireHostHeader: false,
      insecureHTTPParser: false,
    },
    handle,
  );
  server.maxHeadersCount = 0;
  server.on("checkContinue", handle);
  server.on("checkExpectation", handle);
  server.on("connect", (_request: IncomingMessage, socket: Duplex) => refuseTunnel(socket, newest));
  server.on("clientError", (error: ParserError, socket: Duplex) => refuseUnparsed(error, socket, newest));
  return server;
}

interface ParserError extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer;
}

/** The answer that each connection will send last, as far as its requests have been read. */
type NewestAnswers = WeakMap<Duplex, ServerResponse>;

/**
 * Pipelined requests are dealt with one after the other, and those behind an answer that closes the connection not at all
 * (RFC 9112 §9.6): they may be the content of a request that was refused.
 */
function inTurn(newest: NewestAnswers, outgoing: ServerResponse, socket: Duplex, deal: () => void): void {
  const previous = newest.get(socket);
  newest.set(socket, outgoing);
  const dealIfOpen = (): void => void (socket.writable && deal());
  if (previous === undefined || previous.closed) dealIfOpen();
  else previous.once("close", dealIfOpen);
}

/** CONNECT. From here on the socket is ours alone: nobody else listens for its errors, and one that nobody hears ends the process. */
function refuseTunnel(socket: Duplex, newest: NewestAnswers): void {
  socket.on("error", () => socket.destroy());
  refuseLast(socket, newest, problem("method-not-allowed", { headers: { allow: "GET, HEAD, OPTIONS" } }));
}

/** Bytes that are no request. */
function refuseUnparsed(error: ParserError, socket: Duplex, newest: NewestAnswers): void {
  if (error.code?.startsWith("HPE_") !== true || !socket.writable) socket.destroy();
  else refuseLast(socket, newest, problemOfParser(error));
}

/** Ends a connection with a refusal. While an answer is due nothing else is written: it would be taken for that one. */
function refuseLast(socket: Duplex, newest: NewestAnswers, fault: Problem): void {
  const due = newest.get(socket);
  if (due === undefined || due.closed) refuseRaw(socket, fault);
  else due.once("close", () => socket.destroy());
}

function problemOfParser(error: ParserError): Problem {
  if (error.code !== "HPE_HEADER_OVERFLOW") return problem("request-malformed", { detail: "The request is not well-formed HTTP." });
  const firstLine = error.rawPacket?.indexOf("\r\n") ?? -1;
  const isTarget = firstLine === -1 || firstLine > MAX_TARGET_BYTES;
  return problem(isTarget ? "target-too-long" : "headers-too-large");
}

function refuseRaw(socket: Duplex, fault: Problem): void {
  const head = { method: "GET", target: "", httpVersion: "1.1", rawHeaders: [], headers: {} };
  const { status, headers, body } = presentProblem(fault, head, { requestId: randomUUID(), frontendFields: {} });
  const fields = Object.entries({ ...headers, connection: "close" }).map(([name, value]) => `${name}: ${value}\r\n`);
  const headBytes = Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${fields.join("")}\r\n`);
  socket.end(Buffer.concat([headBytes, body ?? Buffer.alloc(0)]), () => socket.destroy());
}
