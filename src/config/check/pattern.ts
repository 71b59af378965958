/** Checks a pattern that an operator has written. */
import type { Place } from "../place.ts";
import type { Reporter } from "../reporter.ts";
import { textOf } from "../place.ts";
import { MAX_MATCH_STEPS, matchSteps } from "./match-steps.ts";

const QUICKER = "begin with ^, repeat no group that holds | or a repetition, use fewer of * + {…}, or set a smaller maxLength";

/** What a pattern is matched with: texts of so many characters, so many times in a request. */
interface Use {
  readonly maxLength: number;
  readonly times: number;
}

/** Whether it is an expression, and one that no text can keep busy. Reports what it is not. */
export function checkPattern(place: Place, { maxLength, times }: Use, reporter: Reporter): boolean {
  const pattern = textOf(place);
  if (pattern === undefined) return false;
  if (!isExpression(pattern)) {
    const hint = "in YAML single quotes keep backslashes as they are";
    reporter.error(place.at, "narrowing-pattern", "this is not a regular expression (ECMAScript, Unicode)", hint);
    return false;
  }
  if (matchSteps(pattern, maxLength) * times <= MAX_MATCH_STEPS) return true;
  const message = `a text of ${maxLength} characters${times > 1 ? `, ${times} times in a list,` : ""} could keep this pattern busy for too long`;
  reporter.error(place.at, "narrowing-pattern", message, times > 1 ? `${QUICKER}, or maxItems` : QUICKER);
  return false;
}

function isExpression(pattern: string): boolean {
  try {
    return new RegExp(pattern, "u") instanceof RegExp;
  } catch {
    return false;
  }
}
