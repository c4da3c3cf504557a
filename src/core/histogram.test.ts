import { expect, test } from "bun:test";
import { Histogram } from "./histogram.ts";

test("a value belongs to the first bucket whose bound is not less", () => {
  const histogram = new Histogram([1, 10, 100]);
  for (const value of [0, 1, 1.5, 10, 11, 100, 101, 1e9]) histogram.observe(value);
  expect(histogram.counts).toEqual([2, 2, 2, 2]);
  expect(histogram.sum).toBe(1_000_000_224.5);
});
