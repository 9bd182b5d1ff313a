import { expect, test } from "vitest";
import { duration, printable, size, table } from "./terminal.ts";

test("an escape sequence or a change of direction in foreign text is not passed on to the terminal", () => {
  expect(printable("red \u001b[31m\u202egnp\u0007\r\nend\t.")).toBe(
    "red \ufffd[31m\ufffdgnp\ufffd\ufffd\nend\t.",
  );
});

test.each([
  [0, "0 ms"],
  [999.4, "999 ms"],
  [1500, "1.5 s"],
  [119_000, "119 s"],
  [120_000, "2 min"],
  [7_200_000, "2 h"],
])("%d ms are shown as %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [49_152, "48 KiB"],
  [1_572_864, "1.5 MiB"],
  [5 * 2 ** 40, "5120 GiB"],
])("%d bytes are shown as %s", (bytes, text) => {
  expect(size(bytes)).toBe(text);
});

test("columns are as wide as their widest cell, and no line ends in spaces", () => {
  expect(
    table([
      ["A", "B"],
      ["long", ""],
    ]),
  ).toBe("A     B\nlong");
});
