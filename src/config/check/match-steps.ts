/**
 * How long a pattern can take: the most steps that a matcher with backtracking (ECMAScript, as JSON Schema has it) can
 * make on the worst text. Counted from the pattern alone and never too low, so that one request can't hold the process.
 */

/** About a millisecond for V8 (measured: 0.3 to 1.5 ns a step). */
export const MAX_MATCH_STEPS = 1_000_000;
/** A pattern written by hand is shorter. */
const MAX_PATTERN_LENGTH = 1_000;
/**
 * Of a pattern with the flag `u` that is an expression: groups with their heads, sets, escapes, quantifiers, and single
 * characters. `\x41` comes apart into `\x`, `4` and `1`, which costs more than one character and never less.
 */
const TOKEN =
  /\(\?(?:<?[=!]|<[^>]*>|[a-z-]*:)|\[(?:\\[^]|[^\]\\])*\]|\\(?:[pPu]\{[^}]*\}|k<[^>]*>|[1-9][0-9]*|[^])|\{[0-9]+(?:,[0-9]*)?\}|[^]/gu;
const QUANTIFIER = /^(?:[*+?]|\{([0-9]+)(,?)([0-9]*)\})$/;
const BACKREFERENCE = /^\\(?:k<|[1-9])/;

interface Cost {
  /** In how many ways it can match from one place: how often what follows is tried. */
  readonly paths: number;
  /** Steps to try all of them. */
  readonly steps: number;
}

interface Scan {
  readonly tokens: readonly string[];
  readonly maxLength: number;
  at: number;
}

/**
 * The most steps for one text of at most `maxLength` characters; Infinity where they can't be counted.
 * @param pattern an expression that is valid with the flag `u`
 */
export function matchSteps(pattern: string, maxLength: number): number {
  if (pattern.length > MAX_PATTERN_LENGTH) return Infinity;
  const scan: Scan = { tokens: pattern.match(TOKEN) ?? [], maxLength, at: 0 };
  const { branches, isAnchored } = readBranches(scan, false);
  const { steps } = oneOf(branches);
  // Without ^ the search begins anew at every character.
  return isAnchored ? steps + branches.length * maxLength : steps * (maxLength + 1);
}

/** Alternatives up to the end of their group. Inside a lookbehind, terms are tried from the last to the first. */
function readBranches(scan: Scan, isBackward: boolean): { readonly branches: readonly Cost[]; readonly isAnchored: boolean } {
  const branches: Cost[] = [];
  let isAnchored = true;
  do {
    isAnchored &&= scan.tokens[scan.at] === "^";
    const terms: Cost[] = [];
    while (scan.at < scan.tokens.length && !/^[|)]$/.test(scan.tokens[scan.at] ?? "")) terms.push(readTerm(scan, isBackward));
    branches.push(inSequence(isBackward ? terms.toReversed() : terms));
  } while (scan.tokens[scan.at++] === "|");
  return { branches, isAnchored };
}

function readTerm(scan: Scan, isBackward: boolean): Cost {
  const cost = readAtom(scan, isBackward);
  const quantifier = QUANTIFIER.exec(scan.tokens[scan.at] ?? "");
  if (quantifier === null) return cost;
  scan.at += 1;
  if (scan.tokens[scan.at] === "?") scan.at += 1;
  return repeated(cost, boundsOf(quantifier), scan.maxLength);
}

function readAtom(scan: Scan, isBackward: boolean): Cost {
  const token = scan.tokens[scan.at++] ?? "";
  if (!token.startsWith("(")) return { paths: 1, steps: BACKREFERENCE.test(token) ? scan.maxLength + 1 : 1 };
  const isLook = /[=!]$/.test(token);
  const cost = oneOf(readBranches(scan, isLook ? token.includes("<") : isBackward).branches);
  // What a lookahead or lookbehind has found is not tried in another way.
  return isLook ? { paths: 1, steps: cost.steps + 1 } : cost;
}

function boundsOf([sign, least = "", comma, most = ""]: RegExpExecArray): readonly [number, number] {
  if (sign === "*") return [0, Infinity];
  if (sign === "+") return [1, Infinity];
  if (sign === "?") return [0, 1];
  if (comma === "") return [Number(least), Number(least)];
  return [Number(least), most === "" ? Infinity : Number(most)];
}

/** Beyond `least`, each round takes at least one character (ECMA-262, RepeatMatcher). */
function repeated({ paths, steps }: Cost, [least, most]: readonly [number, number], maxLength: number): Cost {
  const rounds = Math.min(most, least + maxLength);
  const tries = Math.min(most, rounds + 1);
  if (paths === 1) return { paths: rounds - least + 1, steps: tries * (steps + 1) + 1 };
  let sum: Cost = { paths: least === 0 ? 1 : 0, steps: 1 };
  for (let round = 1, ways = 1; round <= tries; round += 1, ways *= paths) {
    if (ways > MAX_MATCH_STEPS) return { paths: Infinity, steps: Infinity };
    const ends = round >= least && round <= rounds ? ways * paths : 0;
    sum = { paths: sum.paths + ends, steps: sum.steps + ways * (steps + 1) };
  }
  return sum;
}

function inSequence(terms: readonly Cost[]): Cost {
  return terms.reduce((before, term) => ({ paths: before.paths * term.paths, steps: before.steps + before.paths * term.steps }), {
    paths: 1,
    steps: 0,
  });
}

function oneOf(branches: readonly Cost[]): Cost {
  return branches.reduce((sum, { paths, steps }) => ({ paths: sum.paths + paths, steps: sum.steps + steps + 1 }), { paths: 0, steps: 0 });
}
