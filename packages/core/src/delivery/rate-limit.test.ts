import fc from "fast-check";
import { expect, test } from "vitest";
import { RateLimit } from "./rate-limit.ts";

/** Starts as many as are admitted at each moment; returns when each began. */
function startsOf(perSecond: number, moments: readonly number[]): number[] {
  const limit = new RateLimit(perSecond);
  const starts: number[] = [];
  for (const now of moments) {
    for (let { count } = limit.admits(now); count > 0; count--) {
      limit.start(now);
      starts.push(now);
    }
  }
  return starts;
}

const everyMillisecond = Array.from({ length: 5000 }, (_, i) => i);

test("a whole rate starts that many in a second, and goes on a second later", () => {
  expect(startsOf(3, everyMillisecond).slice(0, 7)).toEqual([0, 0, 0, 1000, 1000, 1000, 2000]);
});

test("a rate below one starts one at a time", () => {
  expect(startsOf(0.5, everyMillisecond)).toEqual([0, 2000, 4000]);
});

test("a rate with a fraction is spread evenly", () => {
  expect(startsOf(2.5, everyMillisecond).slice(0, 4)).toEqual([0, 400, 800, 1200]);
});

test("says in how many milliseconds the next one may begin", () => {
  const limit = new RateLimit(2);
  limit.start(0);
  limit.start(300);
  expect(limit.admits(400)).toEqual({ count: 0, inMs: 600 });
});

test("no second has more starts than the rate, rounded up, whenever it is asked", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.integer({ min: 1, max: 20 }), fc.double({ min: 0.1, max: 20, noNaN: true })),
      fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 200 }),
      (rate, moments) => {
        const starts = startsOf(
          rate,
          [...moments].sort((a, b) => a - b),
        );
        for (const from of starts) {
          const within = starts.filter((at) => at >= from && at < from + 1000).length;
          expect(within).toBeLessThanOrEqual(Math.ceil(rate));
        }
      },
    ),
  );
});
