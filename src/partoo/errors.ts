/** What Partoo's error bodies say, reduced to words of our own. For the log: no text of Partoo's ever leaves this file. */

/** Fixed words for the member that an error body holds (partoo reference §5). */
export type UpstreamErrorKind = "authentication" | "authorization" | "json" | "unknown";

export interface UpstreamError {
  readonly kind: UpstreamErrorKind;
  /** Which of Partoo's two spellings was used: `error` in its current pages, `errors` in older ones. */
  readonly shape: "error" | "errors" | "none";
  /** Names of fields that Partoo complained about, when they look like names of fields. At most 10. */
  readonly fields: readonly string[];
  /** How many more there were, or that did not look like names. */
  readonly otherFields: number;
}

const KINDS = ["authentication", "authorization", "json"] as const;

/** Words of letters with at most one digit at their end, joined by `_` or `__`. A key or a token does not look like that. */
const FIELD_NAME = /^[A-Za-z]+[0-9]?(?:_{1,2}[A-Za-z]+[0-9]?)*$/;
const MAX_NAME_LENGTH = 40;
const MAX_FIELDS = 10;

/**
 * Reads a parsed error body of either shape. Never throws.
 * @param body whatever JSON.parse gave, or undefined when it gave nothing
 */
export function readUpstreamError(body: unknown): UpstreamError {
  for (const shape of ["error", "errors"] as const) {
    const holder = memberOf(body, shape);
    if (!isRecord(holder)) continue;
    const kind = KINDS.find((word) => memberOf(holder, word) !== undefined) ?? "unknown";
    return { kind, shape, ...readFields(kind === "json" ? holder["json"] : undefined) };
  }
  return { kind: "unknown", shape: "none", fields: [], otherFields: 0 };
}

/** `json` is a sentence, or an object keyed by field. */
function readFields(json: unknown): Pick<UpstreamError, "fields" | "otherFields"> {
  const names = isRecord(json) ? Object.keys(json) : [];
  const fields = names.filter((name) => name.length <= MAX_NAME_LENGTH && FIELD_NAME.test(name)).slice(0, MAX_FIELDS);
  return { fields, otherFields: names.length - fields.length };
}

function memberOf(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
