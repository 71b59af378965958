/** The listening server: Node's HTTP parser with every bound set, and an answer for what never becomes a request. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer } from "node:http";
import type { Gateway } from "../pipeline.ts";
import type { Problem } from "../problem.ts";
import type { RequestHead } from "../request/request-line.ts";
import type { Lifecycle } from "./handler.ts";
import { refuse } from "../pipeline.ts";
import { problem } from "../problem.ts";
import { breakContent } from "../request/content.ts";
import { createHandler } from "./handler.ts";
import { hangUp, sendLast } from "./send.ts";
import { createTurns } from "./turns.ts";

/** Room for a target of 8 KiB and a header section of 16 KiB, which stage a measures on their own. */
const MAX_HEAD_BYTES = 32 * 1024;
const MAX_TARGET_BYTES = 8 * 1024;
const HEAD_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
/** Longer than the idle time of the load balancers in front, so that they close first. */
const IDLE_TIMEOUT_MS = 75_000;
const TIMEOUT_CHECK_MS = 1000;
/** Neither a byte read nor a byte taken for so long ends a connection; longer than any answer takes to come. A slow phone takes some. */
const STALL_MS = 30_000;
/** Far more than a load balancer opens, and no more than 512 MB of memory carry. */
const MAX_CONNECTIONS = 4096;

/** Bounds that tests set lower. */
export interface ConnectionBounds {
  /** How long an exchange may make no progress. Default 30 s. */
  readonly stallMs?: number;
  /** Beyond it new connections are closed at once. Default 4096. */
  readonly maxConnections?: number;
}

export function createHttpServer(gateway: Gateway, lifecycle: Lifecycle, bounds: ConnectionBounds = {}): Server {
  const deal = createHandler(gateway, lifecycle);
  const turns = createTurns();
  const handle = (incoming: IncomingMessage, outgoing: ServerResponse): void =>
    turns.take(outgoing, incoming.socket, () => deal(incoming, outgoing));
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
  server.timeout = bounds.stallMs ?? STALL_MS;
  server.maxConnections = bounds.maxConnections ?? MAX_CONNECTIONS;

  /** Ends a connection with a refusal. While an answer is due nothing else is written: it would be taken for that one. */
  const refuseLast = (socket: Socket, head: RequestHead, fault: Problem): void => {
    const due = turns.due(socket);
    if (due === undefined) sendLast(refuse(gateway, { head, peer: socket.remoteAddress }, fault), socket);
    else due.once("close", () => hangUp(socket));
  };
  server.on("checkContinue", handle);
  server.on("checkExpectation", handle);
  server.on("drop", () => gateway.exchangeLog.omit("connection-dropped"));
  // From here on the socket is ours alone: nobody else listens for its errors, and one that nobody hears ends the process.
  server.on("connect", (_request: IncomingMessage, socket: Duplex) => {
    socket.on("error", () => socket.destroy());
    refuseLast(socket as Socket, NO_HEAD, problem("method-not-allowed", { headers: { allow: "GET, HEAD, OPTIONS" } }));
  });
  server.on("clientError", (error: ParserError, socket: Duplex) => {
    const due = turns.due(socket);
    const isCut = due?.req.complete === false;
    if (error.code?.startsWith("HPE_") !== true || !socket.writable) socket.destroy();
    // The content of the request being answered will never be whole: an answer that waits for it has nobody to go to.
    else if (error.code === "HPE_INVALID_EOF_STATE" && isCut) socket.destroy();
    else {
      if (isCut) breakContent(due.req);
      refuseLast(socket as Socket, readableHead(error), problemOfParser(error));
    }
  });
  return server;
}

interface ParserError extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer;
}

const NO_HEAD: RequestHead = { method: "", target: "", httpVersion: "1.1", rawHeaders: [], headers: {} };
const REQUEST_LINE = /^([A-Z]+) (\/[^ \r\n]*)/;
const ORIGIN_LINE = /\r\norigin:[ \t]*([^\r\n]*)/i;

/** What can be told of a head that is none: enough to find the frontend, so that its page can read the refusal. */
function readableHead({ rawPacket }: ParserError): RequestHead {
  const text = rawPacket?.toString("latin1") ?? "";
  const [, method, target] = REQUEST_LINE.exec(text) ?? [];
  if (method === undefined || target === undefined) return NO_HEAD;
  return { ...NO_HEAD, method, target, headers: { origin: ORIGIN_LINE.exec(text)?.[1]?.trimEnd() } };
}

function problemOfParser(error: ParserError): Problem {
  if (error.code !== "HPE_HEADER_OVERFLOW")
    return problem("request-malformed", {
      detail: "The request is not well-formed HTTP: in its target, characters such as é are percent-encoded.",
    });
  const firstLine = error.rawPacket?.indexOf("\r\n") ?? -1;
  const isTarget = firstLine === -1 || firstLine > MAX_TARGET_BYTES;
  return problem(isTarget ? "target-too-long" : "headers-too-large");
}
