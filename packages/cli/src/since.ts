import { InvalidArgumentError } from "commander";

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** A length of time such as `30m` or `7d`, in milliseconds. */
export function parseLength(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text.trim());
  if (!match) throw new InvalidArgumentError(`"${text}" is no length of time: write it like 30m, 12h or 7d.`);
  return Number(match[1]) * units[match[2] as keyof typeof units];
}

/** A moment: so long ago (`2h`) or a date (`2026-11-22`, `2026-11-22T08:00:00Z`), in milliseconds since the epoch. */
export function parseMoment(text: string): number {
  if (/^\d+(\.\d+)?[smhdw]$/.test(text.trim())) return Date.now() - parseLength(text);
  const date = Date.parse(text);
  if (Number.isNaN(date)) {
    throw new InvalidArgumentError(
      `"${text}" is no moment: write a date such as 2026-11-22, or so long ago as 2h.`,
    );
  }
  return date;
}
