// @ts-check
/** The store page: what the list knows at once, then what the proxy says. */
import { readStore } from "./calls.js";
import { byId, element } from "./dom.js";
import { hideNotice, showFailure } from "./notice.js";
import { storePage } from "./store-page.js";

/** @import { Store } from "./calls.js" */

const view = byId("store", HTMLElement);
const TITLE = document.title;
let reading = new AbortController();
/** What the page shows. */
let shown = "";

/**
 * @param {string} id @param {Store | undefined} known
 * @param {(store: Store, asOf: string | undefined) => void} onShown told when it is there for the first time, and when it is news
 */
export async function openStore(id, known, onShown) {
  closeStore();
  if (known === undefined) view.replaceChildren(backLink(), element("p", { class: "loading" }, "Looking…"));
  else show(known);
  if (known !== undefined) onShown(known, undefined);
  await ask(id, onShown);
}

export function closeStore() {
  reading.abort();
  reading = new AbortController();
  view.replaceChildren();
  shown = "";
  document.title = TITLE;
}

export function focusStore() {
  view.querySelector("h1")?.focus({ preventScroll: true });
}

/** @param {string} id @param {(store: Store, asOf: string | undefined) => void} onShown */
async function ask(id, onShown) {
  const outcome = await readStore(id, reading.signal);
  if ("aborted" in outcome) return;
  if ("failure" in outcome) {
    if (shown === "") view.replaceChildren(backLink());
    if (!outcome.failure.isGone) return showFailure(outcome.failure, () => void ask(id, onShown));
    view.replaceChildren(backLink(), element("h1", { class: "store-name", tabindex: "-1" }, outcome.failure.words));
    return focusStore();
  }
  hideNotice();
  const { as_of: asOf, ...store } = outcome.body;
  show(store);
  onShown(store, asOf);
}

/** Drawn again only when it is not the same; whoever is on a link in it stays where they are. @param {Store} store */
function show(store) {
  const page = [backLink(), ...storePage(store).filter((part) => part !== undefined)];
  const text = page.map(({ outerHTML }) => outerHTML).join("");
  if (text === shown) return;
  shown = text;
  view.replaceChildren(...page);
  document.title = `${store.name ?? "Store"} · ${TITLE}`;
  focusStore();
}

function backLink() {
  return element("a", { class: "back", href: "#/" }, "All results");
}
