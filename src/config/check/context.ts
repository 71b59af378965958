/** What every cross-check works with. */
import type { Location } from "../diagnostic.ts";
import type { ParameterReaders } from "../parameters.ts";
import type { Place } from "../place.ts";
import type { Reporter } from "../reporter.ts";
import { textItems } from "../place.ts";
import { quote } from "../suggest.ts";

export interface CheckContext {
  readonly reporter: Reporter;
  readonly readers: ParameterReaders;
  /** Today's date, `2026-01-31`, UTC. */
  readonly today: string;
}

/** One frontend's file, as far as it could be read. */
export interface FrontendPlace {
  readonly name: string;
  readonly file: string;
  readonly root: Place;
}

/** The files under check. `bff` is undefined when it could not be read; what depends on it is then left out. */
export interface ConfigPlaces {
  readonly bff: Place | undefined;
  readonly frontends: readonly FrontendPlace[];
  /** Whether every file of a frontend could be read: only then "nothing uses this" can be said. */
  readonly complete: boolean;
}

/** Reports what a list names twice. */
export function checkRepeats(list: Place | undefined, reporter: Reporter): void {
  const first = new Map<string, Location>();
  for (const { text, at } of textItems(list)) {
    const earlier = first.get(text);
    if (earlier === undefined) first.set(text, at);
    else reporter.error(at, "duplicate", `${quote(text)} is already listed in line ${earlier.line}`, "remove one of the two");
  }
}
