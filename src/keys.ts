/** The Partoo keys this process holds: read from variables or files, read again when they change, replaced when refused. */
import { readFileSync } from "node:fs";
import type { Variables } from "./environment.ts";
import type { Logger } from "./log.ts";
import { variableName } from "./environment.ts";
import { Secret } from "./secret.ts";

const PREFIX = "PARTOO_KEY_";
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
  /** Every value held, for the check that none comes back in an answer. */
  all(): readonly Secret[];
  close(): void;
}

interface HeldKey {
  current: Secret;
  /** Values replaced lately: a request under way may still carry one, and its answer may hold it. */
  replaced: readonly Secret[];
  readonly next: Secret | undefined;
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

/** The variables that name a key's value. */
export function keyVariables(name: string): { readonly value: string; readonly file: string; readonly next: string } {
  const value = variableName(PREFIX, name);
  return { value, file: `${value}_FILE`, next: `${value}_NEXT` };
}

/**
 * @param names the configured keys that frontends use
 * @param origin the only origin that their values may be sent to
 * @returns the ring, and one line for each key whose value is missing or unusable
 */
export function openKeyRing(
  names: readonly string[],
  env: Variables,
  context: { readonly origin: string; readonly logger: Logger; readonly now?: () => number },
): { readonly keys: KeyRing; readonly faults: readonly string[] } {
  const held = new Map<string, HeldKey>();
  const faults: string[] = [];
  for (const name of names) {
    try {
      held.set(name, readKey(name, env, context.origin));
    } catch (fault) {
      faults.push((fault as Error).message);
    }
  }
  return { keys: createKeyRing(held, context), faults };
}

function readKey(name: string, env: Variables, origin: string): HeldKey {
  const variables = keyVariables(name);
  const [value, file, next] = [env[variables.value], env[variables.file], env[variables.next]];
  if (value && file) throw new TypeError(`${variables.value} and ${variables.file} are both set; keep one`);
  if (!value && !file) throw new TypeError(`${variables.value} (or ${variables.file}) is missing: the value of key ${name}`);
  const fileText = file ? readKeyFile(variables.file, file) : "";
  const secret = (variable: string, text: string, label = name): Secret => {
    try {
      return new Secret(label, text, origin);
    } catch (fault) {
      throw new TypeError(`${variable}: ${(fault as Error).message}`, { cause: fault });
    }
  };
  return {
    current: value ? secret(variables.value, value) : secret(variables.file, fileText),
    next: next ? secret(variables.next, next, `${name} (next)`) : undefined,
    file: file || undefined,
    replaced: [],
    fileText,
    fileSpoilt: false,
    rereadAt: Number.NEGATIVE_INFINITY,
    alarmed: false,
    forbiddenAt: Number.NEGATIVE_INFINITY,
  };
}

function readKeyFile(variable: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (fault) {
    throw new TypeError(`${variable}: ${file} can't be read (${(fault as NodeJS.ErrnoException).code})`, { cause: fault });
  }
}

function replace(key: HeldKey, secret: Secret): void {
  key.replaced = [key.current, ...key.replaced].slice(0, MAX_REPLACED);
  key.current = secret;
}

function createKeyRing(
  held: ReadonlyMap<string, HeldKey>,
  { origin, logger, now = () => performance.now() }: { readonly origin: string; readonly logger: Logger; readonly now?: () => number },
): KeyRing {
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
      if (now() - key.rereadAt >= REREAD_AFTER_REFUSAL_MS) {
        key.rereadAt = now();
        reread(name, key);
      }
      return [key.current, key.next].find((candidate) => candidate !== undefined && !candidate.sameValueAs(refused));
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
      if (secret === key.next && secret !== key.current) {
        replace(key, secret);
        logger.warn({ key: name }, "the next value of this key is in use: Partoo refused the one before");
      }
    },
    all: () => [...held.values()].flatMap(({ current, next, replaced }) => [current, ...(next === undefined ? [] : [next]), ...replaced]),
    close: () => clearInterval(timer),
  };
}
