import * as z from "zod";

const milliseconds = () =>
  z
    .int()
    .min(1)
    .max(2 ** 31 - 1);

/** The fields of the configuration of every channel that can receive: who may speak, how fast, and what happens to who speaks while the agent is busy. */
export const receiveFields = {
  allowSenders: z
    .array(z.string().min(1))
    .optional()
    .describe(
      'Who may speak: names, or patterns in which * stands for any characters, such as "*@example.com". Unset: whoever the verified request names; [] admits nobody.',
    ),
  threadRateLimit: z
    .int()
    .min(0)
    .max(100_000)
    .default(10)
    .describe("The most messages of one thread in any threadRateWindowMs; 0 is no limit."),
  threadRateWindowMs: milliseconds()
    .default(10_000)
    .describe("The sliding window of threadRateLimit, in milliseconds."),
  concurrency: z
    .enum(["queue", "debounce", "drop", "parallel"])
    .default("queue")
    .describe(
      "What happens to a message while the agent is busy with its thread: it waits; it is merged with others into one turn; it is dropped, and the next turn is told; or it has its turn at once.",
    ),
  debounceMs: milliseconds()
    .default(1500)
    .describe(
      'How long a thread has to be quiet before its messages are merged into one turn, in milliseconds; for concurrency = "debounce".',
    ),
};

const threadPolicySchema = z.object(receiveFields);

/** What holds for the threads of a channel: the parsed {@link receiveFields}. */
export type ThreadPolicy = z.output<typeof threadPolicySchema>;

/** A policy from a few of its fields, the others at their defaults; or the policy part of a channel's whole configuration. */
export function createThreadPolicy(fields: z.input<typeof threadPolicySchema> = {}): ThreadPolicy {
  return threadPolicySchema.parse(fields);
}
