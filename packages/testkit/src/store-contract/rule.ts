import type { InboxBench } from "./inbox-bench.ts";
import type { StoreBench } from "./store-bench.ts";

interface RuleOf<Bench> {
  /** A sentence in the present tense. */
  readonly name: string;
  /** Rejects, with what was found instead, when the rule is broken. */
  check(bench: Bench): Promise<void>;
}

/** One rule of the store contract, for any store; it speaks of deliveries. */
export type StoreRule = RuleOf<StoreBench>;

/** One rule of the store contract, for any store; it speaks of inbound messages and threads. */
export type InboxRule = RuleOf<InboxBench>;
