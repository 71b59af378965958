/** The operator's listener, on a port of its own that visitors can't reach. */
import { createAdaptorServer } from "@hono/node-server";
import { once } from "node:events";
import type { OperatorAddress } from "../environment.ts";
import type { Instance } from "./instance.ts";
import { createOperatorApp } from "./operator-app.ts";

const HEAD_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
const TIMEOUT_CHECK_MS = 5000;

export interface OperatorServer {
  readonly port: number;
  close(): Promise<void>;
}

/** @throws the error of listen(), e.g. EADDRINUSE */
export async function startOperatorServer(instance: Instance, { host, port, token }: OperatorAddress): Promise<OperatorServer> {
  const { fetch } = createOperatorApp(instance, token);
  const serverOptions = {
    headersTimeout: HEAD_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
  };
  const server = createAdaptorServer({ fetch, serverOptions });
  server.listen(port, host);
  await once(server, "listening");
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : port,
    async close() {
      const closed = once(server, "close");
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
      await closed;
    },
  };
}
