/** Section: the last refusals, each with its explanation one click away. */
import { createHash } from "node:crypto";
import type { ParameterSchema } from "../../partoo/endpoint.ts";
import type { Policy } from "../../policy.ts";
import type { RefusalGroup, RefusedRequest } from "../../refusals.ts";
import type { Html } from "./markup.ts";
import { createParameterReaders } from "../../config/parameters.ts";
import { acceptedText } from "../../config/tests/sample.ts";
import { CATALOGUE } from "../../partoo/catalogue.ts";
import { count, html, moment } from "./markup.ts";

/** What explain is asked: fields of its form. */
export type Question = Readonly<
  Record<"frontend" | "method" | "target" | "origin" | "session" | "server" | "site" | "mode" | "dest", string>
>;

/** What the directory takes. */
const STORES_VALUES: Readonly<Record<string, string>> = {
  store: "000000000000000000000001",
  near: "48.86,2.35",
  radius: "1000",
  bounds: "2.2,48.8,2.5,48.9",
  q: "a",
  open_now: "true",
  limit: "10",
  page: "1",
  category: "gcid:restaurant",
};

/** A text that a parameter of the catalogue accepts. */
export type Sample = (schema: ParameterSchema) => string;

/** Made once: it compiles each schema that it meets. */
export function createSampler(): Sample {
  const read = createParameterReaders();
  return (schema) => acceptedText(read(schema), schema);
}

export function refusalsSection(groups: readonly RefusalGroup[], { frontends }: Policy, sample: Sample): Html {
  if (groups.length === 0) return html`<p class="nothing">Nothing was refused so far.</p>`;
  return html`<ul class="refusals">
    ${groups.map((group) => groupItem(group, (example) => exampleItem(group, example, questionOf(group, example, sample, frontends))))}
  </ul>`;
}

function groupItem(group: RefusalGroup, item: (example: RefusedRequest) => Html): Html {
  const { frontend, code, stage, count: requests, lastAt, examples } = group;
  return html`<li id="${idOf(group)}">
    <p>
      <strong>${code}</strong> ${count(requests)} ${requests === 1 ? "time" : "times"}
      <small>${frontend === "" ? "no frontend" : frontend}, stage ${stage}, last at ${moment(lastAt)}</small>
    </p>
    <ul class="examples">
      ${examples.map(item)}
    </ul>
  </li>`;
}

function exampleItem(group: RefusalGroup, example: RefusedRequest, question: Question): Html {
  const { method, origin, detail, server } = example;
  const words = `${method} ${shownTarget(group, example)}`;
  const id = idOf({ group: idOf(group), example });
  const link = `/explain?${new URLSearchParams(question).toString()}`;
  return html`<li id="${id}">
    <code>${words}</code
    >${origin === undefined ? "" : html` from <code>${origin}</code>`}${server === undefined ? "" : ` by the server ${server}`}
    <a id="${id}-link" href="${link}" aria-label="Explain ${group.code} for ${words}">explain</a>
    ${detail === undefined ? "" : html`<small>${detail}</small>`}
  </li>`;
}

/** The same for the same thing, however the order changes: the page's script goes by it. */
function idOf(thing: object): string {
  const { count: _count, lastAt: _lastAt, examples: _examples, ...identity } = thing as RefusalGroup;
  return `refusal-${createHash("sha256").update(JSON.stringify(identity)).digest("hex").slice(0, 12)}`;
}

function shownTarget({ code, frontend }: RefusalGroup, { template, names, otherNames }: RefusedRequest): string {
  if (frontend === "") return "(a path that names no frontend)";
  const path = template === undefined ? `/v2/(a path that Partoo does not have)` : pathOf(template);
  const query = [...names.map((name) => `${name}={${name}}`), ...(otherNames ? ["(unknown)"] : [])];
  return `/${frontend}${code === "path-encoding" ? "/(odd encoding)" : path}${query.length === 0 ? "" : `?${query.join("&")}`}`;
}

/** After the frontend's name: those of the directory and of sessions have no version. */
function pathOf(template: string): string {
  return /^\/(?:stores|session)(?:$|\/)/.test(template) ? template : `/v2${template}`;
}

/** A request of the same kind, with values of ours. */
function questionOf(
  { code, frontend, stage }: RefusalGroup,
  example: RefusedRequest,
  sample: Sample,
  frontends: Policy["frontends"],
): Question {
  const { method, template, names, otherNames, origin, server, site, mode, dest } = example;
  const endpoint = CATALOGUE.get(template ?? "");
  const path = (template ?? "/no-such-path").replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
    encodeURIComponent(endpoint?.path[name] === undefined ? (STORES_VALUES[name] ?? "1") : sample(endpoint.path[name])),
  );
  const pairs = names.map(
    (name) =>
      `${name}=${encodeURIComponent(endpoint?.query[name] === undefined ? (STORES_VALUES[name] ?? "") : sample(endpoint.query[name]))}`,
  );
  const query = [...pairs, ...(otherNames ? ["no-such-parameter=1"] : [])].join("&");
  const passes = stage !== "frontend" && stage !== "caller" && origin === undefined && server === undefined;
  return {
    frontend: frontend === "" ? "no-such-frontend" : frontend,
    method,
    target: code === "path-encoding" ? "/v2/%2e%2e" : `${pathOf(path)}${query === "" ? "" : `?${query}`}`,
    // A page of our own origin sends none; what explain needs is a caller that gets as far.
    origin: passes ? ([...(frontends.get(frontend)?.origins ?? [])][0] ?? "") : (origin ?? ""),
    // Where all requests need one, what was refused for another reason carried it.
    session: frontends.get(frontend)?.session === "required" && !code.startsWith("session-") ? "carried" : "",
    server: server ?? "",
    site: passes ? "" : (site ?? ""),
    mode: mode ?? "",
    dest: dest ?? "",
  };
}
