/** A raw-socket stand-in for Partoo: keeps the bytes of every request that arrives, and answers what a test scripts. */
import type { AddressInfo, Server, Socket } from "node:net";
import { once } from "node:events";
import { createServer } from "node:net";

export interface RecordedRequest {
  /** The whole header section as it arrived. */
  readonly head: string;
  readonly method: string;
  readonly target: string;
  /** Values by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Bytes to send back, or nothing when the script itself deals with the socket. */
export type Script = (request: RecordedRequest, socket: Socket, nth: number) => string | Buffer | undefined;

export interface RecordingUpstream {
  readonly port: number;
  /** For PARTOO_URL. */
  readonly url: string;
  readonly requests: RecordedRequest[];
  /** Connections accepted so far. */
  connections: number;
  /** Replaces the script for requests from now on. */
  answer(script: Script): void;
  /** Ends every connection and refuses new ones. */
  close(): Promise<void>;
  /** After close(): on the same port again. */
  reopen(): Promise<void>;
}

/** @param listenPort 0: a free one */
export async function startRecordingUpstream(
  script: Script = () => json({ page: 1, max_page: 1, count: 0, businesses: [] }),
  listenPort = 0,
): Promise<RecordingUpstream> {
  let current = script;
  const sockets = new Set<Socket>();
  const requests: RecordedRequest[] = [];
  const server: Server = createServer((socket) => {
    upstream.connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      for (let end = received.indexOf("\r\n\r\n"); end !== -1; end = received.indexOf("\r\n\r\n")) {
        const request = parseHead(received.slice(0, end + 4));
        received = received.slice(end + 4);
        requests.push(request);
        const bytes = current(request, socket, requests.length);
        if (bytes !== undefined) socket.write(bytes);
      }
    });
  });
  const listen = async (on: number): Promise<void> => {
    server.listen(on, "127.0.0.1");
    await once(server, "listening");
  };
  await listen(listenPort);
  const { port } = server.address() as AddressInfo;
  const upstream: RecordingUpstream = {
    port,
    url: `http://127.0.0.1:${port}/v2`,
    requests,
    connections: 0,
    answer: (next) => {
      current = next;
    },
    reopen: () => listen(port),
    async close() {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, "close");
    },
  };
  return upstream;
}

function parseHead(head: string): RecordedRequest {
  const [requestLine = "", ...fields] = head.trimEnd().split("\r\n");
  const [method = "", target = ""] = requestLine.split(" ");
  const headers = Object.fromEntries(
    fields.map((field) => [field.slice(0, field.indexOf(":")).toLowerCase(), field.slice(field.indexOf(":") + 1).trim()]),
  );
  return { head, method, target, headers };
}

export interface JsonOptions {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A whole HTTP/1.1 answer with a JSON body that must not be stored, so that each request is a call. */
export function json(value: unknown, options: JsonOptions = {}): string {
  return storableJson(value, { ...options, headers: { "cache-control": "no-store", ...options.headers } });
}

/** The same as Partoo sends it: without a word on storing. */
export function storableJson(value: unknown, options: JsonOptions = {}): string {
  const body = typeof value === "string" ? value : JSON.stringify(value);
  const fields = {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
    ...options.headers,
  };
  const lines = Object.entries(fields).map(([name, text]) => `${name}: ${text}\r\n`);
  return `HTTP/1.1 ${options.status ?? 200} Whatever\r\n${lines.join("")}\r\n${body}`;
}
