import { expect, test } from "vitest";
import { createHistogram } from "../src/histogram.ts";

test("a bucket holds what took no longer than its bound, and what the smaller ones hold", () => {
  const histogram = createHistogram([0.1, 1, 10]);
  for (const seconds of [0, 0.1, 0.25, 1, 4, 10.5, 100]) histogram.observe(seconds);
  expect(histogram.read()).toEqual({
    buckets: [
      [0.1, 2],
      [1, 4],
      [10, 5],
    ],
    count: 7,
    sum: 115.85,
  });
});

test("nothing observed is nothing", () => {
  expect(createHistogram([1]).read()).toEqual({ buckets: [[1, 0]], count: 0, sum: 0 });
});
