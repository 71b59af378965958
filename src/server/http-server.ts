/** The listening server: Node's HTTP parser with every bound set, and an answer for what never becomes a request. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import { randomUUID } from "node:crypto";
import { STATUS_CODES, createServer } from "node:http";
import type { Gateway } from "../pipeline.ts";
import type { Problem } from "../problem.ts";
import type { Lifecycle } from "./app.ts";
import type { Turns } from "./turns.ts";
import { presentProblem } from "../present/present.ts";
import { problem } from "../problem.ts";
import { breakContent } from "../request/content.ts";
import { createApp, malformedResponse } from "./app.ts";
import { createTurns } from "./turns.ts";

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
  const turns = createTurns();
  const handle = (incoming: IncomingMessage, outgoing: ServerResponse): void =>
    turns.take(outgoing, incoming.socket, () => void listener(incoming, outgoing));
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
  server.on("connect", (_request: IncomingMessage, socket: Duplex) => refuseTunnel(socket, turns));
  server.on("clientError", (error: ParserError, socket: Duplex) => refuseUnparsed(error, socket, turns));
  return server;
}

interface ParserError extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer;
}

/** CONNECT. From here on the socket is ours alone: nobody else listens for its errors, and one that nobody hears ends the process. */
function refuseTunnel(socket: Duplex, turns: Turns): void {
  socket.on("error", () => socket.destroy());
  refuseLast(socket, turns, problem("method-not-allowed", { headers: { allow: "GET, HEAD, OPTIONS" } }));
}

/** Bytes that are no request. */
function refuseUnparsed(error: ParserError, socket: Duplex, turns: Turns): void {
  const due = turns.due(socket);
  const isCut = due?.req.complete === false;
  if (error.code?.startsWith("HPE_") !== true || !socket.writable) socket.destroy();
  // The content of the request being answered will never be whole: an answer that waits for it has nobody to go to.
  else if (error.code === "HPE_INVALID_EOF_STATE" && isCut) socket.destroy();
  else {
    if (isCut) breakContent(due.req);
    refuseLast(socket, turns, problemOfParser(error));
  }
}

/** Ends a connection with a refusal. While an answer is due nothing else is written: it would be taken for that one. */
function refuseLast(socket: Duplex, turns: Turns, fault: Problem): void {
  const due = turns.due(socket);
  if (due === undefined) refuseRaw(socket, fault);
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
