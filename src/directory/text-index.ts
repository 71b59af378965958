/** Forgiving search for words: a dictionary of all terms finds prefixes and typos, and each term knows where it occurs. */
import SearchableMap from "minisearch/SearchableMap";
import { termsOf, wordsOf } from "./words.ts";

const EXACT = 4;
const PREFIX = 3;
const TYPO = 1;
const LEVELS = [EXACT, PREFIX, TYPO];
/** Words of a search that count. */
const MAX_SEARCH_WORDS = 8;
/** A word this long may have one typo, and two. */
const ONE_TYPO_LENGTH = 4;
const TWO_TYPOS_LENGTH = 8;
const HAS_DIGIT = /\p{N}/u;

/** Of small numbers (slots) and the texts they are found by. */
export interface TextIndex {
  /** Replaces what the slot was found by. */
  set(slot: number, texts: readonly string[]): void;
  /** @returns slots in which every word occurs, best first; typos are forgiven only when nothing matches without */
  search(text: string): readonly number[];
}

/** Terms that a word of a search stands for, with how well they fit. */
type Meanings = ReadonlyMap<string, number>;

export function createTextIndex(): TextIndex {
  const dictionary = new SearchableMap<number[]>();
  const termsAt: (readonly string[] | undefined)[] = [];
  /** Each term once, however many stores have it. */
  const spellings = new Map<string, string>();
  const spelled = (term: string): string => {
    const known = spellings.get(term);
    if (known === undefined) spellings.set(term, term);
    return known ?? term;
  };

  const drop = (slot: number): void => {
    for (const term of termsAt[slot] ?? []) {
      const slots = dictionary.get(term) ?? [];
      const last = slots.pop();
      if (last !== undefined && last !== slot) slots[slots.indexOf(slot)] = last;
      if (slots.length > 0) continue;
      dictionary.delete(term);
      spellings.delete(term);
    }
  };
  const find = (words: readonly string[], read: (dictionary: SearchableMap<number[]>, word: string) => Meanings): readonly number[] => {
    const meanings = words.map((word, nth) => (word.length === 1 && nth < words.length - 1 ? itself(word) : read(dictionary, word)));
    const cost = ({ size }: Meanings, nth: number): number => (size === 0 ? 0 : occurrences(dictionary, meanings[nth]));
    const costs = meanings.map(cost);
    const rarest = costs.indexOf(Math.min(...costs));
    const others = meanings.filter((_, nth) => nth !== rarest);
    if (others.length === 0) return ofOneWord(dictionary, meanings[rarest], termsAt.length);
    const scores = scoresOf(dictionary, meanings[rarest]);
    return ranked(withOthers(scores, (slot) => othersScore(termsAt[slot] ?? [], others)));
  };
  return {
    set(slot, texts) {
      drop(slot);
      const terms = [...new Set(texts.flatMap(termsOf))].map(spelled);
      termsAt[slot] = terms;
      for (const term of terms) {
        const slots = dictionary.get(term);
        if (slots === undefined) dictionary.set(term, [slot]);
        else slots.push(slot);
      }
    },
    search(text) {
      const words = [...new Set(wordsOf(text))].slice(0, MAX_SEARCH_WORDS);
      if (words.length === 0) return [];
      const found = find(words, asWritten);
      return found.length > 0 ? found : find(words, withTypos);
    },
  };
}

/** A letter that more words follow is a word: as the beginning of one it would say nothing, of thousands of stores. */
function itself(word: string): Meanings {
  return new Map([[word, EXACT]]);
}

function asWritten(dictionary: SearchableMap<number[]>, word: string): Meanings {
  const meanings = new Map<string, number>();
  for (const [term] of dictionary.atPrefix(word)) meanings.set(term, term === word ? EXACT : PREFIX);
  return meanings;
}

/** A number with a typo is another number. */
function withTypos(dictionary: SearchableMap<number[]>, word: string): Meanings {
  const meanings = new Map(asWritten(dictionary, word));
  if (word.length < ONE_TYPO_LENGTH || HAS_DIGIT.test(word)) return meanings;
  for (const term of dictionary.fuzzyGet(word, word.length < TWO_TYPOS_LENGTH ? 1 : 2).keys()) {
    if (!meanings.has(term)) meanings.set(term, TYPO);
  }
  for (const swapped of withSwaps(word))
    for (const [term] of dictionary.atPrefix(swapped)) if (!meanings.has(term)) meanings.set(term, TYPO);
  return meanings;
}

/** The commonest typing error of all, which two edits would be: each two neighbours the other way round. */
function withSwaps(word: string): readonly string[] {
  return Array.from({ length: word.length - 1 }, (_, at) => word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2));
}

function occurrences(dictionary: SearchableMap<number[]>, meanings: Meanings = new Map()): number {
  let count = 0;
  for (const term of meanings.keys()) count += dictionary.get(term)?.length ?? 0;
  return count;
}

/** Most searches: whoever has the word itself, then whoever has one that begins with it, then typos. */
function ofOneWord(dictionary: SearchableMap<number[]>, meanings: Meanings = new Map(), slots: number): readonly number[] {
  const isFound = new Uint8Array(slots);
  return LEVELS.flatMap((level) => {
    const found: number[] = [];
    for (const [term, score] of meanings) {
      if (score !== level) continue;
      for (const slot of dictionary.get(term) ?? [])
        if (isFound[slot] === 0) {
          isFound[slot] = 1;
          found.push(slot);
        }
    }
    return inOrder(found);
  });
}

/** Lists of a term are in order as long as no store has left it. */
function inOrder(slots: readonly number[]): readonly number[] {
  for (let nth = 1; nth < slots.length; nth += 1) {
    if ((slots[nth] as number) < (slots[nth - 1] as number)) return [...Uint32Array.from(slots).toSorted()];
  }
  return slots;
}

/** The best of a word's terms counts. */
function scoresOf(dictionary: SearchableMap<number[]>, meanings: Meanings = new Map()): ReadonlyMap<number, number> {
  const scores = new Map<number, number>();
  for (const [term, score] of meanings) {
    for (const slot of dictionary.get(term) ?? []) {
      const known = scores.get(slot);
      if (known === undefined || known < score) scores.set(slot, score);
    }
  }
  return scores;
}

/** @param rest score of the other words in a slot; 0: one is missing */
function withOthers(scores: ReadonlyMap<number, number>, rest: (slot: number) => number): ReadonlyMap<number, number> {
  const sums = new Map<number, number>();
  for (const [slot, score] of scores) {
    const more = rest(slot);
    if (more > 0) sums.set(slot, score + more);
  }
  return sums;
}

function othersScore(terms: readonly string[], others: readonly Meanings[]): number {
  let sum = 0;
  for (const meanings of others) {
    let best = 0;
    for (const term of terms) best = Math.max(best, meanings.get(term) ?? 0);
    if (best === 0) return 0;
    sum += best;
  }
  return sum;
}

/** Scores are few small numbers. */
function ranked(scores: ReadonlyMap<number, number>): readonly number[] {
  const ranks: (number[] | undefined)[] = [];
  for (const [slot, score] of scores) (ranks[score] ??= []).push(slot);
  return ranks.toReversed().flatMap((slots = []) => inOrder(slots));
}
