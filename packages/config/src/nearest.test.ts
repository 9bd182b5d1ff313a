import fc from "fast-check";
import { expect, test } from "vitest";
import { editDistance, nearest } from "./nearest.ts";

const fields = ["maxRetries", "sendUrl", "timeoutMs", "connectTimeoutMs", "signing", "secret"];

test.each([
  ["maxRetires", "maxRetries"],
  ["max_retries", "maxRetries"],
  ["MAXRETRIES", "maxRetries"],
  ["retries", "maxRetries"],
  ["sendURI", "sendUrl"],
  ["timeout", "timeoutMs"],
  ["secert", "secret"],
])("%s is taken for %s", (written, meant) => {
  expect(nearest(written, fields)).toBe(meant);
});

test("case, dashes and underscores make no distance", () => {
  expect(nearest("X_Y-Z", ["xyz"])).toBe("xyz");
});

test.each(["colour", "x", "url", ""])("nothing is near %j", (written) => {
  expect(nearest(written, fields)).toBeUndefined();
});

test("a name that is right is no suggestion for itself", () => {
  expect(nearest("secret", ["secret"])).toBeUndefined();
});

test("a swap of neighbours is one step", () => {
  expect(editDistance("secert", "secret")).toBe(1);
});

test("the distance is that of the textbook", () => {
  expect(editDistance("kitten", "sitting")).toBe(3);
  expect(editDistance("", "abc")).toBe(3);
});

test("the distance is symmetric, and zero for the same text only", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
    }),
  );
});
