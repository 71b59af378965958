/** What the bench's upstream answers: stores of a realistic size, made by the sandbox. */
import { createStores } from "../../src/sandbox/stores.ts";

const PAGE_SIZE = 50;

const stores = createStores({ count: PAGE_SIZE, seed: 1, organization: 7, brand: "Acme", today: new Date("2026-07-01") });

/** The path of one store, and the bodies by path, as Partoo would send them. */
export const STORE_PATH = `/v2/business/${stores[0]?.id}`;

export const BODIES: ReadonlyMap<string, Buffer> = new Map([
  ["/v2/business/search", json({ page: 1, max_page: 7, count: 320, businesses: stores })],
  [STORE_PATH, json(stores[0])],
]);

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
