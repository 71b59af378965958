// @ts-check
/** fetch() for one frontend of partoo-bff: gets a session where asked, waits where told. It is its own worker. */

const WORKER = "bff-client";
const MINT_MS = 10_000;
/** Without, with an old cookie, a new one, a token. */
const MOST_SENDS = 4;

/**
 * @param {string} frontend its address
 * @param {{ longestWaitSeconds?: number, proof?: () => Promise<string> }} [options] `proof`: a token, for `proof: jwt`
 * @returns {typeof fetch} for GET; the session is a cookie, or a token in memory
 */
export function createBffFetch(frontend, { longestWaitSeconds = 30, proof } = {}) {
  const base = new URL(frontend, location.href).href.replace(/\/*$/, "/");
  /** @type {{ credentials?: RequestCredentials, token?: string }} */
  const none = {};
  let session = none;
  /** @type {ReturnType<typeof mint> | undefined} */
  let renewal;

  /** @param {typeof none} used @param {number} sends @returns {Promise<Response | void>} why there is none */
  async function mint(used, sends) {
    if (used === none) return void (session = { credentials: "include" });
    // No cookie is kept.
    const wanted = used.token || sends > 2 ? { use: "bearer" } : {};
    let answer = await post(wanted);
    if (answer.status === 403) {
      const { challenge } = await answer.clone().json();
      answer = await post({ ...wanted, proof: await (challenge ? proofOf(challenge) : proof?.()) });
    }
    if (!answer.ok) return answer;
    const { token } = await answer.json();
    session = token ? { credentials: "omit", token } : { credentials: "include" };
  }

  /** @param {object} content */
  function post(content) {
    return fetch(`${base}session`, {
      method: "POST",
      credentials: "include",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(content),
      signal: AbortSignal.timeout(MINT_MS),
    });
  }

  /** @param {Request} request */
  async function send(request) {
    for (let sends = 1; ; sends += 1) {
      const used = session;
      const attempt = new Request(request, used.credentials && { credentials: used.credentials });
      if (used.token) attempt.headers.set("authorization", `Bearer ${used.token}`);
      const answer = await fetch(attempt);
      if (answer.status !== 401 || sends === MOST_SENDS) return answer;
      // One for all who ask.
      if (session === used) renewal ??= mint(used, sends).finally(() => (renewal = undefined));
      const refusal = await renewal;
      if (refusal) return refusal.clone();
    }
  }

  return async (input, init) => {
    const request = new Request(input, init);
    if (!request.url.startsWith(base)) return fetch(request);
    const answer = await send(request);
    const seconds = Number.parseInt(answer.headers.get("retry-after") ?? "", 10);
    if (![429, 503].includes(answer.status) || !(seconds <= longestWaitSeconds)) return answer;
    await new Promise((resolve) => {
      setTimeout(resolve, (seconds + Math.random()) * 1000);
      request.signal.addEventListener("abort", resolve);
    });
    return send(request);
  };
}

/** Solved in a worker, or here where none may be. @param {{ parameters: Parameters<typeof solve>[0] }} challenge */
async function proofOf(challenge) {
  const solution = await new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./bff-client.js", import.meta.url), { type: "module", name: WORKER });
    worker.addEventListener("error", reject);
    worker.addEventListener("message", ({ data }) => {
      worker.terminate();
      resolve(data);
    });
    worker.postMessage(challenge.parameters, []);
  }).catch(() => solve(challenge.parameters));
  return btoa(JSON.stringify({ challenge, solution }));
}

/** @param {{ nonce: string, salt: string, cost: number, keyPrefix: string }} puzzle */
async function solve({ nonce, salt, cost: iterations, keyPrefix }) {
  const password = bytesOf(`${nonce}00000000`);
  for (let counter = 0; ; counter += 1) {
    new DataView(password.buffer).setUint32(password.length - 4, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: bytesOf(salt), iterations }, key, 256);
    const derivedKey = Array.from(new Uint8Array(bits), (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (derivedKey.startsWith(keyPrefix)) return { counter, derivedKey };
  }
}

/** @param {string} hex */
function bytesOf(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number(`0x${pair}`));
}

if (typeof document === "undefined" && self.name === WORKER) {
  addEventListener("message", ({ data }) => void solve(data).then(postMessage));
}
