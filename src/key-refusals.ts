/** Which keys Partoo refuses, counted: the log tells it once, this keeps it. */
import type { KeyRing } from "./keys.ts";

export interface KeyRefusals {
  /** The same keys, watched. */
  readonly keys: KeyRing;
  /** Calls that Partoo refused with 401 or 403, since the start. */
  counts(): readonly { readonly key: string; readonly status: number; readonly count: number }[];
  /** Keys whose last call but for 403 was refused with 401. */
  standing(): readonly string[];
}

export function watchKeys(keys: KeyRing): KeyRefusals {
  const counts = new Map<string, { readonly key: string; readonly status: number; count: number }>();
  const refused = new Set<string>();
  return {
    keys: {
      ...keys,
      alarm(key, status) {
        const line = counts.get(`${key} ${status}`) ?? { key, status, count: 0 };
        counts.set(`${key} ${status}`, line);
        line.count += 1;
        if (status === 401) refused.add(key);
        keys.alarm(key, status);
      },
      accepted(key, secret) {
        refused.delete(key);
        keys.accepted(key, secret);
      },
    },
    counts: () => [...counts.values()],
    standing: () => [...refused],
  };
}
