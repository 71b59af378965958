/** Refuses what the format describes and this version does not do yet, so that nobody relies on it. */
import type { Place } from "../place.ts";
import type { CheckContext, ConfigPlaces } from "./context.ts";
import { entries, member } from "../place.ts";

/** Reports each option whose feature is not available. */
export function checkAvailability(places: ConfigPlaces, context: CheckContext): void {
  for (const [, organization] of entries(member(places.bff, "organizations"))) {
    refuse(member(organization, "webhooks"), "webhooks are", context);
  }
  for (const { root } of places.frontends) {
    refuseIf(["on-miss", "required"], member(root, "session"), { words: "sessions are", context });
    refuseIf(["altcha"], member(root, "proof"), { words: "proofs are", context });
    if (member(member(root, "proof"), "jwt") !== undefined) refuse(member(root, "proof"), "proofs are", context);
    refuseIf([true], member(root, "stores"), { words: "the directory of stores is", context });
    refuseIf(["report"], member(member(root, "limits"), "mode"), { words: "report-only limits are", context });
  }
}

/** Refuses these values only: a misspelt one is reported by the form. */
function refuseIf(
  values: readonly unknown[],
  place: Place | undefined,
  { words, context }: { words: string; context: CheckContext },
): void {
  if (place !== undefined && values.includes(place.value)) refuse(place, words, context);
}

function refuse(place: Place | undefined, words: string, { reporter }: CheckContext): void {
  if (place === undefined) return;
  reporter.error(place.nameAt, "not-available", `${words} not available in this version`, "remove the line");
}
