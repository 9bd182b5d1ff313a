import { httpUrl, secret } from "@jackfield/core";
import { expect, test } from "vitest";
import * as z from "zod";
import { parseValueOrReference, parseValueText } from "./value-text.ts";

const status = z.union([z.int().min(300), z.enum(["5xx"])]);

test.each([
  ["a number", z.int().default(3), "5", 5],
  ["a number with underscores", z.int(), "30_000", 30_000],
  ["a fraction", z.number(), " 0.25 ", 0.25],
  ["a text that is no number", z.int(), "five", "five"],
  ["a number with a second line", z.int(), "5\nb = 1", "5\nb = 1"],
  ["true", z.boolean(), "true", true],
  ["a text that is neither true nor false", z.boolean(), "yes", "yes"],
  ["a string that looks like a number", z.string(), "5", "5"],
  ["a string in quotes, which belong to it", z.string(), '"a"', '"a"'],
  ["a choice", z.enum(["a", "5"]).optional(), "5", "5"],
  ["a literal that is a number", z.literal(1), "1", 1],
  ["a number where a choice could stand too", status, "429", 429],
  ["a choice where a number could stand too", status, "5xx", "5xx"],
  ["an array in TOML", z.array(status), "[429, '5xx']", [429, "5xx"]],
  ["an array in JSON", z.array(z.string()), '["a", "b"]', ["a", "b"]],
  ["a text that is no array", z.array(z.string()), "a,b", "a,b"],
  ["a table in JSON", z.record(z.string(), z.string()), '{"a": "b"}', { a: "b" }],
  ["a table in TOML", z.record(z.string(), z.string()), '{ a = "b" }', { a: "b" }],
  ["the empty text", z.int(), "", ""],
])("%s is read as its schema wants it", (_title, schema, text, value) => {
  expect(parseValueText(schema, text)).toEqual(value);
});

test.each([
  ["a secret", secret()],
  ["a URL", httpUrl()],
])("%s may be given as a reference", (_title, schema) => {
  expect(parseValueOrReference(schema, '{ env = "NAME" }')).toEqual({ env: "NAME" });
});

test("an ordinary string that looks like a reference is a string", () => {
  expect(parseValueOrReference(z.string(), '{ env = "NAME" }')).toBe('{ env = "NAME" }');
});

test("a secret that begins with a brace is a secret", () => {
  expect(parseValueOrReference(secret(), "{abc")).toBe("{abc");
});
