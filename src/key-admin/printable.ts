/** Texts of Partoo's records as they may be shown: people write labels, and some write a key into them. */
import { maskSecrets } from "../config/secret-look.ts";

const MAX_LENGTH = 80;
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** One short line without control characters and without what looks like a secret. */
export function printable(text: string): string {
  const line = maskSecrets(text.replaceAll(CONTROL, "·"));
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH - 1)}…` : line;
}
