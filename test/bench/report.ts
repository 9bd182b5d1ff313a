import type { BenchmarkResult, Column, Goal } from "./benchmark.ts";

/** Makes Markdown of a result, fit to be pasted into a page. */
export function renderMarkdown({ title, columns, rows, goals, notes }: BenchmarkResult): string {
  const goalColumns: Column[] = [
    { title: "goal" },
    { title: "to reach" },
    { title: "measured", digits: 2 },
    { title: "" },
  ];
  return [
    `## ${title}`,
    renderTable(columns, rows),
    renderTable(
      goalColumns,
      goals.map((goal) => [
        goal.what,
        `${goal.bound} ${goal.target.toFixed(2)}`,
        goal.measured,
        isMet(goal) ? "met" : "**not met**",
      ]),
    ),
    notes.map((note) => `- ${note}`).join("\n"),
  ].join("\n\n");
}

/** Whether the number that was measured is on the right side of its bound. */
export function isMet({ bound, target, measured }: Goal): boolean {
  return bound === "at least" ? measured >= target : measured <= target;
}

function renderTable(columns: readonly Column[], rows: BenchmarkResult["rows"]): string {
  const cells = rows.map((row) => columns.map((column, index) => renderCell(row[index], column)));
  const table = [columns.map(({ title }) => title), ...cells];
  const widths = columns.map((_, index) => Math.max(3, ...table.map((row) => row[index]?.length ?? 0)));
  const right = (index: number) => columns[index]?.digits !== undefined;
  const lines = table.map((row) =>
    row.map((cell, index) =>
      right(index) ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
    ),
  );
  const rule = widths.map((width, index) => (right(index) ? `${"-".repeat(width - 1)}:` : "-".repeat(width)));
  return lines
    .toSpliced(1, 0, rule)
    .map((line) => `| ${line.join(" | ")} |`)
    .join("\n");
}

function renderCell(value: string | number | undefined, { digits = 0 }: Column): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
