import { expect, test } from "vitest";
import { isJackfieldError, JackfieldError } from "./error.ts";

test("an error has its code, its message and its cause", () => {
  const cause = new Error("ENOENT");
  const error = new JackfieldError("CONFIG_NOT_FOUND", "there is no jackfield.toml", { cause });
  expect(error).toMatchObject({
    name: "JackfieldError",
    code: "CONFIG_NOT_FOUND",
    message: "there is no jackfield.toml",
  });
  expect(error.cause).toBe(cause);
});

test("an error of ours is known as one, and so is that of a subclass", () => {
  class StoreError extends JackfieldError {}
  expect(isJackfieldError(new JackfieldError("A", "a"))).toBe(true);
  expect(isJackfieldError(new StoreError("A", "a"))).toBe(true);
});

test("an error of another copy of the package is known as one of ours", () => {
  class TheirError extends Error {
    readonly code = "THEIRS";

    constructor() {
      super("theirs");
      Object.defineProperty(this, Symbol.for("jackfield.error"), { value: true });
    }
  }
  const theirs = new TheirError();
  expect(theirs).not.toBeInstanceOf(JackfieldError);
  expect(isJackfieldError(theirs)).toBe(true);
});

test.each([
  ["a foreign Error with a code", Object.assign(new Error("no"), { code: "ENOENT" })],
  ["an object with the brand", { [Symbol.for("jackfield.error")]: true }],
  ["a string", "no"],
  ["null", null],
])("%s is none", (_, value) => {
  expect(isJackfieldError(value)).toBe(false);
});

test("the brand is not shown", () => {
  const error = new JackfieldError("A", "a");
  expect(Object.getOwnPropertySymbols(error).map((symbol) => symbol.description)).toEqual([
    "jackfield.error",
  ]);
  expect(Object.keys(error).sort()).toEqual(["code", "name"]);
});
