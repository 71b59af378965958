/** Ways in which an upstream fails, to be switched on for all calls, some of them, or the next few. */
import { createRandom } from "./random.ts";

/** Modes with what each does; the help text is made of these. */
export const FAULT_MODES = {
  status: "status=503: answers with that status (a 3xx sends a Location on another host)",
  hang: "takes the request and never answers",
  reset: "resets the connection before any byte",
  truncate: "announces the whole answer, sends half of it and closes",
  drip: "sends one byte every 200 ms",
  html: "answers 200 with an HTML page",
  "garbage-gzip": "announces gzip and sends noise",
  huge: "answers 200 with 64 MB of JSON (huge=5: 5 MB)",
  "echo-key": "puts the caller's key into the answer, cut in two on the wire",
  expired: "treats every key as expired: 401",
  "429": "answers 429 with Retry-After: 60 (429=5: 5 seconds; 429=none: without the field)",
} as const;

export type FaultMode = keyof typeof FAULT_MODES;

export interface Fault {
  readonly mode: FaultMode;
  /** What stood after `=`. */
  readonly value?: string;
  /** Share of calls it strikes, 0 to 1. */
  readonly rate: number;
}

/** Limits a fault further. */
export interface FaultScope {
  /** Strikes so many calls, then stops. */
  readonly times?: number;
  /** Strikes only paths that begin so, as they arrive, e.g. `/v2/business`. */
  readonly path?: string;
}

export interface FaultPlan {
  /** Replaces what was planned; empty text or null: nothing fails any more. @throws RangeError for a text nobody understands */
  set(text: string | null, scope?: FaultScope): void;
  /** The fault that strikes this call, if any. */
  strike(path: string): Fault | undefined;
}

/** Luck is drawn from the seed, so that a run can be repeated. */
export function createFaultPlan(seed: number, text: string | null): FaultPlan {
  const random = createRandom(seed + 3);
  let faults = parseFaults(text ?? "");
  let scope: FaultScope = {};
  let left = Infinity;
  return {
    set: (wanted, wantedScope = {}) => {
      faults = parseFaults(wanted ?? "");
      scope = wantedScope;
      left = wantedScope.times ?? Infinity;
    },
    strike: (path) => {
      if (left <= 0 || (scope.path !== undefined && !path.startsWith(scope.path))) return undefined;
      const fault = faults.find(({ rate }) => random.chance(rate));
      if (fault !== undefined) left -= 1;
      return fault;
    },
  };
}

/** `status=503:0.2,hang:0.01` → two faults, tried in order. @throws RangeError that names the part at fault */
export function parseFaults(text: string): readonly Fault[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(parseFault);
}

function parseFault(part: string): Fault {
  const [, name = "", value, rateText] = /^([a-z0-9-]+)(?:=([a-z0-9]+))?(?::([\d.]+))?$/.exec(part) ?? [];
  if (!Object.hasOwn(FAULT_MODES, name))
    throw new RangeError(`unknown fault "${part}": one of ${Object.keys(FAULT_MODES).join(", ")}, as in status=503:0.2`);
  const mode = name as FaultMode;
  const rate = rateText === undefined ? 1 : Number(rateText);
  if (!(rate >= 0 && rate <= 1)) throw new RangeError(`rate of "${part}": a number from 0 to 1`);
  if (!isValueFine(mode, value)) throw new RangeError(`value of "${part}": ${FAULT_MODES[mode]}`);
  return value === undefined ? { mode, rate } : { mode, value, rate };
}

function isValueFine(mode: FaultMode, value: string | undefined): boolean {
  if (mode === "status") return value !== undefined && /^[2-9]\d\d$/.test(value);
  if (mode === "429") return value === undefined || /^(none|\d{1,4})$/.test(value);
  if (mode === "huge") return value === undefined || /^\d{1,3}$/.test(value);
  return value === undefined;
}
