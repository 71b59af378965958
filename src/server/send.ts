/**
 * Puts an answer on the wire. Closing a connection on which bytes still arrive resets it, and a reset takes the answer with it
 * (RFC 9112 §9.6); so our side is closed, and what is still coming is read for a while and thrown away.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { STATUS_CODES } from "node:http";
import type { Answer } from "../present/present.ts";

const DRAIN_MS = 500;
const MAX_DRAINED_BYTES = 16 * 1024 * 1024;

/**
 * Sends it as the answer to a request. Content of the request that nobody has read ends the connection, and so does the wish for another
 * protocol: Node's parser drops what came with it, and the next answer would be taken for one to that.
 */
export function sendAnswer({ status, headers, body }: Answer, incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (outgoing.destroyed) return;
  if (incoming.headers.upgrade !== undefined) headers["connection"] = "close";
  if (!hasUnreadContent(incoming)) return void outgoing.writeHead(status, headers).end(body);
  outgoing.writeHead(status, { ...headers, connection: "close" });
  if (body === null) outgoing.flushHeaders();
  else outgoing.write(body);
  closeGently(incoming.socket, incoming);
}

/** Sends it on a bare connection, where the server has none to offer, and ends the connection. */
export function sendLast({ status, headers, body }: Answer, socket: Socket): void {
  const fields = Object.entries({ ...headers, connection: "close" }).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${fields.join("")}\r\n`);
  socket.write(body === null ? head : Buffer.concat([head, body]));
  hangUp(socket);
}

/** Ends a bare connection without a word. Other readers of it are dismissed. */
export function hangUp(socket: Socket): void {
  closeGently(socket, socket.removeAllListeners("data"));
}

function hasUnreadContent({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false;
  const { "content-length": length, "transfer-encoding": coding } = headers;
  return coding !== undefined || (length !== undefined && Number(length) !== 0);
}

/** Half a close now, the other half at the end of what comes, after half a second, or when it is too much. */
function closeGently(socket: Socket, rest: Readable): void {
  let bytes = 0;
  const end = (): void => {
    clearTimeout(timer);
    rest.off("data", take).off("close", end).off("end", end);
    socket.destroySoon();
  };
  const take = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > MAX_DRAINED_BYTES) end();
  };
  const timer = setTimeout(end, DRAIN_MS);
  socket.end();
  // One may come when the connection breaks, and one that nobody hears ends the process.
  rest.on("error", () => undefined);
  rest.on("data", take).once("close", end).once("end", end);
}
