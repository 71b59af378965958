// @ts-check
/** Stores in the list: each is one link with all that helps to choose. */
import { element, icon } from "./dom.js";
import { openWords } from "./open-words.js";

/** @import { Store } from "./calls.js" */

/** @param {Store} store */
export function cardOf(store) {
  const { mood, words } = openWords(store, Date.now());
  const distance = store.distance_m === undefined ? undefined : element("span", { class: "distance" }, distanceWords(store.distance_m));
  return element(
    "li",
    {},
    element(
      "a",
      { class: "card", href: storeAddress(store.id), "data-store": store.id },
      element("span", { class: "card-head" }, element("span", { class: "card-name" }, store.name ?? "Store"), distance),
      element("span", { class: "card-address" }, shortAddress(store)),
      element("span", { class: "card-foot" }, element("span", { class: `open open-${mood}` }, words), ratingOf(store)),
    ),
  );
}

/** @param {string} id */
export function storeAddress(id) {
  return `#/store/${encodeURIComponent(id)}`;
}

/** `850 m`, `1.2 km`, `34 km`. @param {number} metres */
export function distanceWords(metres) {
  if (metres < 995) return `${Math.max(10, Math.round(metres / 10) * 10)} m`;
  const kilometres = metres / 1000;
  return `${kilometres < 10 ? kilometres.toFixed(1).replace(/\.0$/, "") : Math.round(kilometres).toLocaleString("en")} km`;
}

/** `4.3 (120)` with a star, and in words for those who listen; nothing where there is none. @param {Store} store */
export function ratingOf({ rating }) {
  const { average, count } = rating ?? {};
  if (typeof average !== "number") return undefined;
  const stars = average.toFixed(1);
  const heard = `${stars} of 5 stars${count === undefined ? "" : `, ${count} ${count === 1 ? "review" : "reviews"}`}`;
  return element(
    "span",
    { class: "rating" },
    icon("star"),
    element("span", { "aria-hidden": "true" }, count === undefined ? stars : `${stars} (${count.toLocaleString("en")})`),
    element("span", { class: "only-heard" }, heard),
  );
}

/** Without the country: whoever looks for a store knows it. @param {Store} store */
function shortAddress({ address_full: full, city, zipcode }) {
  if (typeof full === "string") return full.split(", ").slice(0, -1).join(", ") || full;
  return [zipcode, city].filter(Boolean).join(" ");
}
