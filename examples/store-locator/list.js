// @ts-check
/** The list of stores: filled page by page, and found again where it was left. */
import { cardOf } from "./cards.js";
import { byId } from "./dom.js";

/** @import { Store } from "./calls.js" */

const cards = byId("stores", HTMLElement);
const panel = byId("panel", HTMLElement);
const title = byId("results-title", HTMLElement);
/** Where it was when a store was opened. */
let leftAt = { scroll: 0, id: "" };

/** @param {readonly Store[]} stores */
export function fillList(stores) {
  cards.replaceChildren(...stores.map(cardOf));
}

/** The focus goes on to the first of them. @param {readonly Store[]} stores */
export function addToList(stores) {
  const added = stores.map(cardOf);
  cards.append(...added);
  added[0]?.querySelector("a")?.focus({ preventScroll: true });
}

/** @param {string} id the store that is opened */
export function leaveList(id) {
  if (leftAt.id === "") leftAt = { scroll: panel.scrollTop, id };
}

/** The list is another one now. */
export function forgetPlace() {
  leftAt = { scroll: 0, id: "" };
}

export function returnToList() {
  panel.scrollTop = leftAt.scroll;
  if (leftAt.id !== "") (linkTo(leftAt.id) ?? title).focus({ preventScroll: true });
  forgetPlace();
}

/** @param {(id: string | undefined) => void} onPoint told which store is pointed at, by mouse or keyboard */
export function watchPointing(onPoint) {
  for (const type of ["mouseover", "focusin"]) cards.addEventListener(type, (event) => onPoint(idOf(event)));
  for (const type of ["mouseleave", "focusout"]) cards.addEventListener(type, () => onPoint(undefined));
}

/** @param {string} id @returns {HTMLAnchorElement | null} */
function linkTo(id) {
  return cards.querySelector(`a[data-store="${CSS.escape(id)}"]`);
}

/** @param {Event} event */
function idOf({ target }) {
  const link = target instanceof Element ? target.closest("a[data-store]") : null;
  return link?.getAttribute("data-store") ?? undefined;
}
