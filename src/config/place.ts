/** A value of a YAML file together with where it is written. */
import type { Location } from "./diagnostic.ts";

/** One node of a file. Exactly one of `members` and `items` is filled when the value is a map or a list. */
export interface Place {
  /** Plain data: null, string, number, boolean, array, or object without prototype. */
  readonly value: unknown;
  /** Where to point when the value is wrong; for a block of lines, its name. */
  readonly at: Location;
  /** Where its name is written; the same as `at` for items of a list and for a whole file. */
  readonly nameAt: Location;
  readonly members: ReadonlyMap<string, Place>;
  readonly items: readonly Place[];
}

/** A member of a map, or undefined when this is no map or has no such member. */
export function member(place: Place | undefined, name: string): Place | undefined {
  return place?.members.get(name);
}

/** Names and values of a map; none when it is something else. */
export function entries(place: Place | undefined): readonly (readonly [string, Place])[] {
  return place === undefined ? [] : [...place.members];
}

/** The value when it is text. */
export function textOf(place: Place | undefined): string | undefined {
  return typeof place?.value === "string" ? place.value : undefined;
}

/** The items of a list that are text, each with its place; none when it is no list. */
export function textItems(place: Place | undefined): readonly { readonly text: string; readonly at: Location }[] {
  return (place?.items ?? []).flatMap((item) => (typeof item.value === "string" ? [{ text: item.value, at: item.at }] : []));
}

/** Follows a path as far as the file goes. `whole` says whether it arrived. */
export function follow(root: Place, path: readonly PropertyKey[]): { readonly place: Place; readonly whole: boolean } {
  let place = root;
  for (const step of path) {
    const next = typeof step === "number" ? place.items[step] : place.members.get(String(step));
    if (next === undefined) return { place, whole: false };
    place = next;
  }
  return { place, whole: true };
}
