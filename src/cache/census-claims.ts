/**
 * Which organizations a first census is under way for, here or in another process: until it ends, hardly any store is held as fresh. A page
 * of it serves a hundred stores and a visitor's call one, so the budget is the census's before it is theirs.
 */
import type { KeyPolicy } from "../policy.ts";
import type { Priority } from "../quota/governor.ts";

export interface CensusClaims {
  /** @param isUnderWay whether the stores of this key are being read for the first time, or anew after all were purged */
  set(key: KeyPolicy, isUnderWay: boolean): void;
  /** The key's stores are not read any more. */
  drop(keyName: string): void;
  /** What a call for a caller has to be content with now. */
  yielded(key: KeyPolicy, priority: Priority): Priority;
}

export function createCensusClaims(): CensusClaims {
  /** Name of the organization by name of the key. */
  const claims = new Map<string, string>();
  return {
    set({ name, organization }, isUnderWay) {
      if (isUnderWay) claims.set(name, organization.name);
      else claims.delete(name);
    },
    drop: (keyName) => void claims.delete(keyName),
    yielded({ organization }, priority) {
      if (claims.size === 0 || (priority !== "miss" && priority !== "refresh")) return priority;
      return [...claims.values()].includes(organization.name) ? "yielding" : priority;
    },
  };
}
