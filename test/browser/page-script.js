/** Runs inside the pages of the browser tests: each way in which a page, or its document, may ask for an address. */
/** By frontend, as a page would keep them. */
const clients = {};

Object.assign(globalThis, {
  /** fetch(), and what the script may see of the answer. */
  read(url, init) {
    return globalThis.seen(() => fetch(url, init));
  },

  /** The same through the client of examples/, which is made when it is first used. */
  async readAsClient(frontend, url, init, options) {
    const { createBffFetch } = await import("/bff-client.js");
    clients[frontend] ??= createBffFetch(frontend, options);
    return globalThis.seen(() => clients[frontend](url, init));
  },

  /** Gives up when the page is told so: globalThis.giveUp(). */
  readUntilGivenUp(frontend, url) {
    const controller = new AbortController();
    globalThis.giveUp = () => controller.abort();
    return globalThis.readAsClient(frontend, url, { signal: controller.signal });
  },

  async seen(ask) {
    try {
      const answer = await ask();
      return { status: answer.status, type: answer.type, fields: Object.fromEntries(answer.headers), body: await answer.text() };
    } catch (error) {
      return { error: error.name };
    }
  },

  /** fetch() from a frame whose origin is opaque: its Origin field says `null`. */
  readFromSandboxedFrame(url) {
    const told = new Promise((resolve) => globalThis.addEventListener("message", ({ data }) => resolve(data), { once: true }));
    const frame = document.createElement("iframe");
    frame.sandbox.add("allow-scripts");
    const code = `fetch(${JSON.stringify(url)}).then(() => "read", () => "refused").then((word) => parent.postMessage(word, "*"))`;
    frame.srcdoc = `<script>${code}</script>`;
    document.body.append(frame);
    return told;
  },

  /** `<img>`, `<script>`, `<iframe>`, `<video>`. */
  loadElement(tag, url, crossOrigin) {
    const element = document.createElement(tag);
    if (crossOrigin !== undefined) element.crossOrigin = crossOrigin;
    element.src = url;
    document.body.append(element);
  },

  loadStylesheet(url) {
    const link = document.createElement("link");
    [link.rel, link.href] = ["stylesheet", url];
    document.head.append(link);
  },

  submitForm(url, method = "get") {
    const form = document.createElement("form");
    [form.action, form.method] = [url, method];
    document.body.append(form);
    form.submit();
  },

  navigate(url) {
    location.href = url;
  },
});
