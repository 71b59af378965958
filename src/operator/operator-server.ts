/** The operator's listener, on a port of its own that visitors can't reach. */
import { createAdaptorServer } from "@hono/node-server";
import { once } from "node:events";
import type { OperatorAddress } from "../environment.ts";
import type { OperatorParts } from "./operator-app.ts";
import type { Series } from "./page/series.ts";
import { createOperatorApp } from "./operator-app.ts";
import { startSeries } from "./page/series.ts";

const HEAD_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
const TIMEOUT_CHECK_MS = 5000;

export interface OperatorServer {
  readonly port: number;
  close(): Promise<void>;
}

/** What the listener shows and does, without what its address says. */
export interface OperatorServerParts extends Omit<OperatorParts, "token"> {
  /** The figures of its charts; default: of this instance, from now on. */
  readonly series?: Series;
}

/** @throws the error of listen(), e.g. EADDRINUSE */
export async function startOperatorServer(parts: OperatorServerParts, { host, port, token }: OperatorAddress): Promise<OperatorServer> {
  const { series = startSeries(parts.instance) } = parts;
  const { fetch } = createOperatorApp({ ...parts, token }, series);
  const serverOptions = {
    headersTimeout: HEAD_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: TIMEOUT_CHECK_MS,
  };
  const server = createAdaptorServer({ fetch, serverOptions });
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (fault) {
    series.close();
    throw fault;
  }
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound !== null ? bound.port : port,
    async close() {
      series.close();
      const closed = once(server, "close");
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
      await closed;
    },
  };
}
