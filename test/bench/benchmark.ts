/** How long a benchmark may take: `quick` shows that it works, `full` gives numbers to publish. */
export type Effort = "quick" | "full";

export interface Column {
  readonly title: string;
  /** Digits behind the decimal point, where the column holds numbers. */
  readonly digits?: number;
}

/** A number that was to be reached, and whether it was. */
export interface Goal {
  readonly what: string;
  readonly bound: "at least" | "at most";
  readonly target: number;
  readonly measured: number;
}

/** What a benchmark found, in numbers: how they look is left to the report. */
export interface BenchmarkResult {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly (string | number | undefined)[])[];
  readonly goals: readonly Goal[];
  /** Sentences that a reader needs in order to judge the numbers. */
  readonly notes: readonly string[];
}

/** One file of this folder: a thing that is measured, under the name that selects it on the command line. */
export interface Benchmark {
  readonly name: string;
  /** @param progress is told, in a few words, what is being measured now */
  run(effort: Effort, progress: (text: string) => void): Promise<BenchmarkResult>;
}
