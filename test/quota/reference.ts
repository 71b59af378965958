/** What Partoo would have counted: written apart from the code under test, slow and plain. */

/** The most calls in any rolling window of this length; one at its very end is already in the next. */
export function worstWindow(sends: readonly number[], windowMs: number): number {
  let worst = 0;
  for (const from of sends) {
    let count = 0;
    for (const send of sends) if (send >= from && send < from + windowMs) count += 1;
    worst = Math.max(worst, count);
  }
  return worst;
}

/** Numbers from 0 to 1 that depend on the seed only (a linear congruential generator with a mixed output). */
export function createRandom(seed: number): () => number {
  let state = (seed * 2_654_435_761 + 12_345) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) >>> 0;
    return ((mixed ^ (mixed >>> 13)) >>> 0) / 2 ** 32;
  };
}
