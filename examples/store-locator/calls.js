// @ts-check
/** The three calls, typed by the proxy's own description (api.d.ts), and what to tell people when one fails. */
import { createBffFetch } from "bff-client";
import createClient from "openapi-fetch";
import { config } from "./config.js";

/** @import { components, paths } from "./api.d.ts" */
/** @typedef {components["schemas"]["StoreList"]} StoreList */
/** @typedef {components["schemas"]["Store"]} Store */
/** @typedef {components["schemas"]["StorePin"]} Pin */
/** @typedef {NonNullable<paths["/stores"]["get"]["parameters"]["query"]>} StoresQuery */
/**
 * @typedef {object} Failure
 * @property {string} words for people
 * @property {number} [retryAfterSeconds] nobody should ask again before
 * @property {boolean} [isGone] there is no such store
 */
/** @template Body @typedef {{ readonly body: Body } | { readonly failure: Failure } | { readonly aborted: true }} Outcome */

const PATIENCE_MS = 15_000;
/** Where the proxy asks to wait and does not say how long. */
const WAIT_SECONDS = 10;
const BUSY = "The stores can’t be asked for right now.";

/** Unix ms; the proxy asked for no more requests before. */
let notBefore = 0;

/** @type {import("openapi-fetch").Client<paths, "application/json" | "application/problem+json">} */
const client = createClient({
  baseUrl: config.api,
  querySerializer: { array: { style: "form", explode: false } },
  // Waiting is told to people, and is done in notice.js.
  fetch: createBffFetch(config.api, { longestWaitSeconds: 0 }),
});

/** @param {StoresQuery} query @param {AbortSignal} signal */
export function findStores(query, signal) {
  return outcomeOf(signal, (within) => client.GET("/stores", { params: { query }, signal: within }));
}

/** @param {string} store an id, or `c-` and a code @param {AbortSignal} signal */
export function readStore(store, signal) {
  return outcomeOf(signal, (within) => client.GET("/stores/{store}", { params: { path: { store } }, signal: within }));
}

/** @param {AbortSignal} signal */
export function readPins(signal) {
  return outcomeOf(signal, (within) => client.GET("/stores/all", { signal: within }));
}

/**
 * @template Body
 * @param {AbortSignal} signal
 * @param {(signal: AbortSignal) => Promise<{ data?: Body, response: Response }>} call
 * @returns {Promise<Outcome<Body>>}
 */
async function outcomeOf(signal, call) {
  const secondsLeft = Math.ceil((notBefore - Date.now()) / 1000);
  if (secondsLeft > 0) return { failure: { words: BUSY, retryAfterSeconds: secondsLeft } };
  try {
    const { data, response } = await call(AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]));
    return data === undefined ? { failure: failureOf(response) } : { body: data };
  } catch {
    if (signal.aborted) return { aborted: true };
    return { failure: { words: navigator.onLine ? "The stores can’t be reached at the moment." : "You are offline." } };
  }
}

/** @param {Response} response @returns {Failure} */
function failureOf({ status, headers }) {
  if (status === 404) return { words: "This store is no longer there.", isGone: true };
  if (status !== 429 && status !== 503) return { words: "That did not work." };
  const asked = Number(headers.get("retry-after") ?? Number.NaN);
  const retryAfterSeconds = Number.isFinite(asked) ? Math.max(1, asked) : WAIT_SECONDS;
  notBefore = Date.now() + retryAfterSeconds * 1000;
  return { words: BUSY, retryAfterSeconds };
}
