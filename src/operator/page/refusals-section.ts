/** Section: the last refusals, each with its explanation one click away. */
import type { ParameterSchema } from "../../partoo/endpoint.ts";
import type { Policy } from "../../policy.ts";
import type { RefusalGroup, RefusedRequest } from "../../refusals.ts";
import type { Html } from "./markup.ts";
import { createParameterReaders } from "../../config/parameters.ts";
import { acceptedText } from "../../config/tests/sample.ts";
import { CATALOGUE } from "../../partoo/catalogue.ts";
import { count, html, moment, table } from "./markup.ts";

/** What explain is asked: fields of its form. */
export type Question = Readonly<Record<"frontend" | "method" | "target" | "origin" | "server" | "site" | "mode" | "dest", string>>;

const HEAD = ["Refused with", "#Requests", "Last", "What was asked for, without values"];

export function refusalsSection(groups: readonly RefusalGroup[], { frontends }: Policy): Html {
  const read = createParameterReaders();
  const rows = groups.map((group) => [
    html`${group.code}<small>${group.frontend === "" ? "no frontend" : group.frontend}, stage ${group.stage}</small>`,
    html`${count(group.count)}`,
    moment(group.lastAt),
    html`<ul class="examples">
      ${group.examples.map((example) => exampleItem(group, example, (schema) => acceptedText(read(schema), schema), frontends))}
    </ul>`,
  ]);
  return table("Last refusals", HEAD, rows, "Nothing was refused so far.");
}

type Sample = (schema: ParameterSchema) => string;

function exampleItem(group: RefusalGroup, example: RefusedRequest, sample: Sample, frontends: Policy["frontends"]): Html {
  const { method, origin, detail, server } = example;
  const words = `${method} ${shownTarget(group, example)}`;
  const link = `/explain?${new URLSearchParams(questionOf(group, example, sample, frontends)).toString()}`;
  return html`<li>
    <code>${words}</code
    >${origin === undefined ? "" : html` from <code>${origin}</code>`}${server === undefined ? "" : ` by the server ${server}`}
    ${detail === undefined ? "" : html`<small>${detail}</small>`}
    <a href="${link}" aria-label="Explain ${group.code} for ${words}">explain</a>
  </li>`;
}

function shownTarget({ code, frontend }: RefusalGroup, { template, names, otherNames }: RefusedRequest): string {
  if (frontend === "") return "(a path that names no frontend)";
  const path = template === undefined ? `/v2/(a path that Partoo does not have)` : `/v2${template}`;
  const query = [...names.map((name) => `${name}={${name}}`), ...(otherNames ? ["(unknown)"] : [])];
  return `/${frontend}${code === "path-encoding" ? "/(odd encoding)" : path}${query.length === 0 ? "" : `?${query.join("&")}`}`;
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
    encodeURIComponent(endpoint?.path[name] === undefined ? "1" : sample(endpoint.path[name])),
  );
  const pairs = names.map(
    (name) => `${name}=${encodeURIComponent(endpoint?.query[name] === undefined ? "" : sample(endpoint.query[name]))}`,
  );
  const query = [...pairs, ...(otherNames ? ["no-such-parameter=1"] : [])].join("&");
  const passes = stage !== "frontend" && stage !== "caller" && origin === undefined && server === undefined;
  return {
    frontend: frontend === "" ? "no-such-frontend" : frontend,
    method,
    target: code === "path-encoding" ? "/v2/%2e%2e" : `/v2${path}${query === "" ? "" : `?${query}`}`,
    // A page of our own origin sends none; what explain needs is a caller that gets as far.
    origin: passes ? ([...(frontends.get(frontend)?.origins ?? [])][0] ?? "") : (origin ?? ""),
    server: server ?? "",
    site: passes ? "" : (site ?? ""),
    mode: mode ?? "",
    dest: dest ?? "",
  };
}
