/** The figures as tables for people. */
import type { CachedResult } from "./cached.ts";
import type { Standing } from "./contest.ts";
import type { DirectoryResult } from "./directory.ts";
import type { ForgeriesResult } from "./forgeries.ts";
import type { Goal, Measured } from "./goals.ts";
import type { Machine } from "./machine.ts";
import type { PageResult } from "./page.ts";
import type { StampedeResult } from "./stampede.ts";
import type { StartResult } from "./start-up.ts";

export interface Results extends Machine, Measured {
  readonly goals: readonly Goal[];
}

/** @returns Markdown, so that it can be pasted into docs/measurements.md */
export function formatReport(results: Results): string {
  const { cached, forward, stampede, page, start, directory, forgeries, goals } = results;
  const versions = Object.entries(results.versions).map(([name, version]) => `${name} ${version}`);
  const head = [`${results.date}; ${results.machine}`, versions.join(", "), `load: ${results.load}; one core for what is measured`];
  const parts = [
    head.join("\n"),
    ...(cached === undefined ? [] : cachedTables(cached)),
    ...(forward === undefined ? [] : standingTables(forward)),
    ...(stampede === undefined ? [] : [stampedeTable(stampede)]),
    ...(page === undefined ? [] : [pageTable(page)]),
    ...(start === undefined ? [] : [startTable(start)]),
    ...(directory === undefined ? [] : directoryTables(directory)),
    ...(forgeries === undefined ? [] : [forgeriesTable(forgeries)]),
    ...(goals.length === 0 ? [] : [goalTable(goals)]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function cachedTables({ standings, absent }: CachedResult): readonly string[] {
  return [...standingTables(standings), ...absent.map((reason) => `Left out: ${reason}.`)];
}

function standingTables(standings: readonly Standing[]): readonly string[] {
  const scenarios = [...new Set(standings.map(({ scenario }) => scenario))];
  return scenarios.map((scenario) => `${scenario}\n\n${standingTable(standings.filter((standing) => standing.scenario === scenario))}`);
}

function standingTable(standings: readonly Standing[]): string {
  const rows = standings.map((standing) => [
    standing.rival,
    String(standing.n),
    standing.requestsPerSecond.toFixed(0),
    standing.p50Ms.toFixed(2),
    standing.p99Ms.toFixed(2),
    standing.processorMicroseconds.toFixed(1),
    String(standing.bytes),
    standing.ratio.toFixed(2),
    standing.processorRatio.toFixed(2),
  ]);
  return table(["", "n", "requests/s", "median ms", "p99 ms", "CPU µs", "bytes", "ours ÷ it", "by CPU"], rows);
}

function stampedeTable(result: StampedeResult): string {
  const { callers, rounds, calls, contents, failures, collapsed, medianMs, p99Ms } = result;
  const rows = [
    ["upstream calls, worst round", String(calls)],
    ["different contents, worst round", String(contents)],
    ["answers that are not 200", String(failures)],
    ["callers who waited for another's call, fewest", String(collapsed)],
    ["ms until answered, median (upstream takes 1500)", medianMs.toFixed(0)],
    ["the same, p99", p99Ms.toFixed(0)],
  ];
  return table([`${callers} identical misses at once, ${rounds} rounds`, "measured"], rows);
}

function pageTable({ ours, partoo }: PageResult): string {
  const row = (name: string, coding: "plain" | "brotli"): string[] => [
    name,
    String(ours[coding]),
    String(partoo[coding]),
    `${((ours[coding] / partoo[coding]) * 100).toFixed(1)} %`,
  ];
  return table(["bytes of 50 stores", "ours", "Partoo's", "share"], [row("brotli", "brotli"), row("no coding", "plain")]);
}

function startTable({ n, medianMs, p99Ms, processorMs, coldMs, idleMb }: StartResult): string {
  const rows = [
    [`start to ready, warm compile cache, ms (n = ${n})`, `${medianMs.toFixed(0)} median, ${p99Ms.toFixed(0)} p99`],
    ["processor time of it, ms", processorMs.toFixed(0)],
    ["the same without a compile cache, ms (n = 1)", coldMs.toFixed(0)],
    ["memory at rest, MB", idleMb === undefined ? "unknown" : idleMb.toFixed(1)],
  ];
  return table(["", "measured"], rows);
}

function directoryTables({ stores, indexMb, reading, answers, absence }: DirectoryResult): readonly string[] {
  const held = [
    ["calls of the sweep", String(reading.sweepCalls)],
    ["s until the directory answers", reading.sweepSeconds.toFixed(0)],
    ["most calls in a minute meanwhile", String(reading.maxRollingMinute)],
    ["calls answered 429", String(reading.limited)],
    ["calls until an edit shows", String(reading.editCalls)],
    ["s until then", reading.editSeconds.toFixed(0)],
    ["other calls meanwhile (ratings)", String(reading.otherCalls)],
    ["index, MB", indexMb.toFixed(1)],
  ];
  const head = table([`directory of ${stores} stores`, "measured"], held);
  if (absence !== undefined) return [head, `Answers of the directory left out: ${absence}.`];
  const rows = answers.map(({ question, coding, n, requestsPerSecond, microseconds, bytes, ratio }) => [
    coding === "none" ? question : `${question}, ${coding}`,
    String(n),
    requestsPerSecond.toFixed(0),
    microseconds.toFixed(1),
    bytes.toFixed(0),
    ratio.toFixed(2),
  ]);
  return [head, table(["answers", "n", "requests/s", "CPU µs", "bytes with fields", "CPU ÷ stored"], rows)];
}

function forgeriesTable({ checkMicroseconds, costs }: ForgeriesResult): string {
  const rows = costs.map(({ what, microseconds, answers, checks }) => [
    what,
    microseconds.toFixed(1),
    answers.toFixed(2),
    checks.toFixed(2),
  ]);
  return table([`one check of a signature: ${checkMicroseconds.toFixed(1)} µs`, "CPU µs", "× stored answer", "× check"], rows);
}

function goalTable(goals: readonly Goal[]): string {
  const rows = goals.map(({ what, reach, measured, reached }) => [what, reach, measured, reached ? "yes" : "no"]);
  return table(["", "to reach", "measured", "reached"], rows);
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
