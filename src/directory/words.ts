/** Text as it is searched: words without case, accents, hyphens and apostrophes. */

const MARKS = /\p{M}+/gu;
const NO_WORD = /[^\p{L}\p{N}]+/gu;
const JOINT = /(?<=[\p{L}\p{N}])['’\-‐‑](?=[\p{L}\p{N}])/gu;
/** Letters that no decomposition takes apart. */
const LETTERS: Readonly<Record<string, string>> = { ß: "ss", œ: "oe", æ: "ae", ø: "o", ł: "l", đ: "d", ı: "i", þ: "th" };
const SPECIAL = new RegExp(`[${Object.keys(LETTERS).join("")}]`, "gu");
/** In names of towns both are written. */
const ABBREVIATED: Readonly<Record<string, string>> = { saint: "st", sainte: "ste", st: "saint", ste: "sainte" };
/** More words than this are not looked at. */
const MAX_WORDS = 24;

/** The words of a search, in order: "St-Étienne" → st, etienne. */
export function wordsOf(text: string): readonly string[] {
  return plain(text).split(NO_WORD).filter(Boolean).slice(0, MAX_WORDS);
}

/** The words that a text is found by: its own, hyphenated ones also as one word, saints also abbreviated. */
export function termsOf(text: string): readonly string[] {
  const words = wordsOf(text);
  const other = words.flatMap((word) => ABBREVIATED[word] ?? []);
  return [...words, ...other, ...wordsOf(plain(text).replace(JOINT, ""))];
}

function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replace(MARKS, "")
    .toLowerCase()
    .replace(SPECIAL, (letter) => LETTERS[letter] ?? letter);
}
