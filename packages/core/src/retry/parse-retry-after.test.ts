import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseRetryAfter } from "./parse-retry-after.ts";

const now = Date.UTC(2026, 10, 22, 12, 0, 0);
const oneYearMs = 365 * 24 * 60 * 60 * 1000;

test.each([
  ["0", 0],
  ["5", 5_000],
  ["0120", 120_000],
  ["1.5", 1_500],
  ["0.0001", 1],
  ["1.0011", 1_002],
  [" \t7 \t", 7_000],
  ["31536000", oneYearMs],
])("seconds: %j is %d ms", (header, waitMs) => {
  expect(parseRetryAfter(header, now)).toBe(waitMs);
});

test.each([
  ["IMF-fixdate", "Sun, 22 Nov 2026 12:00:30 GMT", 30_000],
  ["RFC 850", "Sunday, 22-Nov-26 12:00:30 GMT", 30_000],
  ["asctime", "Sun Nov 22 12:00:30 2026", 30_000],
  ["asctime with a one-digit day", "Tue Dec  1 12:00:00 2026", 9 * 24 * 60 * 60 * 1000],
  ["a leap second", "Sun, 22 Nov 2026 12:00:60 GMT", 60_000],
  ["this very moment", "Sun, 22 Nov 2026 12:00:00 GMT", 0],
  ["a past IMF-fixdate", "Sun, 06 Nov 1994 08:49:37 GMT", 0],
  ["a past RFC 850 date", "Sunday, 06-Nov-94 08:49:37 GMT", 0],
  ["a past asctime date", "Sun Nov  6 08:49:37 1994", 0],
  ["exactly a year ahead", "Mon, 22 Nov 2027 12:00:00 GMT", oneYearMs],
  ["a second more than a year ahead", "Mon, 22 Nov 2027 12:00:01 GMT", undefined],
  ["the year 9999", "Fri, 31 Dec 9999 23:59:59 GMT", undefined],
])("dates: %s", (_, header, waitMs) => {
  expect(parseRetryAfter(header, now)).toBe(waitMs);
});

test("a date is counted from a moment within a millisecond", () => {
  expect(parseRetryAfter("Sun, 22 Nov 2026 12:00:01 GMT", now + 0.25)).toBe(1_000);
});

test("a leap day exists in a leap year only", () => {
  const january2028 = Date.UTC(2028, 0, 1);
  expect(parseRetryAfter("Tue, 29 Feb 2028 00:00:00 GMT", january2028)).toBe(59 * 24 * 60 * 60 * 1000);
  expect(parseRetryAfter("Wed, 29 Feb 2028 00:00:00 GMT", now - oneYearMs)).toBeUndefined();
  expect(parseRetryAfter("Mon, 29 Feb 2027 00:00:00 GMT", now)).toBeUndefined();
});

// The sign of the answer tells the century: a past date is 0, and one that is decades ahead is as if absent.
test.each([
  ["27, which is next year", "Friday, 01-Jan-27 00:00:00 GMT", 39.5 * 24 * 60 * 60 * 1000],
  ["75, which is 49 years ahead", "Friday, 22-Nov-75 12:00:00 GMT", undefined],
  ["76 on the day that is 50 years ahead", "Sunday, 22-Nov-76 12:00:00 GMT", undefined],
  ["76 on a day that is more than 50 years ahead, which is 1976", "Friday, 31-Dec-76 00:00:00 GMT", 0],
  ["77, which is 1977", "Tuesday, 22-Nov-77 12:00:00 GMT", 0],
  ["99, which is 1999", "Monday, 22-Nov-99 12:00:00 GMT", 0],
])("RFC 850: the year %s", (_, header, waitMs) => {
  expect(parseRetryAfter(header, now)).toBe(waitMs);
});

test("RFC 850: the year 00 at the end of a century is the next one", () => {
  const lastSecondsOf2099 = Date.UTC(2099, 11, 31, 23, 59, 50);
  expect(parseRetryAfter("Friday, 01-Jan-00 00:00:00 GMT", lastSecondsOf2099)).toBe(10_000);
});

test.each([
  "",
  " ",
  "abc",
  "-1",
  "+1",
  "1e3",
  "Infinity",
  "inf",
  "NaN",
  "1e20",
  "5.abc",
  "5.",
  ".5",
  "0x10",
  "5s",
  "5 6",
  "5, 10",
  "5\n",
  "٥",
  "99999999999999",
  "31536000.001",
  "2026-11-22T12:00:30Z",
  "Sun, 22 Nov 2026 12:00:30 UTC",
  "Sun, 22 Nov 2026 12:00:30 gmt",
  "Sun, 22 Nov 2026 12:00:30",
  "Sun, 22 Nov 2026 24:00:00 GMT",
  "Sun, 22 Nov 2026 12:60:00 GMT",
  "Sun, 22 Nov 2026 12:00:61 GMT",
  "Tue, 31 Nov 2026 12:00:30 GMT",
  "Mon, 00 Dec 2026 12:00:30 GMT",
  "Sun, 1 Dec 2026 12:00:30 GMT",
  "Sun, 22 Nov 26 12:00:30 GMT",
  "Sunday, 22-Nov-2026 12:00:30 GMT",
])("malformed or absurd: %j is as if absent", (header) => {
  expect(parseRetryAfter(header, now)).toBeUndefined();
});

test("a number beyond every number is as if absent", () => {
  expect(parseRetryAfter("1".repeat(400), now)).toBeUndefined();
});

test.each([
  ["no header", undefined],
  ["null", null],
  ["two headers", ["5", "10"]],
  ["two equal headers", ["5", "5"]],
])("%s: there is no wait", (_, header) => {
  expect(parseRetryAfter(header, now)).toBeUndefined();
});

test("16 KiB of blanks inside a header, the most that an HTTP client lets in, take no time", () => {
  const started = performance.now();
  parseRetryAfter(`a${" ".repeat(16_384)}a`, now);
  expect(performance.now() - started).toBeLessThan(50);
});

const numberLike = fc.oneof(
  fc.nat(99).map((n) => String(n).padStart(2, "0")),
  fc.nat(9999).map(String),
  fc.constantFrom(" 1", "00", "60", "99", "-1", "1e3", "9999", "0000"),
);
const dateLike = fc
  .array(
    fc.oneof(
      numberLike,
      fc.constantFrom("Sun", "Monday", "Fri", "Jan", "Feb", "Nov", "Dec", "GMT", "UTC", "T", "Z"),
      fc.constantFrom(", ", " ", "  ", "-", ":", ".", "e", "+"),
    ),
    { maxLength: 16 },
  )
  .map((parts) => parts.join(""));
/** Well-formed in all but the values of its numbers. */
const almostDate = fc
  .tuple(
    numberLike,
    fc.constantFrom("Jan", "Feb", "Jun", "Dec"),
    numberLike,
    numberLike,
    numberLike,
    numberLike,
  )
  .chain(([day, month, year, hour, minute, second]) =>
    fc.constantFrom(
      `Mon, ${day} ${month} ${year} ${hour}:${minute}:${second} GMT`,
      `Monday, ${day}-${month}-${year} ${hour}:${minute}:${second} GMT`,
      `Mon ${month} ${day} ${hour}:${minute}:${second} ${year}`,
    ),
  );
const anyHeader = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.double().map(String),
  fc.tuple(fc.bigInt({ min: 0n }), fc.nat()).map(([whole, part]) => `${whole}.${part}`),
  dateLike,
  almostDate,
);

test("whatever the string, the answer is undefined or whole milliseconds from 0 to a year", () => {
  const anyMoment = fc.integer({ min: 0, max: Date.UTC(2200, 0) });
  fc.assert(
    fc.property(anyHeader, anyMoment, (header, at) => {
      const waitMs = parseRetryAfter(header, at);
      if (waitMs === undefined) return;
      expect(Number.isInteger(waitMs)).toBe(true);
      expect(waitMs).toBeGreaterThanOrEqual(0);
      expect(waitMs).toBeLessThanOrEqual(oneYearMs);
    }),
    { numRuns: 3_000 },
  );
});

test("every moment of the year ahead is read back from all three forms of a date", () => {
  const seconds = fc.integer({ min: 0, max: oneYearMs / 1000 });
  fc.assert(
    fc.property(seconds, (inSeconds) => {
      const date = new Date(now + inSeconds * 1000);
      const imf = date.toUTCString();
      const [day = "", month = "", year = "", time = ""] = imf.slice(5).split(" ");
      const rfc850 = `Monday, ${day}-${month}-${year.slice(2)} ${time} GMT`;
      const asctime = `Mon ${month} ${String(Number(day)).padStart(2, " ")} ${time} ${year}`;
      expect([imf, rfc850, asctime].map((header) => parseRetryAfter(header, now))).toEqual(
        Array(3).fill(inSeconds * 1000),
      );
    }),
    { numRuns: 500 },
  );
});
