/** One defect that an audit found, at a place of the configuration. */
import type { Diagnostic, Location, Severity } from "../config/diagnostic.ts";

/** @param at the place, and how bad it is */
export function finding(
  at: { readonly where: Location; readonly severity: Severity },
  code: string,
  message: string,
  hint: string,
): Diagnostic & { readonly hint: string } {
  const { file, line, column } = at.where;
  return { file, line, column, severity: at.severity, code, message, hint };
}
