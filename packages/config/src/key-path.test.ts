import fc from "fast-check";
import { expect, test } from "vitest";
import { formatPath, isWithin, parsePath } from "./key-path.ts";

test("a path is written with dots between its keys", () => {
  expect(formatPath(["channels", "webhook", "ops"])).toBe("channels.webhook.ops");
});

test("a place in an array is written in brackets", () => {
  expect(formatPath(["retryStatuses", 1])).toBe("retryStatuses[1]");
});

test("a key that TOML wants in quotes is written in quotes", () => {
  expect(formatPath(["headers", "x.y z"])).toBe('headers."x.y z"');
});

test("keys in single quotes are read as they stand", () => {
  expect(parsePath("headers.'x\\y'")).toEqual(["headers", "x\\y"]);
});

test("any path is read as it was written", () => {
  const key = fc.string({ minLength: 1, unit: "grapheme" });
  const path = fc.tuple(key, fc.array(fc.oneof(key, fc.nat()))).map(([first, rest]) => [first, ...rest]);
  fc.assert(
    fc.property(path, (steps) => {
      expect(parsePath(formatPath(steps))).toEqual(steps);
    }),
  );
});

test.each(["", ".", "a.", "a..b", "a b", 'a."b', "a[x]", ".a"])("%j is refused as a path", (text) => {
  expect(() => parsePath(text)).toThrow(expect.objectContaining({ code: "CONFIG_PATH_INVALID" }));
});

test("a path is within itself and what it begins with, and within nothing longer", () => {
  expect([["a", "b"], ["a"], ["a", "b", "c"], ["b"]].map((other) => isWithin(["a", "b"], other))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
