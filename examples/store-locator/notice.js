// @ts-check
/** What went wrong, beside what is still shown: in words, with a way on. Waits as long as the proxy asks, then tries again by itself. */
import { byId, element } from "./dom.js";

/** @import { Failure } from "./calls.js" */

const place = byId("notice", HTMLElement);
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;
/** @type {(() => void) | undefined} */
let again;

addEventListener("online", () => again?.());

/** @param {Failure} failure @param {() => void} retry */
export function showFailure({ words, retryAfterSeconds }, retry) {
  hideNotice();
  again = retry;
  if (retryAfterSeconds === undefined) {
    const button = element("button", { type: "button", class: "retry" }, "Try again");
    button.addEventListener("click", retry);
    place.replaceChildren(element("span", {}, words), button);
    return;
  }
  place.replaceChildren(
    element("span", {}, `${words} Trying again in ${retryAfterSeconds} ${retryAfterSeconds === 1 ? "second" : "seconds"}.`),
  );
  waiting = setTimeout(retry, retryAfterSeconds * 1000);
}

/** Without a way on: nothing to retry. @param {string} words */
export function showNotice(words) {
  hideNotice();
  place.replaceChildren(element("span", {}, words));
}

export function hideNotice() {
  clearTimeout(waiting);
  again = undefined;
  place.replaceChildren();
}
