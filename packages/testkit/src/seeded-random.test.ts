import { expect, test } from "vitest";
import { createSeededRandom } from "./seeded-random.ts";

const draw = (seed: number, count: number) => {
  const random = createSeededRandom(seed);
  return Array.from({ length: count }, random);
};

test("a seed gives its numbers again", () => {
  expect(draw(7, 100)).toEqual(draw(7, 100));
});

test("another seed gives other numbers", () => {
  expect(draw(7, 3)).not.toEqual(draw(8, 3));
});

test("the numbers stay the same in every version", () => {
  expect(draw(1, 3)).toEqual([0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
});

test("the numbers are at least 0 and less than 1, and spread evenly over tenths", () => {
  const tenths = Array(10).fill(0);
  for (const number of draw(1, 100_000)) tenths[Math.floor(number * 10)] += 1;
  expect(tenths).toHaveLength(10);
  expect(Math.min(...tenths)).toBeGreaterThan(9_600);
  expect(Math.max(...tenths)).toBeLessThan(10_400);
});
