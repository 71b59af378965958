/** Decodes path segments, each exactly once, and refuses every encoding that two readers could read differently. */
import { problem } from "../problem.ts";

/** A "%" that starts no escape. */
const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/;
/** Escapes of "/", "\", "%", "?", "#", ";" and of control bytes: design §12, Path. */
const REFUSED_ESCAPE = /%(?:2[Ff35]|5[Cc]|3[BbFf]|[01][0-9A-Fa-f]|7[Ff])/;
/** C1 controls, which an escape may hide behind valid UTF-8. */
const C1_CONTROL = /[\u0080-\u009f]/;

/** @returns the segments as text. @throws Problem path-encoding */
export function decodePath(segments: readonly string[]): readonly string[] {
  return segments.map(decodeSegment);
}

function decodeSegment(raw: string): string {
  const text = raw.includes("%") ? decodeEscapes(raw) : raw;
  if (text === "." || text === "..") throw refused("Segments of dots are refused.");
  if (text.includes(";") || text.includes("\\")) throw refused("A segment holds a character that servers read differently.");
  return text;
}

function decodeEscapes(raw: string): string {
  if (BROKEN_ESCAPE.test(raw)) throw refused("A percent sign is not followed by two hexadecimal digits.");
  if (REFUSED_ESCAPE.test(raw)) throw refused("The path escapes a character that servers read differently.");
  const text = decodeUtf8(raw);
  if (text === undefined) throw refused("The path is not valid UTF-8.");
  if (C1_CONTROL.test(text)) throw refused("The path holds a control character.");
  return text;
}

/** Percent-decodes once. @returns undefined when the bytes are no UTF-8 */
export function decodeUtf8(raw: string): string | undefined {
  try {
    return decodeURIComponent(raw);
  } catch {
    return undefined;
  }
}

function refused(detail: string): Error {
  return problem("path-encoding", { detail });
}
