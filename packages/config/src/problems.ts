import { JackfieldError } from "@jackfield/core";
import { formatProblems } from "./format-problems.ts";

/** The kinds of problems, for programs. */
export const problemCodes = [
  "file_missing",
  "file_is_directory",
  "file_unreadable",
  "file_not_utf8",
  "toml_syntax",
  "unknown_key",
  "missing_key",
  "invalid_value",
  "unresolved_reference",
  "invalid_override",
] as const;
export type ProblemCode = (typeof problemCodes)[number];

/** One thing that is wrong with a configuration, and where. It carries no secret. */
export interface ConfigProblem {
  readonly code: ProblemCode;
  /** The key that it is about, such as `channels.webhook.ops.maxRetries`; empty where it is about the whole file. */
  readonly path: string;
  /** What is wrong, without the path. */
  readonly message: string;
  /** The key, value or variable that was probably meant. */
  readonly suggestion?: string;
  /** The file, as it was named. */
  readonly file: string;
  /** 1 for the first line; absent where the problem is not at a place in the file. */
  readonly line?: number;
  /** 1 for the first character; counts UTF-16 code units, as editors do. */
  readonly column?: number;
  /** The line, with secrets and URLs hidden. */
  readonly sourceLine?: string;
  /** What of `sourceLine` is meant: an offset and a length. */
  readonly marker?: { readonly start: number; readonly length: number };
  /** The environment variable that the value came from. */
  readonly variable?: string;
}

/** A configuration that cannot be used: every problem that it has. Its message is the whole report. */
export class ConfigError extends JackfieldError {
  override readonly name = "ConfigError";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[], options?: { cause?: unknown }) {
    super("CONFIG_INVALID", formatProblems(problems), options);
    this.problems = problems;
  }
}
