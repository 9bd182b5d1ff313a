import { expect, test } from "vitest";
import { median, medianRatio, quantile, ratios } from "./statistics.ts";

test("the median is the middle value, whatever the order", () => {
  expect(median([30, 1, 2])).toBe(2);
});

test("the median of an even number of values is the mean of the middle two", () => {
  expect(median([1, 40, 2, 3])).toBe(2.5);
});

test("a quantile lies between its neighbours in proportion", () => {
  expect(quantile([0, 10, 20, 30], 0.25)).toBe(7.5);
});

test("there is no quantile of no values", () => {
  expect(() => median([])).toThrow(RangeError);
});

test("ratios are taken inside a round, so a machine that slows down does not show", () => {
  expect(medianRatio([80, 40, 8], [100, 50, 10])).toBe(0.8);
});

test("a value without its base is refused", () => {
  expect(() => ratios([1, 2], [1])).toThrow(new RangeError("each value needs its base: 2 values, 1 bases"));
});
