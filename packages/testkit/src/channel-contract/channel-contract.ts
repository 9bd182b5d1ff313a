import type { ChannelConfigSchema } from "@jackfield/core";
import { abortRules } from "./rules/abort.ts";
import { declarationRules } from "./rules/declaration.ts";
import { deliveryRules } from "./rules/delivery.ts";
import { failureRules } from "./rules/failure.ts";
import { probeRules } from "./rules/probe.ts";
import { secretRules } from "./rules/secrets.ts";
import type { ContractSubject } from "./subject.ts";

/** One rule of the channel contract, as it applies to one subject. */
export interface ContractRule {
  /** A sentence in the present tense. */
  readonly name: string;
  /** Why the rule cannot be checked here; absent when it can. */
  readonly skipped?: string;
  /** Starts another side of its own, checks, and ends it. Rejects with an AssertionError that says what was found instead. */
  check(): Promise<void>;
}

/**
 * The channel contract as data, for a test runner of one's own; {@link describeChannelContract} is for vitest.
 */
export function channelContract<Config extends ChannelConfigSchema>(
  subject: ContractSubject<Config>,
): readonly ContractRule[] {
  return [
    ...declarationRules,
    ...deliveryRules,
    ...failureRules,
    ...abortRules,
    ...secretRules,
    ...probeRules,
  ].map(({ name, skip, check }) => {
    const skipped = skip?.(subject);
    return { name, ...(skipped ? { skipped } : {}), check: async () => check(subject) };
  });
}
