import { expect, test } from "vitest";
import { formatProblems } from "./format-problems.ts";
import type { ConfigProblem } from "./problems.ts";
import { errorOf, minimal } from "./test-support.ts";

const problem: ConfigProblem = {
  code: "unknown_key",
  path: "channels.pager.ops.maxRetires",
  message: "unknown key",
  suggestion: "maxRetries",
  file: "jackfield.toml",
  line: 12,
  column: 1,
  sourceLine: "maxRetires = 5",
  marker: { start: 0, length: 10 },
};

test("a problem has its place, its path, the likely fix, and the line with a marker under it", () => {
  expect(formatProblems([problem])).toBe(
    `jackfield.toml:12:1: channels.pager.ops.maxRetires: unknown key, did you mean "maxRetries"?
  12 | maxRetires = 5
     | ^~~~~~~~~~`,
  );
});

test("several problems end with their number", () => {
  expect(formatProblems([problem, problem]).split("\n").at(-1)).toBe("2 problems");
});

test("a problem of a variable is named by the variable", () => {
  const { line, column, sourceLine, marker, suggestion, ...rest } = problem;
  expect(formatProblems([{ ...rest, variable: "JACKFIELD_A__B" }])).toBe(
    "environment variable JACKFIELD_A__B: channels.pager.ops.maxRetires: unknown key",
  );
});

test("a problem of the whole file is named by the file", () => {
  expect(
    formatProblems([{ code: "file_missing", path: "", message: "does not exist", file: "a.toml" }]),
  ).toBe("a.toml: does not exist");
});

function underlineOf(sourceLine: string, start: number, length: number): string | undefined {
  return formatProblems([{ ...problem, sourceLine, marker: { start, length } }])
    .split("\n")
    .at(-1);
}

test("tabs before the marker stay tabs", () => {
  expect(underlineOf("\tlabel = 5", 9, 1)).toBe("     | \t        ^");
});

test("ideographs and emoji take two columns, combining marks none", () => {
  expect(underlineOf('a = "電🔔e\u0301" x', 11, 1)).toBe("     |            ^");
});

test("a long line is cut around its marker", () => {
  const report = formatProblems([
    { ...problem, sourceLine: `${"a".repeat(500)}XYZ${"b".repeat(500)}`, marker: { start: 500, length: 3 } },
  ]);
  const [, quoted, underline] = report.split("\n");
  expect(quoted).toBe(`  12 | …${"a".repeat(20)}XYZ${"b".repeat(77)}…`);
  expect(underline).toBe(`     | ${" ".repeat(21)}^~~`);
});

test("a control character of the file does not reach the terminal", () => {
  expect(formatProblems([{ ...problem, sourceLine: "\u001b[31m\u202e = 5" }])).toContain(
    "12 | \ufffd[31m\ufffd = 5",
  );
});

test("the pieces of the report can be dressed", () => {
  const report = formatProblems([problem], (format, text) => `<${format}>${text}</${format}>`);
  expect(report).toContain("<cyan>jackfield.toml:12:1</cyan>: <bold>channels.pager.ops.maxRetires</bold>:");
  expect(report).toContain("<red>^~~~~~~~~~</red>");
});

test("the message of the error is the whole report", async () => {
  const error = await errorOf(`${minimal}a = 1\nb = 2\n`);
  expect(error.message).toBe(formatProblems(error.problems));
  expect(error.code).toBe("CONFIG_INVALID");
});
