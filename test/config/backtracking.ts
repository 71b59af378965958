/** A matcher with backtracking after the letter of ECMA-262 (§22.2.2), which counts its steps. Slow, and meant to be. */

/** A pattern as a tree. */
export type Term =
  | { readonly set: "a" | "b" | "[ab]" | "." | "[^a]" }
  | { readonly sequence: readonly Term[] }
  | { readonly either: readonly Term[] }
  | { readonly repeat: Term; readonly bounds: readonly [number, number]; readonly lazy: boolean }
  | { readonly look: Term; readonly ahead: boolean; readonly not: boolean };

/** The tree as the text of an expression. */
export function patternOf(terms: readonly Term[], anchored: boolean): string {
  return (anchored ? "^" : "") + terms.map(sourceOf).join("");
}

/** Steps (characters looked at, and rounds begun) until the whole search is over, with or without a match. */
export function countSteps(terms: readonly Term[], anchored: boolean, text: string): number {
  const search: Search = { text, steps: 0 };
  const whole: Term = { sequence: terms };
  for (let start = 0; start <= text.length; start += 1) {
    if (anchored && start > 0) search.steps += 1;
    // Never content: what comes behind fails, so that every way is tried.
    else matches(search, whole, { at: start, isBackward: false, next: () => false });
  }
  return search.steps;
}

interface Search {
  readonly text: string;
  steps: number;
}

interface State {
  readonly at: number;
  readonly isBackward: boolean;
  readonly next: (at: number) => boolean;
}

const ACCEPTS: Readonly<Record<string, RegExp>> = { a: /a/, b: /b/, "[ab]": /[ab]/, ".": /./, "[^a]": /[^a]/ };

function sourceOf(term: Term): string {
  if ("set" in term) return term.set;
  if ("sequence" in term) return `(?:${term.sequence.map(sourceOf).join("")})`;
  if ("either" in term) return `(${term.either.map(sourceOf).join("|")})`;
  if ("look" in term) return `(?${term.ahead ? "" : "<"}${term.not ? "!" : "="}${sourceOf(term.look)})`;
  const [least, most] = term.bounds;
  return `(?:${sourceOf(term.repeat)}){${least},${most === Infinity ? "" : most}}${term.lazy ? "?" : ""}`;
}

function matches(search: Search, term: Term, state: State): boolean {
  if ("set" in term) return matchesSet(search, term.set, state);
  if ("sequence" in term) return matchesSequence(search, state.isBackward ? term.sequence.toReversed() : term.sequence, state);
  if ("either" in term) return term.either.some((branch) => matches(search, branch, state));
  if ("look" in term) {
    const found = matches(search, term.look, { at: state.at, isBackward: !term.ahead, next: () => true });
    return found !== term.not && state.next(state.at);
  }
  return matchesRepeat(search, { term: term.repeat, least: term.bounds[0], most: term.bounds[1], lazy: term.lazy }, state);
}

function matchesSet(search: Search, set: string, { at, isBackward, next }: State): boolean {
  search.steps += 1;
  const character = search.text[isBackward ? at - 1 : at];
  return character !== undefined && ACCEPTS[set]?.test(character) === true && next(isBackward ? at - 1 : at + 1);
}

function matchesSequence(search: Search, terms: readonly Term[], state: State): boolean {
  const [first, ...rest] = terms;
  if (first === undefined) return state.next(state.at);
  return matches(search, first, { ...state, next: (at) => matchesSequence(search, rest, { ...state, at }) });
}

interface Repeat {
  readonly term: Term;
  readonly least: number;
  readonly most: number;
  readonly lazy: boolean;
}

/** RepeatMatcher: beyond the least rounds, one that takes nothing is no round. */
function matchesRepeat(search: Search, repeat: Repeat, state: State): boolean {
  if (repeat.most === 0) return state.next(state.at);
  const again = (at: number): boolean => {
    if (repeat.least === 0 && at === state.at) return false;
    const left = { ...repeat, least: Math.max(0, repeat.least - 1), most: repeat.most - 1 };
    return matchesRepeat(search, left, { ...state, at });
  };
  const oneMore = (): boolean => {
    search.steps += 1;
    return matches(search, repeat.term, { ...state, next: again });
  };
  if (repeat.least > 0) return oneMore();
  return repeat.lazy ? state.next(state.at) || oneMore() : oneMore() || state.next(state.at);
}
