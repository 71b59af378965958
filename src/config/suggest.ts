/** "Did you mean": the nearest of the names that would have been right. */
import { closest, distance } from "fastest-levenshtein";
import { maskSecrets } from "./secret-look.ts";

const MAX_QUOTED = 60;

/** The most similar candidate, when it is similar enough to be meant. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0 || word.length > 200) return undefined;
  const plain = simplify(word);
  const same = candidates.find((candidate) => simplify(candidate) === plain);
  const swapped = same ?? candidates.find((candidate) => isSwap(plain, simplify(candidate)));
  if (swapped !== undefined) return swapped;
  const best = closest(word, candidates);
  if (distance(word, best) <= allowedDistance(Math.max(word.length, best.length))) return best;
  return word.length < 3 ? undefined : candidates.find((candidate) => candidate.startsWith(word) || word.startsWith(`${candidate}_`));
}

/** The hint for an unknown name: the nearest one, or all of them when they are few. */
export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const best = nearest(word, candidates);
  if (best !== undefined) return `did you mean ${quote(best)}?`;
  if (candidates.length === 0 || candidates.length > 24) return undefined;
  return `known here: ${candidates.join(", ")}`;
}

/** A value for a message: in double quotes, cut, without control characters, secrets masked. */
export function quote(value: string): string {
  const cut = value.length > MAX_QUOTED ? `${value.slice(0, MAX_QUOTED)}…` : value;
  return JSON.stringify(maskSecrets(value) === value ? cut : maskSecrets(value).slice(0, MAX_QUOTED)).replaceAll(
    /[\u007f-\u009f\u2028-\u202e]/g,
    "·",
  );
}

function allowedDistance(length: number): number {
  return length < 4 ? 1 : Math.max(2, Math.floor(length / 3));
}

/** Whether two neighbours have changed places: the commonest slip, which counts as two for Levenshtein. */
function isSwap(word: string, other: string): boolean {
  let at = 0;
  while (at < word.length && word[at] === other[at]) at += 1;
  return at < word.length && word.slice(0, at) + (word[at + 1] ?? "") + (word[at] ?? "") + word.slice(at + 2) === other;
}

function simplify(word: string): string {
  return word.toLowerCase().replaceAll(/[^a-z0-9/]/g, "");
}
