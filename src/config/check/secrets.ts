/** Finds keys and secrets written into a configuration, in values, names and comments alike. */
import type { Location } from "../diagnostic.ts";
import type { Reporter } from "../reporter.ts";
import type { SourceFile } from "../source.ts";
import type { CheckContext } from "./context.ts";
import { secretSpans } from "../secret-look.ts";

/** Longer lines than this are not written by hand. */
const MAX_LINE_LENGTH = 4_000;

/** Reports each place of a file that looks like a secret, without showing it. */
export function checkSecrets({ file, text }: SourceFile, { reporter }: CheckContext): void {
  text.split("\n").forEach((line, index) => {
    for (const { start, end } of secretSpans(line.slice(0, MAX_LINE_LENGTH))) {
      reportSecret({ file, line: index + 1, column: start + 1, length: end - start }, reporter);
    }
  });
}

/** Names the place and hides what stands there. */
export function reportSecret(at: Location, reporter: Reporter): void {
  const hint = "take it out, replace it in Partoo if this file was shared, and set PARTOO_KEY_<NAME> or …_FILE in the environment";
  const message = "this looks like a key or secret, which has no place in a configuration";
  reporter.error({ ...at, hiddenFrom: at.column }, "secret-in-config", message, hint);
}
