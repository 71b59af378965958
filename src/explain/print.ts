/** The two ways of printing an explanation: for people, and for pipelines. */
import type { Location } from "../config/diagnostic.ts";
import type { Explanation, StageVerdict } from "./explain.ts";

const MARKS: Readonly<Record<StageVerdict["verdict"], string>> = { passed: "ok", refused: "REFUSED", "not-reached": "", ahead: "then" };

/** One line for each stage that is reached, then the verdict, then the way out. */
export function printExplanation(explained: Explanation): string {
  const { decision, code, where, stages, suggestion } = explained;
  const reached = stages.filter((stage) => stage.verdict !== "not-reached");
  const lines = reached.map(({ stage, verdict, words, where: at }) => {
    const place = at === undefined ? "" : `  [${placeOf(at)}]`;
    return `  ${stage.padEnd(12)} ${MARKS[verdict].padEnd(7)} ${words}${place}`.trimEnd();
  });
  const verdict = decision === "allowed" ? "allowed" : `${placeOf(where)}: refused: ${code}`;
  return [...lines, "", verdict, ...suggestionLines(suggestion)].join("\n");
}

function suggestionLines(suggestion: Explanation["suggestion"]): readonly string[] {
  if (suggestion === undefined) return [];
  const changes = suggestion.changes.flatMap(({ file, yaml }) => [
    "",
    `To allow it, in ${file}:`,
    "",
    ...yaml.split("\n").map((line) => `    ${line}`),
  ]);
  return [...changes, ...(suggestion.note === undefined ? [] : ["", suggestion.note])];
}

function placeOf({ file, line, column }: Location): string {
  return `${file}:${line}:${column}`;
}

/** `{decision, code, stage, file, line, upstream, cache}`, and what else there is to say. What does not apply is null. */
export function explanationToJson(explained: Explanation): string {
  const { decision, code, stage, where, detail, stages, upstream, cache, suggestion } = explained;
  const document = {
    decision,
    code: code ?? null,
    stage,
    file: where.file,
    line: where.line,
    upstream: upstream?.target ?? null,
    cache: cache ?? null,
    detail: detail ?? null,
    key: upstream?.key ?? null,
    parameters: upstream?.parameters ?? null,
    suggestion: suggestion === undefined ? null : { changes: suggestion.changes, note: suggestion.note ?? null },
    stages: stages.map(({ stage: name, verdict, words, where: at }) => ({
      stage: name,
      verdict,
      words,
      file: at?.file ?? null,
      line: at?.line ?? null,
    })),
  };
  return JSON.stringify(document, null, 2);
}
