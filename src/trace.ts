/** Which trace an exchange belongs to (W3C Trace Context, traceparent): an id for the log, never sent anywhere. */

/** version-trace-parent-flags in lower case; version ff and ids of zeros are invalid. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/;

/**
 * The caller's trace where its field is valid; else a new one.
 * @param requestId a random UUID: it has as many hexadecimal digits as a trace id
 */
export function traceId(traceparent: string | string[] | undefined, requestId: string): string {
  const [, version, sent, more] = typeof traceparent === "string" ? (TRACEPARENT.exec(traceparent) ?? []) : [];
  const isValid = sent !== undefined && (more === undefined || version !== "00");
  return isValid ? sent : requestId.replaceAll("-", "");
}
