/** "Did you mean": what counts as near, and what is too far. */
import { expect, test } from "vitest";
import { didYouMean, nearest } from "../../src/config/suggest.ts";

const FRONTEND = ["key", "origins", "only", "apps", "servers", "session", "proof", "limits", "share", "stores"];

test.each([
  ["kye", FRONTEND, "key"],
  ["ekY", FRONTEND, "key"],
  ["ky", FRONTEND, "key"],
  ["keys", FRONTEND, "key"],
  ["onyl", FRONTEND, "only"],
  ["asps", FRONTEND, "apps"],
  ["di", ["code", "id", "city"], "id"],
  ["ctiy", ["country", "city", "code"], "city"],
  ["lnog", ["lat", "lon_g_itude", "long"], "long"],
  ["oragins", FRONTEND, "origins"],
  ["adress_full", ["address", "address_full"], "address_full"],
  ["Address-Full", ["address_full"], "address_full"],
])("%s among %j is %s", (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected);
});

test.each([
  ["xyz", FRONTEND],
  ["q", FRONTEND],
  ["yek", FRONTEND],
  ["fields", FRONTEND],
])("%s is near to none", (word, candidates) => {
  expect(nearest(word, candidates)).toBeUndefined();
});

test("a few names are all listed when none is near", () => {
  expect(didYouMean("xyz", ["id", "city"])).toBe("known here: id, city");
});
