/** What holds where the configuration says nothing. Kept as text, so that documents can quote them. */

/** Partoo's documented limit (partoo reference §4). */
export const DEFAULT_QUOTA = "300/min";
/** Left to the organization's other tools. */
export const DEFAULT_RESERVE = "20%";
export const DEFAULT_INSTANCES = 1;
export const DEFAULT_REQUESTS = "600/min";
export const DEFAULT_MISSES = "30/min";
export const DEFAULT_SHARE = "100%";
export const DEFAULT_STALE = "1d";
export const DEFAULT_BROWSER = "1m";
