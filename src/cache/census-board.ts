/** Where processes tell each other that all stores were read, and who is reading them now. Without Redis each is alone. */
import { randomUUID } from "node:crypto";
import type { Breaker } from "./breaker.ts";
import type { Census } from "./known-stores.ts";

/** A process that dies while it sweeps blocks the others for so long. One that lives renews its lease, however long a page waits for budget. */
const LEASE_MS = 30_000;
/** A census outlives its time, so that a restart finds it. */
const KEPT_LIFETIMES = 3;
const MAX_NAMES = 500_000;

/** Censuses and leases by a name that says whose stores they are, and in what form they are held. */
export interface CensusBoard {
  read(name: string): Promise<Census | undefined>;
  publish(name: string, census: Census, freshMs: number): Promise<void>;
  /**
   * Before every page: while Redis was away, or since it was emptied, another process may have begun as well.
   * @returns whether this process is the one to sweep, until it drops the lease
   */
  takeLease(name: string): Promise<boolean>;
  dropLease(name: string): Promise<void>;
  close(): Promise<void>;
}

const ALONE: CensusBoard = {
  read: () => Promise.resolve(undefined),
  publish: () => Promise.resolve(),
  takeLease: () => Promise.resolve(true),
  dropLease: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/** Every failure of Redis counts as being alone: the governor bounds what that may cost. */
export function createCensusBoard(redis: { readonly breaker: Breaker; readonly prefix: string } | undefined): CensusBoard {
  if (redis === undefined) return ALONE;
  const { breaker, prefix } = redis;
  const me = randomUUID();
  const leases = new Map<string, NodeJS.Timeout>();
  const censusKey = (name: string): string => `${prefix}census:${name}`;
  const leaseKey = (name: string): string => `${prefix}sweep:${name}`;
  const stopRenewing = (name: string): void => {
    clearInterval(leases.get(name));
    leases.delete(name);
  };
  const drop = async (name: string): Promise<void> => {
    stopRenewing(name);
    await breaker
      .run(async (client) => ((await client.get(leaseKey(name))) === me ? client.del(leaseKey(name)) : 0))
      .catch(() => undefined);
  };
  return {
    read: async (name) => parse(await breaker.run((client) => client.get(censusKey(name))).catch(() => null)),
    async publish(name, { takenAt, names }, freshMs) {
      const text = JSON.stringify({ takenAt, names: [...names] });
      await breaker.run((client) => client.set(censusKey(name), text, "PX", freshMs * KEPT_LIFETIMES)).catch(() => undefined);
    },
    async takeLease(name) {
      const isMine = await breaker
        .run(async (client) => {
          const taken = await client.set(leaseKey(name), me, "PX", LEASE_MS, "NX");
          return taken === "OK" || (await client.get(leaseKey(name))) === me;
        })
        .catch(() => true);
      if (!isMine) return (stopRenewing(name), false);
      const renew = (): void => void breaker.run((client) => client.pexpire(leaseKey(name), LEASE_MS)).catch(() => undefined);
      if (!leases.has(name)) leases.set(name, setInterval(renew, LEASE_MS / 3).unref());
      return true;
    },
    dropLease: drop,
    close: async () => void (await Promise.all([...leases.keys()].map(drop))),
  };
}

function parse(text: string | null): Census | undefined {
  if (text === null) return undefined;
  try {
    const { takenAt, names } = JSON.parse(text) as { takenAt: unknown; names: unknown };
    const isList = Array.isArray(names) && names.length > 0 && names.length <= MAX_NAMES && names.every((one) => typeof one === "string");
    if (typeof takenAt !== "number" || !isList || takenAt > Date.now() + LEASE_MS) return undefined;
    return { takenAt, names: new Set(names) };
  } catch {
    return undefined;
  }
}
