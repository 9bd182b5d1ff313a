import { describe, expect, test } from "vitest";
import { classification, classifyStatus, isAmbiguousStatus, matchesStatus } from "./classification.ts";
import { failureKinds } from "./delivery-error.ts";

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test.each([
  ["delivered", range(200, 299)],
  ["auth_required", [401, 402, 403]],
  ["rate_limited", [408, 425, 429]],
  ["server_error", range(500, 599)],
  ["rejected", range(300, 399)],
  ["rejected", [400, ...range(404, 407), ...range(409, 424), ...range(426, 428), ...range(430, 499)]],
  ["unknown", [0, 100, 101, 103, 199, 600, 999, -1, Number.NaN]],
])("%s: %j", (means, statuses) => {
  expect(new Set(statuses.map(classifyStatus))).toEqual(new Set([means]));
});

test("every meaning in the table is a kind of failure or delivery", () => {
  const meanings: readonly string[] = ["delivered", ...failureKinds];
  expect(classification.filter((row) => !meanings.includes(row.means))).toEqual([]);
});

describe("a list of statuses", () => {
  test("matches a number by itself", () => {
    expect([428, 429, 430].map((status) => matchesStatus([429], status))).toEqual([false, true, false]);
  });

  test("matches a class from its first to its last status", () => {
    expect([499, 500, 599, 600].map((status) => matchesStatus(["5xx"], status))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test("matches nothing when it is empty", () => {
    expect(matchesStatus([], 500)).toBe(false);
  });
});

test("only a server that may have done the work leaves doubt", () => {
  const doubtful = range(100, 599).filter(isAmbiguousStatus);
  expect(doubtful).toEqual([500, 502, ...range(504, 599)]);
});
