import * as z from "zod";
import type { StatusPattern } from "../failure/classification.ts";

/** Node's longest timer, 24.8 days: no single wait is longer. */
const longestWaitMs = 2 ** 31 - 1;

const statusPattern = z.union([
  z.int().min(300).max(599),
  z.enum(["3xx", "4xx", "5xx"]),
]) satisfies z.ZodType<StatusPattern>;

const waitMs = () => z.int().min(1).max(longestWaitMs);

/**
 * The retry fields of every channel's configuration. Spread it into the zod object of a channel:
 *
 * ```ts
 * config: z.strictObject({ ...retryFields, token: secret() })
 * ```
 */
export const retryFields = {
  maxRetries: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(3)
    .describe("Retries after the first attempt; 0 is one attempt."),
  retryBaseDelayMs: waitMs()
    .default(500)
    .describe("The wait before the first retry, in milliseconds; it doubles with each further one."),
  retryMaxDelayMs: waitMs()
    .default(30_000)
    .describe("The cap: no wait is ever longer, in milliseconds, at any attempt."),
  retryJitter: z
    .number()
    .min(0)
    .max(1)
    .default(0.25)
    .describe("How far a wait is spread at random, as a share of it: 0.25 is from 75 % to 125 %."),
  retryAfterMaxMs: waitMs()
    .optional()
    .describe(
      "The longest Retry-After that is honoured, in milliseconds; a longer one is cut to it. Unset: retryMaxDelayMs.",
    ),
  retrySchedule: z
    .array(waitMs())
    .min(1)
    .max(1000)
    .optional()
    .describe(
      "Explicit waits in milliseconds, one for each retry, instead of maxRetries, base and cap; the jitter still applies.",
    ),
  retryStatuses: z
    .array(statusPattern)
    .default([408, 425, 429, "5xx"])
    .describe('The statuses that are retried: numbers, or a class such as "5xx".'),
  pauseStatuses: z
    .array(statusPattern)
    .default([401, 402, 403])
    .describe(
      "The statuses that wait for a person: a durable delivery pauses, a direct one ends. They go before retryStatuses.",
    ),
  retryKinds: z
    .array(z.enum(["rate_limited", "server_error", "timeout", "network", "unknown"]))
    .default(["rate_limited", "server_error", "timeout", "network", "unknown"])
    .describe("The kinds of failure without a status that are retried."),
};

const retryPolicySchema = z.object(retryFields);

/** When and how often a failed attempt is tried again: the parsed {@link retryFields}. */
export type RetryPolicy = z.output<typeof retryPolicySchema>;

/** A policy from a few of its fields, the others at their defaults; or the policy part of a channel's whole configuration. */
export function createRetryPolicy(fields: z.input<typeof retryPolicySchema> = {}): RetryPolicy {
  return retryPolicySchema.parse(fields);
}
