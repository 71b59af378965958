/** A purge by hand: the next request for what it names waits for Partoo, and gets what is stored only when Partoo fails. */
import { z } from "zod";
import type { Instance } from "./instance.ts";
import type { PurgeTarget } from "./purge-tags.ts";
import { TAG_ALL } from "../cache/tags.ts";
import { problem } from "../problem.ts";
import { tagsOfTarget } from "./purge-tags.ts";

/** Answer to `POST /api/purge`. */
export interface PurgeReport {
  readonly purged: PurgeTarget;
  /** Tags of stored responses that stand for it. */
  readonly tags: readonly string[];
  /** Stored responses in this instance's memory that it concerned; others may hold more. */
  readonly entries: number;
  /** `all`: Redis has told them or will within moments. `this`: there is no Redis. `this-for-now`: Redis is away; the others hear of it when it is back. */
  readonly instances: "all" | "this" | "this-for-now";
}

const TARGET = z.union([z.strictObject({ all: z.literal(true) }), z.strictObject({ tag: z.string() })]);

/** @param body JSON: `{"tag": "…"}` or `{"all": true}`. @throws Problem request-malformed */
export function readPurgeTarget(body: Buffer): PurgeTarget {
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    value = undefined;
  }
  const { success, data } = TARGET.safeParse(value);
  if (success) return data;
  throw problem("request-malformed", { detail: 'The body must be {"tag": "…"} or {"all": true}.' });
}

/** @throws Problem parameter-invalid */
export async function purgeByHand(target: PurgeTarget, instance: Instance): Promise<PurgeReport> {
  const tags = await tagsOfTarget(target, instance);
  const entries = countEntries(tags, instance);
  const { replicated } = await instance.purges.purge({ tags, hard: false, awaited: true });
  const alone = instance.redis().mode === "off" ? "this" : "this-for-now";
  return { purged: target, tags, entries, instances: replicated ? "all" : alone };
}

function countEntries(tags: readonly string[], { memory, purges }: Instance): number {
  const wanted = new Set(tags);
  let count = 0;
  for (const [, entry] of memory.entries()) {
    if (entry.alias !== undefined || purges.verdict(entry) === "gone") continue;
    if (wanted.has(TAG_ALL) || entry.tags.some((tag) => wanted.has(tag))) count += 1;
  }
  return count;
}
