import type { KeyPath } from "./key-path.ts";
import type { ProblemCode } from "./problems.ts";

/** A problem before its place in the file is known. */
export interface ProblemDraft {
  readonly code: ProblemCode;
  readonly path: KeyPath;
  readonly message: string;
  readonly suggestion?: string | undefined;
  /** What of the path is to be pointed at; `table` where the key itself is not there. */
  readonly at: "key" | "value" | "table";
  /** The environment variable to name instead of a place. */
  readonly variable?: string;
}
