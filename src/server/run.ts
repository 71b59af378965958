/** The life of a serving process: listen, and on request stop taking work, finish what is in flight, end. */
import type { Server } from "node:http";
import { once } from "node:events";
import type { Gateway } from "../pipeline.ts";
import { problem } from "../problem.ts";
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

/** @throws the error of listen(), e.g. EADDRINUSE */
export async function runServer(gateway: Gateway, address: { readonly host: string; readonly port: number }): Promise<RunningServer> {
  const stopping = new AbortController();
  let ready = true;
  const server = createHttpServer(gateway, { isReady: () => ready, stopping: stopping.signal });
  server.listen(address.port, address.host);
  await once(server, "listening");
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : address.port,
    async drain() {
      ready = false;
      await closeServer(server, stopping);
    },
  };
}

async function closeServer(server: Server, stopping: AbortController): Promise<void> {
  const closed = once(server, "close");
  server.close();
  const idle = setInterval(() => server.closeIdleConnections(), 100);
  const cut = setTimeout(() => stopping.abort(problem("draining", { retryAfterSeconds: 1 })), DRAIN_MS);
  const end = setTimeout(() => server.closeAllConnections(), DRAIN_MS + CLOSE_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(cut);
  clearTimeout(end);
}
