/** A search that nobody has asked for: it can't be answered without a call to Partoo. */

let asked = 0;

/** @returns a target of the frontend `store-locator`, another one each time */
export function freshSearch(): string {
  asked += 1;
  return `/store-locator/v2/business/search?city=Nowhere-${asked}`;
}
