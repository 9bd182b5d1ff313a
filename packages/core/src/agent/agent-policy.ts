import * as z from "zod";
import { createRetryPolicy, type RetryPolicy } from "../retry/retry-policy.ts";

/** The fields of `[agent]` that say how its turns are run, besides the retry fields. */
export const turnFields = {
  turnTimeoutMs: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .default(120_000)
    .describe("The longest that a turn may take, in milliseconds; then it is aborted, and counts as failed."),
  maxConcurrentTurns: z
    .int()
    .min(1)
    .max(10_000)
    .default(16)
    .describe("The most turns at the same time, over all threads."),
};

const turnPolicySchema = z.object(turnFields);

/** How turns are run: the parsed {@link turnFields}, and the policy by which failed ones are run again. */
export interface TurnPolicy extends z.output<typeof turnPolicySchema> {
  readonly retry: RetryPolicy;
}

/** A policy from a few of its fields, the others at their defaults. */
export function createTurnPolicy(
  fields: z.input<typeof turnPolicySchema> & Parameters<typeof createRetryPolicy>[0] = {},
): TurnPolicy {
  return { ...turnPolicySchema.parse(fields), retry: createRetryPolicy(fields) };
}
