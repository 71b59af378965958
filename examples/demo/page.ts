/** Serves the example store locator on a port of its own, so that it is cross-origin to the proxy like a real site. */
import type { AddressInfo } from "node:net";
import { hash } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const PREFERRED_PORT = 8082;
const LOCATOR = new URL("../store-locator/", import.meta.url);

/** As in config.js. */
const SHIPPED_PROXY = "http://localhost:8080";

/** All that is served: nothing else can be reached, whatever is asked. */
const OWN_FILES = [
  "index.html",
  "style.css",
  "icon.svg",
  "basemap.json",
  "basemap.js",
  "calls.js",
  "cards.js",
  "clusters.js",
  "config.js",
  "dom.js",
  "finder.js",
  "labels.js",
  "list.js",
  "main.js",
  "map.js",
  "notice.js",
  "open-words.js",
  "position.js",
  "search.js",
  "store-page.js",
  "store-view.js",
];
const LIBRARIES: Readonly<Record<string, string>> = {
  "vendor/bff-client.js": import.meta.resolve("../client/bff-client.js"),
  "vendor/leaflet.js": import.meta.resolve("leaflet/dist/leaflet-src.esm.js"),
  "vendor/leaflet.css": import.meta.resolve("leaflet/dist/leaflet.css"),
  "vendor/openapi-fetch.js": import.meta.resolve("openapi-fetch"),
};
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  svg: "image/svg+xml",
};

export interface Page {
  /** `http://localhost:PORT`, as a browser sends it. */
  readonly origin: string;
  close(): void;
}

/** @param proxy address of the proxy, without a slash at its end */
export async function startPage(proxy: string, preferredPort = PREFERRED_PORT): Promise<Page> {
  const files = readFiles(proxy);
  const policy = securityPolicy(files.get("/") ?? "", proxy);
  const server = createServer((request, response) => {
    const path = (request.url ?? "").split("?", 1)[0] ?? "";
    const text = files.get(path);
    response.setHeader("content-security-policy", policy);
    response.setHeader("x-content-type-options", "nosniff");
    response.setHeader("referrer-policy", "no-referrer");
    response.setHeader("cache-control", "no-cache");
    response.statusCode = text === undefined ? 404 : 200;
    response.setHeader("content-type", text === undefined ? "text/plain" : typeOf(path));
    response.end(text ?? "There is nothing here.\n");
  });
  server.listen(preferredPort, "localhost");
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

/** By path; the page itself is `/`. */
function readFiles(proxy: string): ReadonlyMap<string, string> {
  const own = OWN_FILES.map((name) => [name, readFileSync(new URL(name, LOCATOR), "utf8").replaceAll(SHIPPED_PROXY, proxy)] as const);
  const libraries = Object.entries(LIBRARIES).map(([name, url]) => [name, readFileSync(new URL(url), "utf8")] as const);
  return new Map([...own, ...libraries].map(([name, text]) => [name === "index.html" ? "/" : `/${name}`, text]));
}

/** Nothing inline but the import map, nothing from elsewhere but the proxy's answers. */
function securityPolicy(html: string, proxy: string): string {
  const importMap = /<script type="importmap">([\s\S]*?)<\/script>/.exec(html)?.[1] ?? "";
  const importMapHash = hash("sha256", importMap, "base64");
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${importMapHash}'`,
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${proxy}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

function typeOf(path: string): string {
  return TYPES[path === "/" ? "html" : (path.split(".").at(-1) ?? "")] ?? "text/plain";
}
