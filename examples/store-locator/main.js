// @ts-check
/** The page: what visitors do becomes a search, and answers become the list, the map and the store page. */
import { findStores, readPins } from "./calls.js";
import { storeAddress } from "./cards.js";
import { byId } from "./dom.js";
import { showSearch, watchFinder } from "./finder.js";
import { addToList, fillList, forgetPlace, leaveList, returnToList, watchPointing } from "./list.js";
import { createMap } from "./map.js";
import { hideNotice, showFailure } from "./notice.js";
import { EVERYTHING, countWords, queryOf, usesRadius } from "./search.js";
import { closeStore, focusStore, openStore } from "./store-view.js";

/** @import { Pin, Store } from "./calls.js" */
/** @import { Search } from "./search.js" */

/** Answers older than this are asked for again when the page is looked at again. */
const OLD_MS = 60_000;

const layout = byId("layout", HTMLElement);
const panel = byId("panel", HTMLElement);
const results = byId("results", HTMLElement);
const status = byId("status", HTMLElement);
const age = byId("age", HTMLElement);
const more = byId("more", HTMLButtonElement);
const storeView = byId("store", HTMLElement);
const areaButton = byId("search-area", HTMLButtonElement);
const viewSwitch = byId("view-switch", HTMLButtonElement);

/** @type {Search} */
let search = EVERYTHING;
/** What the list answers, and since when. */
let answered = EVERYTHING;
let page = 1;
let answeredAt = 0;
let asking = new AbortController();
/** @type {readonly Store[]} */
let listed = [];
/** @type {readonly Pin[]} */
let pins = [];
/** When they were asked for; 0: they are not there. */
let pinnedAt = 0;

const map = createMap(byId("map", HTMLElement), {
  onPick: (id) => (location.hash = storeAddress(id)),
  onMoved: () => (areaButton.hidden = storeId() !== undefined),
});

/** A search ends the store page. @param {Partial<Search>} changed */
function look(changed) {
  search = { ...search, ...changed };
  showSearch(search);
  forgetPlace();
  if (storeId() !== undefined) history.pushState(null, "", "#/");
  if (storeView.hidden) void ask(1);
  else follow();
}

/** An answer still under way is of no use any more. @param {number} wanted page */
async function ask(wanted) {
  asking.abort();
  asking = new AbortController();
  const asked = search;
  results.ariaBusy = "true";
  const outcome = await findStores(queryOf(asked, wanted), asking.signal);
  if ("aborted" in outcome) return;
  results.ariaBusy = "false";
  if ("failure" in outcome) return showFailure(outcome.failure, () => void ask(wanted));
  hideNotice();
  if (Date.now() - pinnedAt > OLD_MS) void askPins();
  const { stores, count, as_of: asOf } = outcome.body;
  page = wanted;
  answered = asked;
  answeredAt = Date.now();
  listed = page === 1 ? stores : [...listed, ...stores];
  more.hidden = listed.length >= count;
  status.textContent = countWords(asked, outcome.body);
  showAge(asOf);
  if (page > 1) addToList(stores);
  else fillList(stores);
  if (storeId() === undefined) showOnMap({ isNew: page === 1 });
}

async function askPins() {
  const isFirst = pinnedAt === 0;
  pinnedAt = Date.now();
  const outcome = await readPins(AbortSignal.timeout(OLD_MS));
  if ("body" in outcome) pins = outcome.body.stores;
  else pinnedAt = 0;
  showPins();
  if (isFirst && storeId() === undefined && !isChosen()) map.frame(pins);
}

/** The map follows "Open now" as the list does. */
function showPins() {
  map.showPins(search.openNow ? pins.filter(({ open }) => open === true) : pins);
}

/** Whether the list is some stores, or simply all. */
function isChosen() {
  const { q, near, bounds, category } = search;
  return q !== "" || near !== undefined || bounds !== undefined || category !== "";
}

/** The stores of the list as pins, the others as dots. @param {{ isNew: boolean }} options the map goes where they are */
function showOnMap({ isNew }) {
  const { near, bounds, radius } = search;
  showPins();
  map.showMe(near, usesRadius(search) ? radius : undefined);
  map.showResults(isChosen() ? listed : []);
  areaButton.hidden = true;
  if (!isNew || bounds !== undefined) return;
  map.frame(isChosen() ? [...listed, ...(near === undefined ? [] : [near])] : pins);
}

/** Only there when Partoo can't be reached. @param {string | undefined} asOf */
function showAge(asOf) {
  age.hidden = asOf === undefined;
  if (asOf === undefined) return;
  const when = new Date(asOf).toLocaleString("en-GB", { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
  age.textContent = `Store data from ${when}`;
}

/** The store of the address, if it is one's. */
function storeId() {
  const [, id] = /^#\/store\/([\w.~%-]+)$/.exec(location.hash) ?? [];
  try {
    return id === undefined ? undefined : decodeURIComponent(id);
  } catch {
    return undefined;
  }
}

/** Shows what the address says: a store, or the list where it was left. */
function follow() {
  const id = storeId();
  const isOpen = !storeView.hidden;
  results.hidden = id !== undefined;
  storeView.hidden = id === undefined;
  if (id !== undefined) return followTo(id);
  if (!isOpen) return;
  closeStore();
  showOnMap({ isNew: true });
  returnToList();
  if (answered !== search || answeredAt === 0) void ask(1);
}

/** @param {string} id */
function followTo(id) {
  leaveList(id);
  showView("list");
  areaButton.hidden = true;
  panel.scrollTop = 0;
  const known = listed.find((store) => store.id === id);
  void openStore(id, known, (store, asOf) => {
    showAge(asOf);
    map.showResults([store]);
    map.highlight(store.id);
    map.frame([store]);
  });
}

/** On a narrow screen one of the two is seen. @param {"list" | "map"} view */
function showView(view) {
  layout.dataset["view"] = view;
  viewSwitch.textContent = view === "list" ? "Map" : "List";
}

watchFinder(look);
watchPointing((id) => {
  if (storeId() === undefined) map.highlight(id);
});
more.addEventListener("click", () => void ask(page + 1));
areaButton.addEventListener("click", () => look({ bounds: map.bounds(), q: "" }));
viewSwitch.addEventListener("click", () => showView(layout.dataset["view"] === "map" ? "list" : "map"));
byId("skip", HTMLAnchorElement).addEventListener("click", (event) => {
  event.preventDefault();
  showView("list");
  if (storeView.hidden) byId("results-title", HTMLElement).focus();
  else focusStore();
});
addEventListener("hashchange", follow);
document.addEventListener("visibilitychange", () => {
  if (document.hidden || Date.now() - answeredAt < OLD_MS) return;
  if (storeId() === undefined) void ask(1);
  else void askPins();
});

follow();
void askPins();
void ask(1);
