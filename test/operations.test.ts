/** The dashboard and the alert rules in docs/operations name what /metrics has, and nothing else. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { listenerOf } from "./operator/operator.ts";
import { startScene } from "./operator/scene.ts";
import { SEARCH, gatewayFor, startPartoo } from "./cache/partoo.ts";
import { storableJson } from "./support/recording-upstream.ts";

const DASHBOARD = readFileSync("docs/operations/grafana-dashboard.json", "utf8");
const ALERTS = readFileSync("docs/operations/alerts.yaml", "utf8");
/** What Prometheus itself adds to all that it scrapes. */
const ADDED = ["instance", "job"];

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}
interface Panel {
  readonly title: string;
  readonly type: string;
  readonly description?: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
  readonly gridPos: Readonly<Record<"x" | "y" | "w" | "h", number>>;
}

const rules = (parse(ALERTS) as { groups: readonly { rules: readonly Rule[] }[] }).groups.flatMap(({ rules: inGroup }) => inGroup);
const dashboard = JSON.parse(DASHBOARD) as {
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly { readonly expr: string }[] };
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
};
const queries = [
  ...rules.map(({ alert, expr, annotations }) => ({ name: alert, expr, legend: annotations.summary + annotations.description })),
  ...dashboard.annotations.list.map(({ expr }) => ({ name: "annotation", expr, legend: "" })),
  ...dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({ name: title, expr, legend: legendFormat })),
  ),
];

interface Known {
  /** Names of series, those of a histogram's parts included. */
  readonly labels: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Every series that a gateway has after all sorts of traffic, with its labels. */
async function seriesAfterTraffic(): Promise<Known["labels"]> {
  const { listener } = await startScene();
  const partoo = await startPartoo();
  const failing = await gatewayFor(partoo);
  partoo.fails(() => storableJson({}, { status: 401 }));
  await failing.get(SEARCH);
  const texts = await Promise.all([listener, await listenerOf(failing)].map(async ({ url }) => (await fetch(`${url}/metrics`)).text()));
  const series = new Map<string, Set<string>>();
  for (const line of texts.join("\n").split("\n")) {
    const [, name = "", labels = ""] = /^([a-z]\w*)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === "") continue;
    const known = series.get(name) ?? new Set(ADDED);
    for (const [, label = ""] of labels.matchAll(/(\w+)="/g)) known.add(label);
    series.set(name, known);
  }
  return series;
}

const METRIC = /\b(?:partoo_bff|process|nodejs)_\w+/g;

/** Names of labels in a query: those in braces, and those that are grouped by. */
function labelsOf(expr: string): readonly string[] {
  const inBraces = [...expr.matchAll(/\{([^}]*)\}/g)].flatMap(([, inside = ""]) => [...inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)]);
  const grouped = [...expr.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)].flatMap(([, inside = ""]) =>
    inside.split(",").map((name) => name.trim()),
  );
  return [...inBraces.map(([, name = ""]) => name), ...grouped];
}

test("every metric and label that a query names exists in /metrics after traffic", { timeout: 30_000 }, async () => {
  const series = await seriesAfterTraffic();
  expect(queries.length).toBeGreaterThan(40);
  for (const { name, expr, legend } of queries) {
    const metrics = [...expr.matchAll(METRIC)].map(([metric]) => metric);
    expect([name, metrics.length > 0, metrics.filter((metric) => !series.has(metric))]).toEqual([name, true, []]);
    const known = new Set(metrics.flatMap((metric) => [...(series.get(metric) ?? [])]));
    const shown = [...legend.matchAll(/\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}/g)].map(([, label = ""]) => label);
    expect([name, [...labelsOf(expr), ...shown].filter((label) => !known.has(label))]).toEqual([name, []]);
  }
});

describe("alert rules", () => {
  test.each(rules.map((rule) => [rule.alert, rule] as const))("%s says how grave it is, what it is, and what to do", (_name, rule) => {
    expect(["warning", "critical"]).toContain(rule.labels.severity);
    expect(rule.annotations.summary.length).toBeGreaterThan(10);
    const files = [...rule.annotations.description.matchAll(/docs\/[\w/-]+\.md/g)].map(([file]) => file);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });

  test("each has a name of its own", () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });
});

describe("dashboard", () => {
  test("each panel asks the chosen data source, is described, and lies beside the others", () => {
    expect(dashboard.templating.list[0]).toMatchObject({ name: "datasource", type: "datasource" });
    const taken = new Map<string, string>();
    for (const { title, type, description, gridPos } of dashboard.panels) {
      if (type !== "row") expect([title, description]).toEqual([title, expect.stringMatching(/\.$/)]);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect([title, x < 24, taken.get(`${x} ${y}`)]).toEqual([title, true, undefined]);
          taken.set(`${x} ${y}`, title);
        }
      }
    }
    const uids = new Set([...DASHBOARD.matchAll(/"uid": "([^"]*)"/g)].map(([, uid]) => uid));
    expect(uids).toEqual(new Set(["${datasource}", "partoo-bff"]));
  });
});
