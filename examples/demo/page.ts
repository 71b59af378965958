/** Serves the demo's one page on a port of its own, so that it is cross-origin to the proxy like a real site. */
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const PREFERRED_PORT = 8082;

export interface Page {
  /** `http://localhost:PORT`, as a browser sends it. */
  readonly origin: string;
  close(): void;
}

/** @param proxy address of the proxy, without a slash at its end */
export async function startPage(proxy: string): Promise<Page> {
  const html = readFileSync(new URL("index.html", import.meta.url), "utf8").replaceAll("{{proxy}}", proxy);
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(html);
  });
  server.listen(PREFERRED_PORT, "localhost");
  await Promise.race([once(server, "listening"), once(server, "error")]).catch(() => undefined);
  if (!server.listening) {
    server.listen(0, "localhost");
    await once(server, "listening");
  }
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
