/** The Partoo keys in use: files read again when they change, values replaced when refused, alarms. */
import { readFileSync } from "node:fs";
import type { Logger } from "./log.ts";
import { Secret } from "./secret.ts";

const MAX_REPLACED = 4;
const FILE_POLL_MS = 2000;
const REREAD_AFTER_REFUSAL_MS = 60_000;
/** A 403 may be about one store or route while others work: no success ends that alarm, and it is not raised again for so long. */
const FORBIDDEN_ALARM_MS = 600_000;

export interface KeyRing {
  /** The value to use now. @throws TypeError for a name that was not loaded */
  current(name: string): Secret;
  /** After Partoo refused `refused` (401): another value to try, or undefined. Reads the file at most once a minute. */
  replacement(name: string, refused: Secret): Secret | undefined;
  /** Partoo refuses every value there is (401: once until one is accepted again), or what we ask for (403: now and then). */
  alarm(name: string, status: number): void;
  /** Partoo accepted this value: it is the one to use from now on. */
  accepted(name: string, secret: Secret): void;
  /** Keys that a new policy uses: those held already keep the values they have come to. @param values by the keys' names */
  hold(values: ReadonlyMap<string, KeyValues>): void;
  /** Every value held, for the check that none comes back in an answer. */
  all(): readonly Secret[];
  close(): void;
}

/** A key as it was read at start. */
export interface KeyValues {
  readonly current: Secret;
  readonly next: Secret | undefined;
  /** Where `current` was read, when it was a file; and what that held. */
  readonly file: string | undefined;
  readonly fileText: string;
}

interface HeldKey {
  current: Secret;
  /** Values replaced lately: a request under way may still carry one, and its answer may hold it. */
  replaced: readonly Secret[];
  readonly next: Secret | undefined;
  /** The value that Partoo accepted last. */
  proven: Secret | undefined;
  /** The one it refused last. */
  refused: Secret | undefined;
  readonly file: string | undefined;
  /** What the file held when it was last read. */
  fileText: string;
  /** The last look at the file found no value in it: told once. */
  fileSpoilt: boolean;
  rereadAt: number;
  /** Since a 401, until a value is accepted. */
  alarmed: boolean;
  forbiddenAt: number;
}

/** What a ring works with. */
export interface KeyRingContext {
  /** The only origin that the values may be sent to. */
  readonly origin: string;
  readonly logger: Logger;
  /** Monotonic milliseconds. Default performance.now(). */
  readonly now?: () => number;
}

/** Looks at the files every two seconds until it is closed. @param values by the keys' names */
export function createKeyRing(
  values: ReadonlyMap<string, KeyValues>,
  { origin, logger, now = () => performance.now() }: KeyRingContext,
): KeyRing {
  const held = new Map([...values].map(([name, read]) => [name, hold(read)]));
  const find = (name: string): HeldKey => {
    const key = held.get(name);
    if (key === undefined) throw new TypeError(`the key ${name} was not loaded`);
    return key;
  };
  const reread = (name: string, key: HeldKey): void => {
    if (key.file === undefined) return;
    try {
      const text = readFileSync(key.file, "utf8");
      if (text !== key.fileText) {
        replace(key, new Secret(name, text, origin));
        key.fileText = text;
        logger.info({ key: name }, "key file changed and was read again");
      }
      key.fileSpoilt = false;
    } catch {
      if (!key.fileSpoilt) logger.warn({ key: name }, "key file can't be read or holds no key; the value read before stays in use");
      key.fileSpoilt = true;
    }
  };
  const timer = setInterval(() => held.forEach((key, name) => reread(name, key)), FILE_POLL_MS);
  timer.unref();

  return {
    current: (name) => find(name).current,
    replacement(name, refused) {
      const key = find(name);
      key.refused = refused;
      if (now() - key.rereadAt >= REREAD_AFTER_REFUSAL_MS) {
        key.rereadAt = now();
        reread(name, key);
      }
      // A value that came by a file has answered nothing yet: until it has, the one that did is kept.
      return [key.current, key.next, key.proven].find((candidate) => candidate !== undefined && !candidate.sameValueAs(refused));
    },
    alarm(name, status) {
      const key = find(name);
      if (status === 403 ? now() - key.forbiddenAt < FORBIDDEN_ALARM_MS : key.alarmed) return;
      if (status === 403) key.forbiddenAt = now();
      else key.alarmed = true;
      logger.error(
        { alarm: "key-refused", key: name, upstream_status: status },
        "Partoo refuses this key: replace its value or its rights",
      );
    },
    accepted(name, secret) {
      const key = find(name);
      if (key.alarmed) logger.info({ key: name }, "Partoo accepts this key again");
      key.alarmed = false;
      // A call that began with it before the file changed says nothing of the new one.
      const isTakenBack = secret === key.proven && key.refused === key.current;
      key.proven = secret;
      if (secret === key.current || (secret !== key.next && !isTakenBack)) return;
      replace(key, secret);
      if (isTakenBack)
        logger.error({ alarm: "key-refused", key: name }, "Partoo refuses the new value of this key: the one before stays in use");
      else logger.warn({ key: name }, "the next value of this key is in use: Partoo refused the one before");
    },
    hold: (more) => {
      for (const [name, read] of more) if (!held.has(name)) held.set(name, hold(read));
    },
    all: () => [...held.values()].flatMap(valuesOf),
    close: () => clearInterval(timer),
  };
}

function hold(values: KeyValues): HeldKey {
  const never = Number.NEGATIVE_INFINITY;
  return {
    ...values,
    replaced: [],
    proven: undefined,
    refused: undefined,
    fileSpoilt: false,
    rereadAt: never,
    alarmed: false,
    forbiddenAt: never,
  };
}

/** Each once. */
function valuesOf({ current, next, proven, replaced }: HeldKey): readonly Secret[] {
  return [...new Set([current, next, proven, ...replaced])].filter((secret) => secret !== undefined);
}

function replace(key: HeldKey, secret: Secret): void {
  key.replaced = [key.current, ...key.replaced].slice(0, MAX_REPLACED);
  key.current = secret;
}
