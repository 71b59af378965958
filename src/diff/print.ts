/** The three ways of printing what changes: for people, for pipelines, for a pull request. Equal changes of several frontends are one line. */
import type { Change } from "./change.ts";

const MARKS: Readonly<Record<Change["risk"], string>> = { personal: "!!", opens: "! ", breaks: "- ", load: "~ ", none: "  " };
const WORDS: Readonly<Record<Change["risk"], string>> = {
  personal: "personal data leaves",
  opens: "opens",
  breaks: "breaks",
  load: "changes load",
  none: "no risk",
};

interface Line extends Omit<Change, "frontend"> {
  readonly frontends: readonly string[];
}

export function printChanges(changes: readonly Change[]): string {
  const lines = groupByChange(changes).map(({ kind, frontends, route, detail, risk }) => {
    return `${MARKS[risk]} ${frontends.join(", ")}${route === null ? "" : ` ${route}`}: ${kind} ${detail}`;
  });
  return [...lines, "", summary(changes)].join("\n");
}

/** `[{kind, frontend, route, detail, risk}]` */
export function changesToJson(changes: readonly Change[]): string {
  return JSON.stringify(changes, null, 2);
}

export function changesToMarkdown(changes: readonly Change[]): string {
  const rows = groupByChange(changes).map(({ kind, frontends, route, detail, risk }) => {
    const cells = [
      risk === "personal" ? `**${WORDS[risk]}**` : WORDS[risk],
      frontends.join(", "),
      route === null ? "" : code(route),
      kind,
      code(detail),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [
    "### What changes for callers",
    "",
    "| risk | frontends | route | change | detail |",
    "|---|---|---|---|---|",
    ...rows,
    "",
    summary(changes),
  ].join("\n");
}

function groupByChange(changes: readonly Change[]): readonly Line[] {
  const lines = Map.groupBy(changes, ({ kind, route, detail, risk }) => JSON.stringify([kind, route, detail, risk]));
  return [...lines.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, frontends: group.map(({ frontend }) => frontend) }];
  });
}

function summary(changes: readonly Change[]): string {
  const counts = Object.keys(WORDS).flatMap((risk) => {
    const count = changes.filter((change) => change.risk === risk).length;
    return count === 0 ? [] : [`${count} ${WORDS[risk as Change["risk"]]}`];
  });
  return counts.join(", ");
}

/** In a table cell of Markdown, where | would end it and a backtick would end the code. */
function code(text: string): string {
  return `\`${text.replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}
