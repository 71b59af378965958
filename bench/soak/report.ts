/** A run as tables for people, and what it has to reach. */
import type { RunResult } from "./run.ts";
import type { Cell } from "./tally.ts";
import { table } from "../report.ts";
import { SLOT_SECONDS } from "./tally.ts";

const SLOTS_PER_MINUTE = 60 / SLOT_SECONDS;
/** From the third minute. */
const REACH = { fromMinute: 2, success: 0.999 } as const;

/** One thing that a run has to reach. */
export interface Verdict {
  readonly claim: string;
  readonly measured: string;
  /** undefined: the run was too short to tell. */
  readonly reached: boolean | undefined;
}

export function judge({ load, observation, budget }: Pick<RunResult, "load" | "observation" | "budget">): readonly Verdict[] {
  const late = load.cells.filter(({ slot }) => slot >= REACH.fromMinute * SLOTS_PER_MINUTE);
  const [success, all] = [sum(late.filter(isSuccess)), sum(late)];
  return [
    { claim: "calls that Partoo answered 429: 0", measured: String(observation.limited), reached: observation.limited === 0 },
    {
      claim: `calls in any rolling minute: at most quota − reserve = ${budget}`,
      measured: String(observation.maxRollingMinute),
      reached: observation.maxRollingMinute <= budget,
    },
    {
      claim: `answers that are 2xx, from the third minute: at least ${percent(REACH.success)}`,
      measured: all === 0 ? "the run was shorter" : `${percent(success / all)} (${all - success} of ${all} were not)`,
      reached: all === 0 ? undefined : success / all >= REACH.success,
    },
  ];
}

/** @returns Markdown, so that it can be pasted into docs/measurements.md */
export function formatRun(run: RunResult, verdicts: readonly Verdict[]): string {
  const { load, observation, budget } = run;
  const lateShare = load.late / Math.max(1, load.due);
  return [
    `${run.window} window, ${run.rate} requests/s for ${run.seconds} s`,
    minuteTable(run),
    outcomeTable(load.cells),
    `Of ${load.due} requests ${load.late} (${percent(lateShare)}) left more than 50 ms late, the worst ${load.worstLatenessMs.toFixed(0)} ms; ${load.connections} connections. Times count from when a request was due.`,
    table(["calls by path", "calls"], [...entries(observation.byPath), ["all", String(observation.calls)]]),
    `L = ${budget}; the most calls in a rolling minute: ${observation.maxRollingMinute}; answered 429: ${observation.limited}`,
    table(["counters of the proxies, added up", "value"], entries(observation.counters)),
    table(
      ["memory, MB", "start", "end"],
      run.memory.map(({ startMb, endMb }, index) => [`proxy ${index + 1}`, megabytes(startMb), megabytes(endMb)]),
    ),
    remarks(run),
    verdicts.map(({ claim, measured, reached }) => `${mark(reached)}  ${claim}: ${measured}`).join("\n"),
    "",
  ].join("\n\n");
}

function minuteTable({ load }: RunResult): string {
  const minutes = Math.max(...load.cells.map(minuteOf)) + 1;
  const statuses = [...new Set(load.cells.map(({ status }) => status))].toSorted((a, b) => a - b);
  const rows = Array.from({ length: minutes }, (_, minute) => {
    const cells = load.cells.filter((cell) => minuteOf(cell) === minute);
    const times = load.latencies[minute];
    return [
      String(minute + 1),
      ...statuses.map((status) => String(sum(cells.filter((cell) => cell.status === status)))),
      percent(sum(cells.filter(isSuccess)) / sum(cells)),
      times?.p50Ms.toFixed(1) ?? "",
      times?.p99Ms.toFixed(1) ?? "",
    ];
  });
  return table(["minute", ...statuses.map((status) => (status === 0 ? "none" : String(status))), "2xx", "p50 ms", "p99 ms"], rows);
}

/** What the cache did, and what was refused, for each slot of time. */
function outcomeTable(cells: readonly Cell[]): string {
  const names = [...new Set(cells.map(outcomeName))].toSorted();
  const slots = [...new Set(cells.map(({ slot }) => slot))].toSorted((a, b) => a - b);
  const rows = slots.map((slot) => [
    String(slot * SLOT_SECONDS),
    ...names.map((name) => String(sum(cells.filter((cell) => cell.slot === slot && outcomeName(cell) === name)) || "")),
  ]);
  return table(["from s", ...names], rows);
}

function outcomeName(cell: Cell): string {
  return isSuccess(cell) ? cell.outcome : `${cell.kind}: ${cell.status} ${cell.outcome}`;
}

function remarks({ observation }: RunResult): string {
  const lines = observation.remarks.map(({ seconds, proxy, text }) => `${seconds.toFixed(1).padStart(7)} s  proxy ${proxy}  ${text}`);
  return ["What the proxies logged besides exchanges:", ...lines].join("\n");
}

const minuteOf = ({ slot }: Cell): number => Math.floor(slot / SLOTS_PER_MINUTE);
const isSuccess = ({ status }: Cell): boolean => status > 199 && status < 300;
const sum = (cells: readonly Cell[]): number => cells.reduce((total, { count }) => total + count, 0);
const percent = (part: number): string => `${(Math.floor(part * 100_000) / 1000).toFixed(3)} %`;
const megabytes = (value: number | undefined): string => value?.toFixed(0) ?? "unknown";
const mark = (reached: boolean | undefined): string => (reached === undefined ? "  - " : reached ? " ok " : "FAIL");
const entries = (counts: Readonly<Record<string, number>>): string[][] =>
  Object.entries(counts).map(([name, count]) => [name, String(count)]);
