/** Tells text that looks like a key or secret, so that none is kept in, or printed from, a configuration. */

/** Where a secret-looking text stands in a line; columns count from 0. */
export interface SecretSpan {
  readonly start: number;
  readonly end: number;
}

/** Runs of characters that keys are written in. Shorter ones are names. */
const CANDIDATE = /[A-Za-z0-9_+/=.~-]{20,}/g;
const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----.*/g;
/** Partoo's ids of businesses: 24 hexadecimal digits, 23 in some examples. */
const BUSINESS_ID = /^(c-)?[0-9a-f]{23,24}$/;
/** Every Ed25519 public key in SPKI form begins so; it is no secret (RFC 8410). */
const ED25519_PUBLIC = /^MCowBQYDK2VwAyEA/;
/** What is written behind such a name is a secret, however it looks. No option has one; `key` and `value` are left to the form. */
const NAMED = /(?:api[-_]?key|secret|token|password|bearer)s?["']?\s*:\s+(?=[^\s{[&*])/i;
const SECRET_NAME = /^(?:x-?)?(?:api[-_]?key|key|value|secret|token|password|bearer)s?$|(?:api[-_]?key|secret|token|password)$/i;
/** Letters without a digit between them: no word is so long, and in a compound every third letter or so is a vowel. */
const MIN_LETTERS = 28;
const MIN_VOWELS = 0.3;
const MIN_DIGITS = 3;
/** Random text changes between letters, capitals and digits about every second character; names rarely do. */
const MIN_CHANGES = 6;
/** So many changes need but one digit to be told from a name. */
const MANY_CHANGES = 10;

/** All secret-looking places of one line, in order. */
export function secretSpans(line: string): readonly SecretSpan[] {
  const spans: SecretSpan[] = [];
  for (const match of line.matchAll(PEM)) spans.push({ start: match.index, end: match.index + match[0].length });
  for (const match of line.matchAll(CANDIDATE)) {
    const isInAddress = line.slice(0, match.index).endsWith("://") || /:\/\/\S*$/.test(line.slice(0, match.index + match[0].length));
    if (!isInAddress && looksRandom(match[0])) spans.push({ start: match.index, end: match.index + match[0].length });
  }
  return spans.toSorted((a, b) => a.start - b.start);
}

/** Whether a value of this name is a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** The line with every secret-looking text, and all that stands behind the name of a secret, replaced by as many dots. */
export function maskSecrets(line: string): string {
  const named = NAMED.exec(line);
  let masked = named === null ? line : maskFrom(line, named.index + named[0].length);
  for (const { start, end } of secretSpans(line)) masked = masked.slice(0, start) + "•".repeat(end - start) + masked.slice(end);
  return masked;
}

/** The line with everything from a column on, counted from 0, as dots. */
export function maskFrom(line: string, column: number): string {
  return line.slice(0, column) + line.slice(column).replaceAll(/\S/g, "•");
}

function looksRandom(text: string): boolean {
  if (BUSINESS_ID.test(text) || ED25519_PUBLIC.test(text)) return false;
  if (/^[A-Za-z]+$/.test(text)) return text.length >= MIN_LETTERS && text.replaceAll(/[^aeiouy]/gi, "").length < text.length * MIN_VOWELS;
  const classes = text
    .replaceAll(/[^A-Za-z0-9]/g, "")
    .replaceAll(/[a-z]/g, "a")
    .replaceAll(/[A-Z]/g, "A")
    .replaceAll(/[0-9]/g, "0");
  const digits = classes.split("0").length - 1;
  let changes = 0;
  for (let index = 1; index < classes.length; index += 1) if (classes[index] !== classes[index - 1]) changes += 1;
  return (digits >= MIN_DIGITS && changes >= MIN_CHANGES) || (digits > 0 && changes >= MANY_CHANGES);
}
