import fc from "fast-check";
import { parse } from "smol-toml";
import { expect, test } from "vitest";
import { formatKey, formatValue } from "./toml-text.ts";

const value = fc.letrec((tie) => ({
  any: fc.oneof({ depthSize: "small" }, tie("leaf"), tie("array"), tie("table")),
  leaf: fc.oneof(
    fc.string({ unit: "binary" }),
    fc.double({ noNaN: false }),
    fc.maxSafeInteger(),
    fc.boolean(),
  ),
  array: fc.array(tie("any")),
  table: fc.dictionary(fc.string({ minLength: 1, unit: "binary" }), tie("any"), { noNullPrototype: true }),
})).any;

test("TOML reads every value as it was written", () => {
  fc.assert(
    fc.property(value, (written) => {
      const read = parse(`value = ${formatValue(written)}`).value;
      expect(plain(read)).toEqual(plain(written));
    }),
  );
});

/** Without prototypes, and with well-formed strings: TOML has no other. */
function plain(one: unknown): unknown {
  if (typeof one === "string") return one.toWellFormed();
  if (Array.isArray(one)) return one.map(plain);
  if (typeof one !== "object" || one === null) return one;
  return new Map(Object.entries(one).map(([key, member]) => [key.toWellFormed(), plain(member)]));
}

test("a table is written on one line", () => {
  expect(formatValue({ env: "NAME", n: [1, 2.5, "x"] })).toBe('{ env = "NAME", n = [1, 2.5, "x"] }');
});

test("a key of letters, digits, dash and underscore stands bare", () => {
  expect(["x-a_1", "x.a", "", "ä"].map(formatKey)).toEqual(["x-a_1", '"x.a"', '""', '"ä"']);
});
