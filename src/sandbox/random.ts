/** A small seeded generator: the same seed gives the same made-up world on every machine. */

/** A stream of numbers that depends on its seed only. Not for secrets. */
export interface Random {
  /** At least 0, below 1. */
  next(): number;
  /** A whole number from 0 up to, not including, `below`. */
  integer(below: number): number;
  /** One element of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** True with this probability, 0 to 1. */
  chance(probability: number): boolean;
  /** Lower-case hexadecimal digits. */
  hex(digits: number): string;
}

/** A new stream. Seeds that differ by one give unrelated streams. */
export function createRandom(seed: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (below: number): number => Math.floor(next() * below);
  return {
    next,
    integer,
    pick: (list) => pickFrom(list, integer),
    chance: (probability) => next() < probability,
    hex: (digits) => hexFrom(digits, integer),
  };
}

function pickFrom<T>(list: readonly T[], integer: (below: number) => number): T {
  if (list.length === 0) throw new RangeError("nothing to pick from");
  return list[integer(list.length)] as T;
}

function hexFrom(digits: number, integer: (below: number) => number): string {
  let text = "";
  while (text.length < digits) text += integer(0x10000).toString(16).padStart(4, "0");
  return text.slice(0, digits);
}
