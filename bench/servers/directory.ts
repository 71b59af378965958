/**
 * A bare HTTP server over a directory of made-up stores, next to the same bytes from memory: /stored, /near, /open, /words, each time
 * for another of them. GET /memory tells what the stores took.
 */
import type { AddressInfo } from "node:net";
import { createServer } from "node:http";
import { join } from "node:path";
import { argv, memoryUsage, stdout } from "node:process";
import { loadConfig } from "../../src/config/load.ts";
import { createStoresRequestReader } from "../../src/directory/stores-request.ts";
import { createDirectory } from "../../src/directory/directory.ts";
import { startReading } from "../../src/directory/ratings-reading.ts";
import { createRatings } from "../../src/directory/ratings.ts";
import { createStores } from "../../src/sandbox/stores.ts";

const COUNT = Number(argv[2] ?? 50_000);
const BATCH = 1000;
const DIFFERENT = 500;
/** Visitors are up to so far from a store, degrees. */
const AROUND = 0.05;

interface Place {
  readonly lat: number;
  readonly long: number;
  readonly city: string;
}

const { policy } = loadConfig(join(import.meta.dirname, "../../config"));
const [search, single] = policy?.keys.get("locator-read")?.routes ?? [];
if (search === undefined || single === undefined) throw new Error("config/bff.yaml has changed its form");
const keys = { all: () => [], current: unused, replacement: unused, alarm: unused, accepted: unused, hold: unused, close: unused };
const requests = createStoresRequestReader({ search, single });
const figures = ["average_rating", "reviews_count"] as const;
const ratings = createRatings({ form: "", figures, shelf: undefined });
const directory = createDirectory({ routes: { search, single }, keys, lateAfterSeconds: 86_400 });

const before = used();
const places = fill();
directory.feed.caughtUp(Date.now());
await rate();
const targets = {
  near: pick(({ lat, long }) => `near=${nearby(lat)},${nearby(long)}`),
  open: pick(({ lat, long }) => `near=${nearby(lat)},${nearby(long)}&open_now=true`),
  words: pick(({ city }) => `q=${encodeURIComponent(city.slice(0, 12))}`),
};
const memory = Buffer.from(JSON.stringify({ mb: (used() - before) / 1e6 }));
const stored = targets.near.map(answer);

createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const name = request.url?.slice(1) ?? "";
  const body = name === "memory" ? memory : bodyOf(name, Math.floor(Math.random() * DIFFERENT));
  response.writeHead(200, { "content-type": "application/json", "content-length": String(body.length) }).end(body);
}).listen(0, "127.0.0.1", function listening(this: { address(): unknown }) {
  stdout.write(`http://127.0.0.1:${(this.address() as AddressInfo).port}\n`);
});

/** In batches, so that what Partoo would send is not held all at once. */
function fill(): readonly Place[] {
  const kept: Place[] = [];
  for (let batch = 0; batch * BATCH < COUNT; batch += 1) {
    const stores = createStores({ count: BATCH, seed: batch, organization: 1, brand: "Acme", today: new Date() });
    for (const [nth, store] of stores.entries()) {
      const id = idOf(batch * BATCH + nth);
      directory.feed.seen(JSON.parse(JSON.stringify({ ...store, id, code: `S-${batch}-${nth}` })) as Record<string, unknown>);
    }
    for (const { lat, long, city } of stores.slice(0, 20)) if (lat !== null && long !== null) kept.push({ lat, long, city });
  }
  return kept;
}

/** Every store has reviews. */
async function rate(): Promise<void> {
  const reading = startReading(figures, Date.now());
  for (let nth = 0; reading.next !== undefined; nth += 100) {
    const data = Array.from({ length: Math.min(100, COUNT - nth) }, (_, row) => ({
      dimension: idOf(nth + row),
      metrics: { average_rating: 1 + ((nth + row) % 401) / 100, reviews_count: 1 + ((nth + row) % 997) },
    }));
    reading.add(JSON.parse(JSON.stringify({ count: COUNT, data })) as Record<string, unknown>);
  }
  await ratings.take(reading, (id) => directory.has(id));
}

function idOf(nth: number): string {
  return nth.toString(16).padStart(24, "0");
}

function bodyOf(name: string, nth: number): Buffer {
  const queries = name === "near" || name === "open" || name === "words" ? targets[name] : undefined;
  return (queries === undefined ? stored[nth] : answer(queries[nth] ?? "")) ?? Buffer.alloc(0);
}

function answer(query: string): Buffer {
  return directory.answer(requests.read(undefined, query), { ratings }).body();
}

function pick(make: (place: Place) => string): readonly string[] {
  return Array.from({ length: DIFFERENT }, () => make(places[Math.floor(Math.random() * places.length)] as Place));
}

function nearby(degrees: number): string {
  return (degrees + (Math.random() - 0.5) * 2 * AROUND).toFixed(3);
}

/** Bytes of JavaScript's and other memory, after what is not needed is gone. */
function used(): number {
  for (let round = 0; round < 3; round += 1) globalThis.gc?.();
  const { heapUsed, external } = memoryUsage();
  return heapUsed + external;
}

function unused(): never {
  throw new Error("no key is used here");
}
