/** What the directory takes in memory: fills one with made-up stores and their ratings, and answers `{ mb }`. */
import type { AddressInfo } from "node:net";
import { createServer } from "node:http";
import { join } from "node:path";
import { argv, memoryUsage, stdout } from "node:process";
import { loadConfig } from "../../src/config/load.ts";
import { createDirectory } from "../../src/directory/directory.ts";
import { startReading } from "../../src/directory/ratings-reading.ts";
import { createRatings } from "../../src/directory/ratings.ts";
import { createStoresRequestReader } from "../../src/directory/stores-request.ts";
import { createStores } from "../../src/sandbox/stores.ts";

const COUNT = Number(argv[2] ?? 50_000);
const BATCH = 1000;
/** Asked before memory is measured: what is only made then belongs to it. */
const QUESTIONS = ["near=48.86,2.35&open_now=true", "q=par"];

const { policy } = loadConfig(join(import.meta.dirname, "../../config"));
const [search, single] = policy?.keys.get("locator-read")?.routes ?? [];
if (search === undefined || single === undefined) throw new Error("config/bff.yaml has changed its form");
const keys = { all: () => [], current: unused, replacement: unused, alarm: unused, accepted: unused, hold: unused, close: unused };
const figures = ["average_rating", "reviews_count"] as const;
const ratings = createRatings({ form: "", figures, shelf: undefined });
const requests = createStoresRequestReader({ search, single });
const directory = createDirectory({ routes: { search, single }, keys, lateAfterSeconds: 86_400 });

const before = used();
fill();
directory.feed.caughtUp(Date.now());
await rate();
for (const question of QUESTIONS) directory.answer(requests.read(undefined, question), { ratings }).body();
const body = JSON.stringify({ mb: (used() - before) / 1e6 });

createServer((_request, response) => void response.writeHead(200, { "content-type": "application/json" }).end(body)).listen(
  0,
  "127.0.0.1",
  function listening(this: { address(): unknown }) {
    stdout.write(`http://127.0.0.1:${(this.address() as AddressInfo).port}\n`);
  },
);

/** In batches, so that what Partoo would send is not held all at once. */
function fill(): void {
  for (let batch = 0; batch * BATCH < COUNT; batch += 1) {
    const stores = createStores({ count: BATCH, seed: batch, organization: 1, brand: "Acme", today: new Date() });
    for (const [nth, store] of stores.entries()) {
      const id = idOf(batch * BATCH + nth);
      directory.feed.seen(JSON.parse(JSON.stringify({ ...store, id, code: `S-${batch}-${nth}` })) as Record<string, unknown>);
    }
  }
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

/** Bytes of JavaScript's and other memory, after what is not needed is gone. */
function used(): number {
  for (let round = 0; round < 3; round += 1) globalThis.gc?.();
  const { heapUsed, external } = memoryUsage();
  return heapUsed + external;
}

function unused(): never {
  throw new Error("no key is used here");
}
