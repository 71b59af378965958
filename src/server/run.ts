/** The life of a serving process: listen, and on request stop taking work, finish what is in flight, end. */
import type { Server } from "node:http";
import { once } from "node:events";
import type { Gateway } from "../pipeline.ts";
import { problem } from "../problem.ts";
import type { ConnectionBounds } from "./http-server.ts";
import { createHttpServer } from "./http-server.ts";

/** Exchanges in flight may take so long to finish; under every platform's kill time-out we name. */
const DRAIN_MS = 9000;
/** After that, time for the refusals to leave. */
const CLOSE_MS = 500;

export interface RunningServer {
  readonly port: number;
  /** Stops accepting, lets exchanges finish, then closes whatever is left. Resolves within 10 s. */
  drain(): Promise<void>;
}

export interface ServerOptions extends ConnectionBounds {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** How long exchanges in flight may take once drain() is called. Default 9 s. */
  readonly drainMs?: number;
}

/** @throws the error of listen(), e.g. EADDRINUSE */
export async function runServer(gateway: Gateway, options: ServerOptions): Promise<RunningServer> {
  const { host, port, drainMs = DRAIN_MS } = options;
  const stopping = new AbortController();
  let ready = true;
  const server = createHttpServer(gateway, { isReady: () => ready, stopping: stopping.signal }, options);
  server.listen(port, host);
  await once(server, "listening");
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : port,
    async drain() {
      ready = false;
      await closeServer(server, stopping, drainMs);
    },
  };
}

async function closeServer(server: Server, stopping: AbortController, drainMs: number): Promise<void> {
  const closed = once(server, "close");
  server.close();
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  const cut = setTimeout(() => stopping.abort(problem("draining", { retryAfterSeconds: 1 })), drainMs);
  const end = setTimeout(() => server.closeAllConnections(), drainMs + CLOSE_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
  clearTimeout(end);
}
