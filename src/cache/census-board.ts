/** Where processes tell each other that all stores were read, and who is reading them now. Without Redis each is alone. */
import { randomUUID } from "node:crypto";
import type { Breaker } from "./breaker.ts";
import type { Census } from "./known-stores.ts";

/** A process that dies while it sweeps blocks the others for so long. A page may wait for budget. */
const LEASE_MS = 30_000;
/** A census outlives its time, so that a restart finds it. */
const KEPT_LIFETIMES = 3;
const MAX_NAMES = 500_000;

export interface CensusBoard {
  read(keyName: string): Promise<Census | undefined>;
  publish(keyName: string, census: Census, freshMs: number): Promise<void>;
  /** @returns whether this process is the one to sweep */
  takeLease(keyName: string): Promise<boolean>;
  keepLease(keyName: string): Promise<void>;
  dropLease(keyName: string): Promise<void>;
  close(): Promise<void>;
}

const ALONE: CensusBoard = {
  read: () => Promise.resolve(undefined),
  publish: () => Promise.resolve(),
  takeLease: () => Promise.resolve(true),
  keepLease: () => Promise.resolve(),
  dropLease: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/** Every failure of Redis counts as being alone: the governor bounds what that may cost. */
export function createCensusBoard(redis: { readonly breaker: Breaker; readonly prefix: string } | undefined): CensusBoard {
  if (redis === undefined) return ALONE;
  const { breaker, prefix } = redis;
  const me = randomUUID();
  const leases = new Set<string>();
  const censusKey = (keyName: string): string => `${prefix}census:${keyName}`;
  const leaseKey = (keyName: string): string => `${prefix}sweep:${keyName}`;
  const drop = async (keyName: string): Promise<void> => {
    leases.delete(keyName);
    await breaker
      .run(async (client) => ((await client.get(leaseKey(keyName))) === me ? client.del(leaseKey(keyName)) : 0))
      .catch(() => undefined);
  };
  return {
    read: async (keyName) => parse(await breaker.run((client) => client.get(censusKey(keyName))).catch(() => null)),
    async publish(keyName, { takenAt, names }, freshMs) {
      const text = JSON.stringify({ takenAt, names: [...names] });
      await breaker.run((client) => client.set(censusKey(keyName), text, "PX", freshMs * KEPT_LIFETIMES)).catch(() => undefined);
    },
    async takeLease(keyName) {
      const taken = await breaker.run((client) => client.set(leaseKey(keyName), me, "PX", LEASE_MS, "NX")).catch(() => "OK" as const);
      if (taken === "OK") leases.add(keyName);
      return taken === "OK";
    },
    async keepLease(keyName) {
      await breaker.run((client) => client.pexpire(leaseKey(keyName), LEASE_MS)).catch(() => undefined);
    },
    dropLease: drop,
    close: async () => void (await Promise.all([...leases].map(drop))),
  };
}

function parse(text: string | null): Census | undefined {
  if (text === null) return undefined;
  try {
    const { takenAt, names } = JSON.parse(text) as { takenAt: unknown; names: unknown };
    const isList = Array.isArray(names) && names.length > 0 && names.length <= MAX_NAMES && names.every((name) => typeof name === "string");
    if (typeof takenAt !== "number" || !isList || takenAt > Date.now() + LEASE_MS) return undefined;
    return { takenAt, names: new Set(names) };
  } catch {
    return undefined;
  }
}
