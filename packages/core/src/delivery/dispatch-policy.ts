import * as z from "zod";

/**
 * The fields of every channel's configuration that say how its deliveries are dispatched. They apply to durable deliveries; a
 * direct send has nothing to dispatch.
 */
export const dispatchFields = {
  maxConcurrency: z.int().min(1).max(10_000).default(32).describe("The most attempts at the same time."),
  ratePerSecond: z
    .number()
    .positive()
    .max(1_000_000)
    .optional()
    .describe("The most attempts in any second; 0.2 is one in five seconds. Unset: no limit."),
  ordering: z
    .enum(["thread", "channel", "none"])
    .default("thread")
    .describe("What goes first in, first out: the messages of a thread, all of the channel, or nothing."),
  expiresInMs: z
    .int()
    .min(1)
    .optional()
    .describe(
      "After how long a message that was not delivered is too old to be sent, in milliseconds. Unset: never.",
    ),
  circuitFailures: z
    .int()
    .min(0)
    .default(10)
    .describe("How many of the endpoint's own failures in a row stop the channel for a while; 0 never does."),
  circuitResetMs: z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .default(30_000)
    .describe("How long the channel is stopped before one attempt probes the endpoint, in milliseconds."),
  suspendAfter: z
    .int()
    .min(0)
    .default(3)
    .describe("How many deliveries in a row that wait for a person suspend the whole channel; 0 never does."),
};

const dispatchPolicySchema = z.object(dispatchFields);

/** How a channel's deliveries are dispatched: the parsed {@link dispatchFields}. */
export type DispatchPolicy = z.output<typeof dispatchPolicySchema>;

/** A policy from a few of its fields, the others at their defaults. */
export function createDispatchPolicy(fields: z.input<typeof dispatchPolicySchema> = {}): DispatchPolicy {
  return dispatchPolicySchema.parse(fields);
}
