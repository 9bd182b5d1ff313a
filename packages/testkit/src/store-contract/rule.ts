import type { StoreBench } from "./store-bench.ts";

/** One rule of the store contract, for any store. */
export interface StoreRule {
  /** A sentence in the present tense. */
  readonly name: string;
  /** Rejects, with what was found instead, when the rule is broken. */
  check(bench: StoreBench): Promise<void>;
}
