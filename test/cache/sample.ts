/** A stored response to start from, with whatever a test wants to be different. */
import type { Birth, StoredResponse } from "../../src/cache/entry.ts";
import { createStoredResponse } from "../../src/cache/entry.ts";

export const KEY = JSON.stringify([1, "https://api.partoo.co/v2", "locator-read", "/business/{business_id}", ["business_id=5f1"], "a1b2"]);

/** 10 minutes fresh, a day stale, stored just now. */
export function sample(different: Partial<Birth> = {}): StoredResponse {
  return createStoredResponse({
    found: true,
    body: Buffer.from('{"id":"5f1","name":"Café du Marché"}'),
    hash: "Vb0Fq3",
    storedAt: Date.now(),
    freshSeconds: 600,
    staleSeconds: 86_400,
    tags: ["key:locator-read", "route:/business/{business_id}", "business:5f1"],
    startedAt: { generation: "g1", id: "001795320140648-00000000000000000000", tick: 0 },
    ...different,
  });
}
