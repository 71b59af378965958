// @ts-check
/** What is looked for, as a request and in words. */
import { distanceWords } from "./cards.js";
import { config } from "./config.js";

/** @import { StoreList, StoresQuery } from "./calls.js" */
/** @import { Position } from "./map.js" */
/**
 * @typedef {object} Search
 * @property {string} q
 * @property {Position | undefined} near
 * @property {number} radius metres; counts where neither words nor an area say where to look
 * @property {string | undefined} bounds `west,south,east,north`
 * @property {boolean} openNow
 * @property {string} category "" for all
 */

const PAGE_SIZE = 20;

/** @type {Search} */
export const EVERYTHING = { q: "", near: undefined, radius: config.radiuses[1] ?? 5000, bounds: undefined, openNow: false, category: "" };

/** @param {Search} search @param {number} page @returns {StoresQuery} */
export function queryOf(search, page) {
  const { q, near, radius, bounds, openNow, category } = search;
  return {
    limit: PAGE_SIZE,
    page,
    ...(q === "" ? {} : { q }),
    ...(near === undefined ? {} : { near: `${near.lat},${near.long}` }),
    ...(usesRadius(search) ? { radius } : {}),
    ...(bounds === undefined ? {} : { bounds }),
    ...(openNow ? { open_now: true } : {}),
    ...(category === "" ? {} : { category: [category] }),
  };
}

/** @param {Search} search */
export function usesRadius({ q, near, bounds }) {
  return near !== undefined && q === "" && bounds === undefined;
}

/** Whether something was asked for, or simply all. @param {Search} search */
export function isNarrowed({ q, near, bounds, openNow, category }) {
  return q !== "" || near !== undefined || bounds !== undefined || openNow || category !== "";
}

/** `12 open stores for “Lyon”, nearest first`. @param {Search} search @param {StoreList} answer */
export function countWords(search, { count, widened_to_m: widened }) {
  const { q, near, radius, bounds, openNow } = search;
  const kind = openNow ? "open store" : "store";
  if (count === 0) return `No ${kind} found${whereWords(search)}. ${adviceWords(search)}`;
  const number = `${count.toLocaleString("en")} ${kind}${count === 1 ? "" : "s"}`;
  const order = near !== undefined && count > 1 ? ", nearest first" : "";
  if (widened !== undefined) return `No ${kind} within ${distanceWords(radius)} of you. ${number} within ${distanceWords(widened)}${order}`;
  if (usesRadius(search)) return `${number} within ${distanceWords(radius)}${order}`;
  return `${number}${q === "" && bounds === undefined ? "" : whereWords(search)}${order}`;
}

/** @param {Search} search */
function whereWords({ q, bounds }) {
  if (q !== "") return ` for “${q}”`;
  return bounds === undefined ? "" : " in this area";
}

/** @param {Search} search */
function adviceWords({ q, openNow, category, bounds }) {
  if (openNow) return "Try without “Open now”.";
  if (category !== "") return "Try all kinds of store.";
  if (bounds !== undefined) return "Move the map or zoom out.";
  return q === "" ? "" : "Try a town, a postcode or the store’s name.";
}
