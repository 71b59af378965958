// @ts-check
/** Where the visitor is, when they say so: asked on a click only, and coarse. */

/** @import { Position } from "./map.js" */

const OPTIONS = { enableHighAccuracy: false, timeout: 10_000, maximumAge: 60_000 };
const REASONS = new Map([
  [1, "Your browser does not share your position. Type a town or a postcode instead."],
  [2, "Your position is not known here. Type a town or a postcode instead."],
  [3, "Finding your position takes too long. Type a town or a postcode instead."],
]);

/** Three decimals are about 100 m: enough for stores. @returns {Promise<Position>} @throws Error with words for the visitor */
export function findPosition() {
  return new Promise((resolve, reject) => {
    const fail = (/** @type {number} */ code) => reject(new Error(REASONS.get(code)));
    if (!("geolocation" in navigator)) return fail(2);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lat: rounded(coords.latitude), long: rounded(coords.longitude) }),
      ({ code }) => fail(code),
      OPTIONS,
    );
  });
}

/** @param {number} degrees */
function rounded(degrees) {
  return Number(degrees.toFixed(3));
}
