/** The figures as tables for people. */
import type { ForwardResult } from "./forward.ts";
import type { Machine } from "./machine.ts";
import type { StartResult } from "./start-up.ts";

export interface Results extends Machine {
  readonly forward: readonly ForwardResult[];
  readonly start?: StartResult;
}

const REACH = { forwardRatio: 1, startMs: 300, idleMb: 110 } as const;

/** @returns Markdown, so that it can be pasted into docs/measurements.md */
export function formatReport(results: Results): string {
  const versions = Object.entries(results.versions).map(([name, version]) => `${name} ${version}`);
  const head = [`${results.date}; ${results.machine}`, versions.join(", "), `load: ${results.load}; one core for what is measured`];
  const scenarios = [...new Set(results.forward.map(({ scenario }) => scenario))];
  const tables = scenarios.map((scenario) => forwardTable(scenario, results.forward));
  return [head.join("\n"), ...tables, ...(results.start === undefined ? [] : [startTable(results.start)]), ""].join("\n\n");
}

function forwardTable(scenario: string, results: readonly ForwardResult[]): string {
  const rows = results
    .filter((result) => result.scenario === scenario)
    .map((result) => [
      result.rival,
      String(result.n),
      result.requestsPerSecond.toFixed(0),
      result.p50Ms.toFixed(2),
      result.p99Ms.toFixed(2),
      result.processorMicroseconds.toFixed(0),
      String(result.bytes),
      result.ratio.toFixed(2),
    ]);
  const title = `${scenario} (to reach: ≥ ${REACH.forwardRatio.toFixed(1)} × @fastify/http-proxy)`;
  return `${title}\n\n${table(["", "n", "requests/s", "median ms", "p99 ms", "CPU µs", "bytes", "ours ÷ it"], rows)}`;
}

function startTable({ n, medianMs, p99Ms, coldMs, idleMb }: StartResult): string {
  const rows = [
    [`start to ready, warm compile cache, ms (n = ${n})`, `${medianMs.toFixed(0)} median, ${p99Ms.toFixed(0)} p99`, `≤ ${REACH.startMs}`],
    ["the same without a compile cache, ms (n = 1)", coldMs.toFixed(0), ""],
    ["memory at rest, MB", idleMb === undefined ? "unknown" : idleMb.toFixed(1), `≤ ${REACH.idleMb}`],
  ];
  return table(["", "measured", "to reach"], rows);
}

/** A Markdown table, figures to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) => Math.max(3, name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join(" | ")} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
