/** The operator's listener, on a port of its own that visitors can't reach: metrics. */
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { once } from "node:events";
import type { ExchangeTally } from "../exchange-tally.ts";
import { createMetrics } from "./metrics.ts";

export interface OperatorServer {
  readonly port: number;
  close(): Promise<void>;
}

/** @throws the error of listen(), e.g. EADDRINUSE */
export async function startOperatorServer(
  tally: ExchangeTally,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<OperatorServer> {
  const metrics = createMetrics(tally);
  const app = new Hono();
  app.get("/metrics", async (context) => context.body(await metrics.text(), 200, { "content-type": metrics.contentType }));
  const server = createAdaptorServer({ fetch: app.fetch });
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
