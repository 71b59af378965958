/**
 * The page's only script, sent inside it: every few seconds it fetches the page and changes what differs, element by element, so that
 * focus, scroll positions and what is being typed stay. Without it the page is the same, read anew by a link.
 */
export const REFRESH_SECONDS = 5;

export const PAGE_SCRIPT = `
(() => {
  const state = document.getElementById("refresh-state");
  const toggle = document.getElementById("refresh-toggle");
  let paused = false;
  let asking = false;
  const say = (words) => { if (state.textContent !== words) state.textContent = words; };
  const change = (old, fresh) => {
    if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) return old.replaceWith(document.importNode(fresh, true));
    if (old.nodeType !== Node.ELEMENT_NODE) { if (old.data !== fresh.data) old.data = fresh.data; return; }
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    const known = new Map([...old.children].map((child) => [child.id, child]));
    [...fresh.childNodes].forEach((node, at) => {
      const here = old.childNodes[at];
      const same = node.id ? known.get(node.id) : here;
      if (same && same !== here) old.insertBefore(same, here);
      if (same) change(same, node);
      else old.insertBefore(document.importNode(node, true), here ?? null);
    });
    while (old.childNodes.length > fresh.childNodes.length) old.lastChild.remove();
  };
  const refresh = async () => {
    if (paused || asking || document.hidden) return;
    asking = true;
    try {
      const answer = await fetch("/", { cache: "no-store", redirect: "error" });
      if (answer.status === 401) return say("Signed out: load the page again to sign in.");
      if (!answer.ok) throw new Error("refused");
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const focused = document.activeElement?.id;
      for (const part of document.querySelectorAll("[data-live]")) {
        const other = fresh.getElementById(part.id);
        if (other !== null) change(part, other);
      }
      if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
      say("");
    } catch {
      say("This instance does not answer: the figures are old.");
    } finally {
      asking = false;
    }
  };
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    paused = !paused;
    toggle.textContent = paused ? "Go on refreshing" : "Pause refreshing";
    refresh();
  });
  document.addEventListener("visibilitychange", refresh);
  setInterval(refresh, ${REFRESH_SECONDS * 1000});
})();
`;
