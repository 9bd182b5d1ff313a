import fc from "fast-check";
import { expect, test } from "vitest";
import { createSenderPatterns } from "./sender-patterns.ts";

test("without patterns everybody may speak", () => {
  expect(createSenderPatterns(undefined)("anybody")).toBe(true);
});

test("an empty list admits nobody", () => {
  expect(createSenderPatterns([])("anybody")).toBe(false);
});

test.each([
  [["alice"], "alice", true],
  [["alice"], "Alice", false],
  [["alice"], "alice2", false],
  [["*@example.com"], "bob@example.com", true],
  [["*@example.com"], "bob@example.com.evil", false],
  [["*@example.com"], "@example.com", true],
  [["ops-*"], "ops-", true],
  [["ops-*-eu"], "ops-eu", false],
  [["ops-*-eu"], "ops--eu", true],
  [["a*a"], "a", false],
  [["*"], "", true],
  [["a.c"], "abc", false],
  [["x", "y*"], "yes", true],
])("%j and the sender %j: %j", (patterns, sender, admitted) => {
  expect(createSenderPatterns(patterns)(sender)).toBe(admitted);
});

test("a pattern admits what a regular expression of the same meaning admits", () => {
  const letter = fc.constantFrom("a", "b", "*");
  const text = fc.array(fc.constantFrom("a", "b"), { maxLength: 8 }).map((letters) => letters.join(""));
  fc.assert(
    fc.property(fc.array(letter, { maxLength: 6 }), text, (letters, sender) => {
      const pattern = letters.join("");
      const expected = new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(sender);
      expect(createSenderPatterns([pattern])(sender)).toBe(expected);
    }),
  );
});

test("the same sender gets the same answer each time", () => {
  const maySpeak = createSenderPatterns(["a*"]);
  expect([maySpeak("abc"), maySpeak("abc"), maySpeak("abc")]).toEqual([true, true, true]);
});
