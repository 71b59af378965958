/** Tells what the format describes and this version does not do yet. What would leave a door open is an error. */
import type { Place } from "../place.ts";
import type { Severity } from "../diagnostic.ts";
import type { CheckContext, ConfigPlaces } from "./context.ts";
import { member } from "../place.ts";

/** An option without effect. Without sessions, a frontend that asks for them would be open to everybody: an error. */
interface Unavailable {
  readonly words: string;
  readonly severity: Severity;
}

const SESSIONS: Unavailable = { words: "sessions are", severity: "error" };
const PROOFS: Unavailable = { words: "proofs are", severity: "warning" };

/** Reports each option whose feature is not available. A misspelt value is reported by the form. */
export function checkAvailability(places: ConfigPlaces, context: CheckContext): void {
  for (const { root } of places.frontends) {
    report(holding(["on-miss", "required"], member(root, "session")), SESSIONS, context);
    report(holding(["altcha"], member(root, "proof")), PROOFS, context);
    if (member(member(root, "proof"), "jwt") !== undefined) report(member(root, "proof"), PROOFS, context);
  }
}

function holding(values: readonly unknown[], place: Place | undefined): Place | undefined {
  return place !== undefined && values.includes(place.value) ? place : undefined;
}

function report(place: Place | undefined, { words, severity }: Unavailable, { reporter }: CheckContext): void {
  if (place !== undefined) reporter[severity](place.nameAt, "not-available", `${words} not available in this version`, "remove the line");
}
