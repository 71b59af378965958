/** Small charts, drawn here as SVG: a line over the last minutes, and for those who can't see it a sentence. */
import type { Html } from "./markup.ts";
import { html } from "./markup.ts";

const [WIDTH, HEIGHT, EDGE] = [300, 60, 2];

export interface Chart {
  /** Evenly spaced, oldest first; undefined: no value then. */
  readonly values: readonly (number | undefined)[];
  /** How many values the width is for. */
  readonly slots: number;
  /** What the full height stands for; less than the largest value is taken as that. */
  readonly top: number;
  /** A line across, such as a budget. */
  readonly line?: number;
  /** The chart in one sentence. */
  readonly words: string;
}

export function chart({ values, slots, top, line, words }: Chart): Html {
  const max = Math.max(top, line ?? 0, ...values.map((value) => value ?? 0)) || 1;
  const x = (slot: number): string => (((slots - values.length + slot) / Math.max(1, slots - 1)) * WIDTH).toFixed(1);
  const y = (value: number): string => (HEIGHT - EDGE - (value / max) * (HEIGHT - 2 * EDGE)).toFixed(1);
  const runs = runsOf(values).map((run) => run.map(([slot, value]) => `${x(slot)},${y(value)}`));
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${words}">
    ${runs.map((points) => html`<polygon class="area" points="${areaOf(points)}"></polygon><polyline class="curve" points="${points.join(" ")}"></polyline>`)}
    ${line === undefined ? "" : html`<line class="limit" x1="0" x2="${WIDTH}" y1="${y(line)}" y2="${y(line)}"></line>`}
  </svg>`;
}

/** A run of points, closed along the bottom. */
function areaOf(points: readonly string[]): string {
  const [first = "0", last = "0"] = [points[0]?.split(",")[0], points.at(-1)?.split(",")[0]];
  return `${first},${HEIGHT} ${points.join(" ")} ${last},${HEIGHT}`;
}

/** Values that follow each other without a gap, each with its slot. */
function runsOf(values: Chart["values"]): readonly (readonly (readonly [slot: number, value: number])[])[] {
  const runs: [number, number][][] = [];
  values.forEach((value, slot) => {
    if (value === undefined) return;
    if (slot === 0 || values[slot - 1] === undefined) runs.push([]);
    runs.at(-1)?.push([slot, value]);
  });
  return runs;
}
