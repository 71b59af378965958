/** No answer that holds a key of ours travels on, whichever key it is and wherever it stands. */
import type { KeyRing } from "./keys.ts";
import { problem } from "./problem.ts";

/** Whether these bytes hold the value of any key, plain or inside a JSON string. */
export function holdsKey(bytes: Buffer, keys: KeyRing): boolean {
  return keys.all().some((secret) => secret.isIn(bytes));
}

/** @throws Problem upstream-failed when a key is in these bytes */
export function refuseEcho(bytes: Buffer, keys: KeyRing): void {
  if (holdsKey(bytes, keys)) throw problem("upstream-failed", { reason: "the answer holds an API key" });
}
