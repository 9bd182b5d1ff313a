import { styleText } from "node:util";

/** Where a verb writes to: data to stdout, everything else to stderr. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Dresses text for stderr. */
  readonly style: Style;
  /** Dresses text for stdout. */
  readonly styleOut: Style;
}

/** Colours where the stream takes them, plain text elsewhere: a file or a pipe gets no escape sequences. */
export type Style = (format: "bold" | "dim" | "green" | "red" | "yellow" | "cyan", text: string) => string;

/** The process's own streams. */
export const processTerminal: Terminal = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  style: (format, text) => styleText(format, text, { stream: process.stderr }),
  styleOut: (format, text) => styleText(format, text, { stream: process.stdout }),
};

/** Text from outside as it may be printed: an escape sequence in a message must not drive the terminal. */
export function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, "\u{fffd}");
}

/** A duration for people: 350 ms, 1.5 s, 2 min. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Number((ms / 1000).toFixed(1))} s`;
  if (ms < 7_200_000) return `${Number((ms / 60_000).toFixed(1))} min`;
  return `${Number((ms / 3_600_000).toFixed(1))} h`;
}

/** A size for people: 48 KiB, 1.5 MiB. */
export function size(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power]}`;
}

/** Columns that are as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** A moment as it is printed. */
export function iso(at: number): string;
export function iso(at: number | undefined): string | undefined;
export function iso(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString();
}

/** One line of a text, as long as a table bears. */
export function shortened(text: string): string {
  const line = printable(text).replace(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
