/** A key as TOML writes it: bare where it may be, else in quotes. */
export function formatKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : formatString(key);
}

/** A value on one line of TOML; tables become inline tables. */
export function formatValue(value: unknown): string {
  if (typeof value === "string") return formatString(value);
  if (typeof value === "number") return formatNumber(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return `[${value.map(formatValue).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const pairs = Object.entries(value).filter(([, member]) => member !== undefined);
    if (pairs.length === 0) return "{}";
    return `{ ${pairs.map(([key, member]) => `${formatKey(key)} = ${formatValue(member)}`).join(", ")} }`;
  }
  return String(value);
}

/** JSON's escapes are TOML's, but for DEL, which TOML wants escaped, and lone surrogates, which neither can carry. */
function formatString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll("\u007f", "\\u007f");
}

function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  // Beyond this an integer is no longer itself; TOML's own integers end there for us.
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value);
}
