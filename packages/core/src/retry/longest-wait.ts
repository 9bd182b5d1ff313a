import type { RetryPolicy } from "./retry-policy.ts";

/** The longest wait that {@link decide} can come to under a policy, in milliseconds. */
export function longestWaitMs(policy: RetryPolicy): number {
  const { retryMaxDelayMs, retryAfterMaxMs = retryMaxDelayMs, retrySchedule, retryJitter } = policy;
  const backoff = retrySchedule
    ? Math.floor(Math.max(...retrySchedule) * (1 + retryJitter))
    : retryMaxDelayMs;
  return Math.max(backoff, retryAfterMaxMs);
}
