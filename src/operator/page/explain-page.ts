/** What the proxy would do with one request, stage by stage: the same that the command `explain` prints. */
import type { Ask } from "../../explain/ask.ts";
import type { ExplainContext, Explanation, StageVerdict } from "../../explain/explain.ts";
import type { Location } from "../../config/diagnostic.ts";
import type { Html } from "./markup.ts";
import type { Question } from "./refusals-section.ts";
import { explain } from "../../explain/explain.ts";
import { renderDocument } from "./document.ts";
import { badge, html, table } from "./markup.ts";

const NAMES = [
  "frontend",
  "method",
  "target",
  "origin",
  "session",
  "server",
  "site",
  "mode",
  "dest",
] as const satisfies readonly (keyof Question)[];
const METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];
const FETCH_METADATA: readonly (readonly [name: "site" | "mode" | "dest", field: string, words: readonly string[]])[] = [
  ["site", "Sec-Fetch-Site", ["same-origin", "same-site", "cross-site", "none"]],
  ["mode", "Sec-Fetch-Mode", ["cors", "no-cors", "navigate", "same-origin", "websocket"]],
  ["dest", "Sec-Fetch-Dest", ["empty", "document", "iframe", "image", "script", "style"]],
];
const BADGES: Readonly<Record<StageVerdict["verdict"], Html>> = {
  passed: badge("good", "passed"),
  refused: badge("bad", "refused"),
  ahead: badge("plain", "then"),
  "not-reached": badge("plain", "not reached"),
};

/** Fields of the form as they stand in the query; empty where they are missing. */
export function readQuestion(query: URLSearchParams): Question {
  return Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? ""])) as Question;
}

export function renderExplainPage(context: ExplainContext, question: Question): Promise<string> {
  const explained = question.target === "" ? undefined : explain(context, askOf(question));
  return renderDocument({
    title: "Explain a request",
    words: "What this instance would do with it, and which line decides. Nothing is sent.",
    nav: html`<a class="button" href="/">Back to this instance</a>`,
    main: html`<section>
        <h2>Request</h2>
        ${form(context, question)}
      </section>
      ${explained === undefined ? "" : answer(explained)}`,
  });
}

function askOf({ frontend, method, target, origin, session, server, ...fetchMetadata }: Question): Ask {
  const headers = FETCH_METADATA.filter(([name]) => fetchMetadata[name] !== "").map(
    ([name, field]) => [field, fetchMetadata[name]] as const,
  );
  return {
    method: method === "" ? "GET" : method,
    target: frontend === "" ? target : `/${frontend}${target}`,
    headers,
    ...(origin === "" ? {} : { origin }),
    session: session !== "",
    ...(server === "" ? {} : { server }),
  };
}

function form({ policy }: ExplainContext, question: Question): Html {
  const frontends = [...policy.frontends.values()];
  const servers = [...new Set(frontends.flatMap((frontend) => [...frontend.servers]))];
  const origins = [...new Set(frontends.flatMap((frontend) => [...frontend.origins]))];
  return html`<form method="get" action="/explain">
    ${choice(
      "frontend",
      "Frontend",
      frontends.map(({ name }) => name),
      question,
    )}
    ${choice("method", "Method", METHODS, { ...question, method: question.method === "" ? "GET" : question.method })}
    <label class="whole"
      >Path and query after the frontend's name<input
        name="target"
        value="${question.target}"
        placeholder="/v2/business/search?city=Paris"
        required
        spellcheck="false"
        autocomplete="off"
    /></label>
    <label
      >Origin (none: an app or a script)<input
        name="origin"
        value="${question.origin}"
        list="origins"
        spellcheck="false"
        autocomplete="off"
    /></label>
    <datalist id="origins">${origins.map((origin) => html`<option value="${origin}"></option>`)}</datalist>
    ${frontends.every(({ session }) => session === "none") ? "" : choice("session", "Session", ["", "carried"], question)}
    ${servers.length === 0 ? "" : choice("server", "Server with its token", ["", ...servers], question)}
    ${FETCH_METADATA.map(([name, field, words]) => choice(name, field, ["", ...words], question))}
    <button class="main">Explain</button>
  </form>`;
}

function choice(name: keyof Question, label: string, words: readonly string[], question: Question): Html {
  const asked = question[name];
  const all = words.includes(asked) || asked === "" ? words : [asked, ...words];
  return html`<label
    >${label}<select name="${name}">
      ${all.map((word) => html`<option value="${word}" ${word === asked ? html` selected` : ""}>${word === "" ? "not sent" : word}</option>`)}
    </select></label
  >`;
}

function answer({ decision, code, detail, where, stages, upstream, cache, suggestion }: Explanation): Html {
  const verdict = decision === "allowed" ? badge("good", "allowed") : badge("bad", `refused: ${code}`);
  return html`<section class="six" aria-labelledby="verdict">
      <h2 id="verdict">Answer</h2>
      <p class="verdict">${verdict}</p>
      ${detail === undefined ? "" : html`<p>${detail}</p>`}
      <p class="hint">decided in <code>${placeOf(where)}</code></p>
      ${
        upstream === undefined
          ? ""
          : html`<h3 class="below">Request to Partoo</h3>
              <pre tabindex="0" aria-label="Request to Partoo">
GET ${upstream.url}
x-APIKey: (the value of ${upstream.key})</pre>`
      }
      ${cache === undefined ? "" : html`<p class="below">${cacheWords(cache)}</p>`}
      ${suggestion === undefined ? "" : suggestionPart(suggestion)}
    </section>
    <section class="six" aria-labelledby="stages">
      <h2 id="stages">Stage by stage</h2>
      ${table("Stage by stage", ["Stage", "Verdict", "Why"], stages.map(stageRow), "")}
    </section>`;
}

function cacheWords(cache: NonNullable<Explanation["cache"]>): string {
  if (cache === "memory") return "From the stores that are held in memory: never a request to Partoo.";
  return `Stored for ${cache.fresh} s, usable when stale for ${cache.stale} s more, in the browser for ${cache.browser} s.`;
}

function suggestionPart({ changes, note }: NonNullable<Explanation["suggestion"]>): Html {
  return html`${changes.map(
    ({ file, yaml }) =>
      html`<h3 class="below">To allow it, in ${file}</h3>
        <pre tabindex="0" aria-label="To allow it, in ${file}">${yaml}</pre>`,
  )}
  ${note === undefined ? "" : html`<p class="below">${note}</p>`}`;
}

function stageRow({ stage, verdict, words, where }: StageVerdict): readonly Html[] {
  return [html`${stage}`, BADGES[verdict], html`${words}${where === undefined ? "" : html`<small><code>${placeOf(where)}</code></small>`}`];
}

function placeOf({ file, line, column }: Location): string {
  return `${file}:${line}:${column}`;
}
