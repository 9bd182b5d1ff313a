import type { TrialReport } from "./trial.ts";

/** The account of a trial, as a person reads it. */
export function formatReport(title: string, report: TrialReport): string {
  const { kills, duplicates, recoveriesMs, problems } = report;
  const recoveries = recoveriesMs.toSorted((a, b) => a - b);
  const recovery = (share: number) => Math.round(recoveries[Math.ceil(share * recoveries.length) - 1] ?? 0);
  const rows: readonly (readonly [string, string | number])[] = [
    ["kills", sum(Object.values(kills))],
    ...Object.entries(kills)
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([where, count]) => [`  ${where}`, count] as const),
    ["restarts", report.restarts],
    ["accepted, and reported so", report.accepted],
    ["accepted, killed before the report", report.unreported],
    ["requests", report.requests],
    ["delivered", report.delivered],
    ["dead, with the whole budget spent", report.dead],
    ["in flight at a kill", report.interrupted],
    ["duplicates, each with its first id", sum(Object.values(duplicates))],
    ["  the first was taken, not yet recorded", duplicates.accepted],
    ["  the first was refused, not yet recorded", duplicates.refused],
    ["  the first was reset, not yet recorded", duplicates.reset],
    ["  the first was not answered yet", duplicates.unanswered],
    ["recovery from a kill, median", `${recovery(0.5)} ms`],
    ["recovery from a kill, slowest", `${recovery(1)} ms`],
    ["lost", report.lost.length],
    ["problems", problems.length],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [title, ...rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`), ...problems].join("\n");
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
