/** What must never be seen, and every spelling in which it is looked for. */
import { CALLER_WORD } from "./words.ts";

/** Values of the two keys, as Partoo would give them out. */
export const KEYS = { "locator-read": "canary-9f4c1d7ab86e4c02b5d1", "loose-read": "canary-51e07c3fd2aa4e9b8c66" } as const;

/** Bearers, and what signs webhooks and sessions: made up for this purpose. */
export const SERVER_TOKEN = "server-token-4c0ffee4c0ffee4c0ffee";
export const OPERATOR_TOKEN = "operator-token-0ddba110ddba11";
export const WEBHOOK_SECRET = "webhook-secret-5ca1ab1e5ca1ab1e";
const SIGNING_WORDS = "session-secret-of-the-fuzzer";
export const SESSION_SECRET = Buffer.alloc(32, SIGNING_WORDS).toString("base64url");

/** Stands wherever a person is named in Partoo's answers, and wherever something stands that no route lists. */
export const PERSON = "Hildegard-Planted-Person";

const SECRETS: readonly string[] = [
  ...Object.values(KEYS),
  SERVER_TOKEN,
  OPERATOR_TOKEN,
  WEBHOOK_SECRET,
  SESSION_SECRET,
  SIGNING_WORDS,
  PERSON,
];
const FORMS: readonly (readonly [form: string, secret: string])[] = SECRETS.flatMap((secret) =>
  spellings(secret).map((form) => [form, secret] as const),
);
/** Header and claims of a token both begin with a brace. */
const SESSION_TOKEN = /eyJ[\w-]{10,}\.eyJ/;
const ESCAPE = /\\u([0-9a-f]{4})|%([0-9a-f]{2})/gi;

/** @param text of an answer, a page, a log line, bytes read as latin1. @returns which secret stands there, however spelled */
export function findSecret(text: string): string | undefined {
  const found = FORMS.find(([form]) => text.includes(form))?.[1];
  if (found !== undefined || !ESCAPE.test(text)) return found;
  const plain = text.replaceAll(ESCAPE, (_, wide?: string, narrow?: string) =>
    String.fromCodePoint(Number.parseInt(wide ?? narrow ?? "", 16)),
  );
  return SECRETS.find((secret) => plain.includes(secret));
}

/** What a log or a metric may hold even less: what callers send. */
export function findCallersWord(text: string): string | undefined {
  if (SESSION_TOKEN.test(text)) return "a session's token";
  return text.includes(CALLER_WORD) ? CALLER_WORD : undefined;
}

/** Plain, hexadecimal, and base64 at each of its three alignments. */
function spellings(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString("hex");
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString("base64url")
      .slice(shift === 0 ? 0 : shift + 1, -3),
  );
  return [secret, hex, hex.toUpperCase(), ...base64];
}
