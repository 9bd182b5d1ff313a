import type { ConfigProblem } from "./problems.ts";

/** Dresses a piece of the report, such as with colours. */
export type Style = (format: "bold" | "red" | "dim" | "cyan", text: string) => string;

const windowLength = 100;

/**
 * The report of problems for people: each with its place, the line with a marker under it, and the likely fix.
 *
 * ```
 * jackfield.toml:5:1: channels.webhook.ops.maxRetires: unknown key, did you mean "maxRetries"?
 *   5 | maxRetires = 5
 *     | ^~~~~~~~~~
 * ```
 */
export function formatProblems(
  problems: readonly ConfigProblem[],
  style: Style = (_format, text) => text,
): string {
  const reports = problems.map((problem) => formatProblem(problem, style));
  return reports.length > 1 ? [...reports, `${reports.length} problems`].join("\n") : reports.join("\n");
}

function formatProblem(problem: ConfigProblem, style: Style): string {
  const suggestion = problem.suggestion === undefined ? "" : `, did you mean "${problem.suggestion}"?`;
  const about = problem.path && `${style("bold", printable(problem.path))}: `;
  const head = printable(`${problem.message}${suggestion}`);
  return [`${style("cyan", place(problem))}: ${about}${head}`, ...quote(problem, style)].join("\n");
}

function place({ file, line, column, variable }: ConfigProblem): string {
  if (line !== undefined) return printable(`${file}:${line}:${column}`);
  return printable(variable === undefined ? file : `environment variable ${variable}`);
}

function quote({ line, sourceLine, marker }: ConfigProblem, style: Style): string[] {
  if (line === undefined || sourceLine === undefined || !marker) return [];
  const { text, start, length } = cutTo(sourceLine, marker);
  const gutter = String(line);
  const before = printable(text.slice(0, start));
  const marked = printable(text.slice(start, start + length));
  const underline = `^${"~".repeat(Math.max(0, columnsOf(marked) - 1))}`;
  return [
    `${style("dim", `  ${gutter} | `)}${printable(text)}`,
    `${style("dim", `  ${" ".repeat(gutter.length)} | `)}${blank(before)}${style("red", underline)}`,
  ];
}

/** The part of a long line around its marker. */
function cutTo(line: string, marker: { readonly start: number; readonly length: number }) {
  const from = marker.start > windowLength - 20 ? marker.start - 20 : 0;
  const to = from + windowLength;
  const head = from > 0 ? "…" : "";
  return {
    text: `${head}${line.slice(from, to).toWellFormed()}${to < line.length ? "…" : ""}`,
    start: marker.start - from + head.length,
    length: Math.min(marker.length, to - marker.start),
  };
}

/** As much empty space as a text takes; tabs stay, because only the terminal knows how wide they are. */
function blank(text: string): string {
  return text.replace(/[^\t]+/g, (piece) => " ".repeat(columnsOf(piece)));
}

/** The columns that a text takes on a terminal: two for an ideograph or an emoji, none for a combining mark. */
function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (/[\p{M}\p{Cf}]/u.test(character)) continue;
    const isWide = /[\p{Emoji_Presentation}\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u;
    columns += isWide.test(character) ? 2 : 1;
  }
  return columns;
}

/** Text of the file as it may be printed: an escape sequence in a comment must not drive the terminal. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\t]|\p{Bidi_Control}/gu, "\u{fffd}");
}
