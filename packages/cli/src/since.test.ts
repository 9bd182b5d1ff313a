import { expect, test } from "vitest";
import { parseLength, parseMoment } from "./since.ts";

test.each([
  ["0s", 0],
  ["1.5s", 1500],
  ["30m", 1_800_000],
  ["12h", 43_200_000],
  ["7d", 604_800_000],
  [" 2w ", 1_209_600_000],
])("%s is %i milliseconds", (text, ms) => {
  expect(parseLength(text)).toBe(ms);
});

test.each(["", "7", "d", "-1d", "1e3s", "7 days", "Infinitys"])('"%s" is no length of time', (text) => {
  expect(() => parseLength(text)).toThrow("write it like 30m, 12h or 7d");
});

test("a date is the moment that it names, and a length of time is so long ago", () => {
  expect(parseMoment("2026-11-22T08:00:00Z")).toBe(Date.UTC(2026, 10, 22, 8));
  expect(Math.abs(Date.now() - 7_200_000 - parseMoment("2h"))).toBeLessThan(1000);
});

test("what is neither is refused with both forms", () => {
  expect(() => parseMoment("soon")).toThrow("write a date such as 2026-11-22, or so long ago as 2h");
});
