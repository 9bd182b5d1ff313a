import type { Random } from "../clock.ts";
import { matchesStatus } from "../failure/classification.ts";
import type { Failure } from "../failure/delivery-error.ts";
import type { RetryPolicy } from "./retry-policy.ts";

/** What follows from a failed attempt. */
export type Decision =
  | { readonly action: "retry"; readonly delayMs: number }
  /** A person has to do something first; nothing is sent until then. */
  | { readonly action: "pause" }
  /** `final`: no attempt would help. `exhausted`: the budget is used up. */
  | { readonly action: "give_up"; readonly reason: "final" | "exhausted" };

/**
 * Decides what follows from a failed attempt. A pure function: the live `send()` and the durable dispatcher both obey it and
 * neither has a rule of its own.
 *
 * @param attempt how many attempts have been made, the failed one included: at least 1
 * @param random a source in [0, 1)
 */
export function decide(policy: RetryPolicy, failure: Failure, attempt: number, random: Random): Decision {
  const action = actionOf(policy, failure);
  if (action === "pause") return { action };
  if (action === "give_up") return { action, reason: "final" };
  const retry = attempt - 1;
  const budget = policy.retrySchedule?.length ?? policy.maxRetries;
  if (retry >= budget) return { action: "give_up", reason: "exhausted" };
  return { action, delayMs: retryDelay(policy, failure, retry, random) };
}

function actionOf(policy: RetryPolicy, failure: Failure): Decision["action"] {
  const { kind, status } = failure;
  if (kind === "blocked") return "give_up";
  // A status that the table does not know says nothing, so its kind has to.
  if (status !== undefined && kind !== "unknown") {
    if (matchesStatus(policy.pauseStatuses, status)) return "pause";
    return matchesStatus(policy.retryStatuses, status) ? "retry" : "give_up";
  }
  if (kind === "auth_required") return "pause";
  return kind !== "rejected" && policy.retryKinds.includes(kind) ? "retry" : "give_up";
}

function retryDelay(policy: RetryPolicy, failure: Failure, retry: number, random: Random): number {
  const { retryBaseDelayMs, retryMaxDelayMs, retryJitter, retrySchedule } = policy;
  const asked = failure.retryAfterMs;
  // A channel of somebody else's may report any number.
  if (asked !== undefined && asked >= 0 && Number.isFinite(asked)) {
    return wholeDelay(asked, policy.retryAfterMaxMs ?? retryMaxDelayMs);
  }
  const spread = 1 - retryJitter + 2 * retryJitter * random();
  const scheduled = retrySchedule?.[retry];
  if (scheduled !== undefined) return wholeDelay(scheduled * spread, scheduled * (1 + retryJitter));
  // 2^900 is beyond any cap and keeps the product finite, whatever the base: Infinity * 0 would be NaN.
  return wholeDelay(retryBaseDelayMs * 2 ** Math.min(retry, 900) * spread, retryMaxDelayMs);
}

/** An integer of at least 1; the cap comes last, so that nothing before it can pass it. */
function wholeDelay(delayMs: number, capMs: number): number {
  return Math.max(1, Math.min(Math.floor(capMs), Math.ceil(delayMs)));
}
