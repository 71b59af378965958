// @ts-check
/** One store: where it is, when it is open, how to reach it. */
import { ratingOf } from "./cards.js";
import { config } from "./config.js";
import { element, icon } from "./dom.js";
import { exceptionsOf, isElsewhere, openWords, weekOf } from "./open-words.js";

/** @import { Store } from "./calls.js" */

/** @param {Store} store @returns {readonly (HTMLElement | undefined)[]} */
export function storePage(store) {
  const now = Date.now();
  const { mood, words } = openWords(store, now);
  return [
    photoOf(store),
    element("h1", { tabindex: "-1", class: "store-name" }, store.name ?? "Store"),
    element("p", { class: `open open-${mood}` }, words),
    ratingOf(store),
    actionsOf(store),
    factsOf(store),
    hoursOf(store, now),
    exceptionsTable(store, now),
    isElsewhere(store, now) ? element("p", { class: "note" }, "All times are the store’s local time.") : undefined,
  ];
}

/** @param {Store} store */
function photoOf({ photos }) {
  const address = photos?.primary ?? undefined;
  if (address === undefined || !URL.canParse(address) || !config.photoHosts.includes(new URL(address).host)) return undefined;
  return element("img", { class: "photo", src: address, alt: "", loading: "lazy", referrerpolicy: "no-referrer" });
}

/** @param {Store} store */
function actionsOf({ lat, long, phone, website_url: website }) {
  const directions =
    typeof lat === "number" && typeof long === "number"
      ? config.directions.replace("{lat}", String(lat)).replace("{long}", String(long))
      : undefined;
  const elsewhere = { target: "_blank", rel: "noopener noreferrer", class: "action" };
  return element(
    "p",
    { class: "actions" },
    directions === undefined ? undefined : element("a", { ...elsewhere, href: directions }, icon("directions"), "Directions"),
    typeof phone === "string" ? element("a", { class: "action", href: telephone(phone) }, icon("phone"), "Call") : undefined,
    isWebAddress(website) ? element("a", { ...elsewhere, href: website }, icon("globe"), "Website") : undefined,
  );
}

/** @param {Store} store */
function factsOf({ address_full: address, city, zipcode, phone }) {
  const where = address ?? [zipcode, city].filter(Boolean).join(" ");
  return element(
    "dl",
    { class: "facts" },
    ...(where === "" ? [] : [element("dt", {}, "Address"), element("dd", {}, element("address", {}, where))]),
    ...(typeof phone === "string" ? [element("dt", {}, "Phone"), element("dd", {}, element("a", { href: telephone(phone) }, phone))] : []),
  );
}

/** @param {Store} store @param {number} now */
function hoursOf(store, now) {
  const week = weekOf(store, now);
  if (week === undefined) return undefined;
  const rows = week.map(({ day, hours, isToday, usually }) =>
    element(
      "tr",
      isToday ? { class: "today", "aria-current": "date" } : {},
      element("th", { scope: "row" }, day, isToday ? element("span", { class: "today-mark" }, "today") : undefined),
      element("td", {}, hours, usually === undefined ? undefined : element("span", { class: "usually" }, `usually ${usually}`)),
    ),
  );
  return element(
    "section",
    { class: "hours", "aria-labelledby": "hours-title" },
    element("h2", { id: "hours-title" }, "Opening hours"),
    element("table", {}, element("tbody", {}, ...rows)),
  );
}

/** @param {Store} store @param {number} now */
function exceptionsTable(store, now) {
  const exceptions = exceptionsOf(store, now);
  if (exceptions.length === 0) return undefined;
  const rows = exceptions.map(({ days, hours }) => element("tr", {}, element("th", { scope: "row" }, days), element("td", {}, hours)));
  return element(
    "section",
    { class: "hours", "aria-labelledby": "exceptions-title" },
    element("h2", { id: "exceptions-title" }, "Exceptional days"),
    element("table", {}, element("tbody", {}, ...rows)),
  );
}

/** @param {string} phone */
function telephone(phone) {
  return `tel:${phone.replace(/[^+\d]/g, "")}`;
}

/** Nothing but a web address becomes a link. @param {string | null | undefined} address @returns {address is string} */
function isWebAddress(address) {
  return typeof address === "string" && /^https?:\/\//.test(address);
}
