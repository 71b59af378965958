/** Figures as the page writes them, and its charts. */
import { expect, test } from "vitest";
import { chart } from "../../src/operator/page/chart.ts";
import { bytes, count, duration, figure, html, percent, table } from "../../src/operator/page/markup.ts";

test.each([
  [count(1_234_567), "1,234,567"],
  [figure(0), "0"],
  [figure(12.34), "12.3"],
  [figure(1234.5), "1,235"],
  [percent(undefined), "–"],
  [percent(1), "100 %"],
  [percent(0.99999), "99.9 %"],
  [percent(0.57), "57 %"],
  [bytes(1023), "1023 B"],
  [bytes(1536), "1.5 kB"],
  [bytes(134_217_728), "128 MB"],
  [duration(0.4), "0 s"],
  [duration(59.9), "59 s"],
  [duration(600), "10 min"],
  [duration(3725), "1 h 2 min"],
  [duration(3605), "1 h"],
  [duration(90_000), "1 d 1 h"],
])("%s is %s", (written, expected) => {
  expect(written).toBe(expected);
});

test("what stands in a cell is escaped", async () => {
  expect((await table("<b>", ["#Name"], [[html`${"<script>"}`]], "")).toString()).toMatch(/aria-label="&lt;b&gt;"[^]*&lt;script&gt;/);
});

const points = async (values: readonly (number | undefined)[], line?: number): Promise<readonly string[]> => {
  const drawn = (await chart({ values, slots: 4, top: 10, words: "x", ...(line === undefined ? {} : { line }) })).toString();
  return [...drawn.matchAll(/class="curve" points="([^"]*)"/g)].map(([, list = ""]) => list);
};

test("a chart: the newest value at the right, the top at the top, a gap where there is no value", async () => {
  expect(await points([0, 10])).toEqual(["200.0,58.0 300.0,2.0"]);
  expect(await points([5, undefined, 10, 0])).toEqual(["0.0,30.0", "200.0,2.0 300.0,58.0"]);
  expect(await points([])).toEqual([]);
});

test("what is higher than the top, or a line above it, sets the scale", async () => {
  expect(await points([20, 10, 0])).toEqual(["100.0,2.0 200.0,30.0 300.0,58.0"]);
  expect(await points([0, 10], 20)).toEqual(["200.0,58.0 300.0,30.0"]);
});
