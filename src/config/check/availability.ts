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
    refuseUnless("none", member(root, "session"), { words: "sessions are", context });
    refuseUnless("none", member(root, "proof"), { words: "proofs are", context });
    refuseUnless(false, member(root, "stores"), { words: "the directory of stores is", context });
    refuseUnless("enforce", member(member(root, "limits"), "mode"), { words: "report-only limits are", context });
  }
}

function refuseUnless(harmless: unknown, place: Place | undefined, { words, context }: { words: string; context: CheckContext }): void {
  if (place !== undefined && place.value !== harmless) refuse(place, words, context);
}

function refuse(place: Place | undefined, words: string, { reporter }: CheckContext): void {
  if (place === undefined) return;
  reporter.error(place.nameAt, "not-available", `${words} not available in this version`, "remove the line");
}
