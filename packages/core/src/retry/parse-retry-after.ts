/** A wait beyond this is taken for a mistake of the sender, not for a wish: 365 days. */
const longestSaneMs = 365 * 24 * 60 * 60 * 1000;

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const month = `(?<month>${months.join("|")})`;
const time = "(?<hour>\\d{2}):(?<minute>\\d{2}):(?<second>\\d{2})";
const shortDay = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const longDay = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day";

/** The three forms of an HTTP-date, RFC 9110 section 5.6.7. */
const dateForms = [
  new RegExp(`^${shortDay}, (?<day>\\d{2}) ${month} (?<year>\\d{4}) ${time} GMT$`), // IMF-fixdate
  new RegExp(`^${longDay}, (?<day>\\d{2})-${month}-(?<year>\\d{2}) ${time} GMT$`), // RFC 850
  new RegExp(`^${shortDay} ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`), // asctime
];

/**
 * Reads a `Retry-After` header (RFC 9110 section 10.2.3).
 *
 * Accepts seconds, also with a decimal fraction, and an HTTP-date in any of its three forms. A past date is 0. Whatever is
 * malformed, negative, sent more than once, or further away than a year is as if it were absent.
 *
 * @param now milliseconds since the epoch
 * @returns the wait in whole milliseconds, rounded up, or undefined. It never throws.
 */
export function parseRetryAfter(
  header: string | readonly string[] | null | undefined,
  now: number,
): number | undefined {
  if (typeof header !== "string") return undefined;
  // One expression for blank, value, blank would take quadratic time; "trim" alone would take line ends for blanks.
  if (/[^\t\x20-\x7e]/.test(header)) return undefined;
  const value = header.trim();
  const wait = /^\d+(\.\d+)?$/.test(value)
    ? Math.ceil(Number(value) * 1000)
    : waitUntil(parseHttpDate(value, now), now);
  return wait !== undefined && wait <= longestSaneMs ? wait : undefined;
}

function waitUntil(date: number | undefined, now: number): number | undefined {
  return date === undefined ? undefined : Math.max(0, Math.ceil(date - now));
}

function parseHttpDate(value: string, now: number): number | undefined {
  for (const form of dateForms) {
    const parts = form.exec(value)?.groups;
    if (!parts) continue;
    const [day, hour, minute, second] = [parts.day, parts.hour, parts.minute, parts.second].map(Number) as [
      number,
      number,
      number,
      number,
    ];
    const monthIndex = months.indexOf(parts.month ?? "");
    const dateIn = (year: number) => Date.UTC(year, monthIndex, day, hour, minute, second);
    const year = parts.year?.length === 2 ? fullYear(Number(parts.year), dateIn, now) : Number(parts.year);
    // Date.UTC rolls 31 February over into March; second 60 is a leap second and allowed.
    const isReal = new Date(Date.UTC(year, monthIndex, day)).getUTCDate() === day;
    return isReal && hour < 24 && minute < 60 && second <= 60 ? dateIn(year) : undefined;
  }
  return undefined;
}

/**
 * RFC 9110: a date with a two-digit year that appears to be more than 50 years ahead is in the latest past year with those
 * digits; so is, near the end of a century, one that appears to be more than 50 years ago in the next one.
 */
function fullYear(twoDigits: number, dateIn: (year: number) => number, now: number): number {
  const today = new Date(now);
  const inFiftyYears = new Date(now).setUTCFullYear(today.getUTCFullYear() + 50);
  const fiftyYearsAgo = new Date(now).setUTCFullYear(today.getUTCFullYear() - 50);
  const year = today.getUTCFullYear() - (today.getUTCFullYear() % 100) + twoDigits;
  if (dateIn(year) > inFiftyYears) return year - 100;
  return dateIn(year) < fiftyYearsAgo ? year + 100 : year;
}
