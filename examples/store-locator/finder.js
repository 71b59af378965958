// @ts-check
/** The form: what visitors type and choose becomes a changed search. */
import { config } from "./config.js";
import { byId, element } from "./dom.js";
import { showNotice } from "./notice.js";
import { findPosition } from "./position.js";
import { EVERYTHING, usesRadius } from "./search.js";

/** @import { Search } from "./search.js" */

const TYPING_MS = 200;

const form = byId("finder", HTMLFormElement);
const words = byId("q", HTMLInputElement);
const near = byId("near", HTMLButtonElement);
const openNow = byId("open-now", HTMLInputElement);
const category = byId("category", HTMLSelectElement);
const radius = byId("radius", HTMLSelectElement);

/** @type {ReturnType<typeof setTimeout> | undefined} */
let typing;
/** The words that are looked for. */
let asked = "";

/** @param {Search} search what is looked for by now */
export function showSearch(search) {
  clearTimeout(typing);
  near.setAttribute("aria-pressed", String(search.near !== undefined));
  radius.hidden = !usesRadius(search);
  asked = search.q;
  if (words.value.trim() !== asked) words.value = asked;
}

/** @param {(changed: Partial<Search>) => void} onSearch */
export function watchFinder(onSearch) {
  fillChoices();
  const look = () => onSearch(typed());
  words.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(look, TYPING_MS);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    look();
  });
  near.addEventListener("click", () => {
    if (near.getAttribute("aria-pressed") === "true") onSearch({ ...typed(), near: undefined });
    else void lookNearby(onSearch);
  });
  openNow.addEventListener("change", () => onSearch({ ...typed(), openNow: openNow.checked }));
  category.addEventListener("change", () => onSearch({ ...typed(), category: category.value }));
  radius.addEventListener("change", () => onSearch({ ...typed(), radius: Number(radius.value) }));
}

/** @param {(changed: Partial<Search>) => void} onSearch */
async function lookNearby(onSearch) {
  near.ariaBusy = "true";
  try {
    onSearch({ near: await findPosition(), q: "", bounds: undefined });
  } catch (fault) {
    showNotice(/** @type {Error} */ (fault).message);
    words.focus();
  } finally {
    near.ariaBusy = "false";
  }
}

/** New words are looked for everywhere. @returns {Partial<Search>} */
function typed() {
  const q = words.value.trim();
  return q === asked ? {} : { q, bounds: undefined };
}

function fillChoices() {
  const categories = Object.entries(config.categories);
  category.append(...categories.map(([id, name]) => element("option", { value: id }, name)));
  category.hidden = categories.length === 0;
  const distances = config.radiuses.map((metres) =>
    element("option", { value: String(metres), selected: metres === EVERYTHING.radius }, `Within ${metres / 1000} km`),
  );
  radius.append(...distances);
}
