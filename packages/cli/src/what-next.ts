import { type Delivery, type Outbox, suspensionsIn, suspensionText } from "@jackfield/core";
import { duration } from "./terminal.ts";

/** What a delivery's future depends on beside its own state. */
export interface Surroundings {
  /** Why its channel is suspended, where it is. */
  readonly suspendedBecause?: string | undefined;
  /** Another process dispatches the store. */
  readonly isDispatchedElsewhere?: boolean;
}

/** Why a channel is suspended; undefined where it is not. */
export async function suspensionOf(outbox: Outbox, channel: string): Promise<string | undefined> {
  return (await suspensionsIn(outbox)).find((suspension) => suspension.channel === channel)?.reason;
}

/** What happens next with a delivery, and when, or what a person can do: one sentence. */
export function whatNext(
  { id, channel, state, dueAt, orderingKey, receipt, updatedAt }: Delivery,
  { suspendedBecause, isDispatchedElsewhere = false }: Surroundings,
): string {
  switch (state) {
    case "queued":
    case "retrying": {
      if (suspendedBecause !== undefined) return suspensionText(channel, suspendedBecause);
      if (dueAt === undefined)
        return `It waits until an earlier message of its thread (${orderingKey}) is through.`;
      const inMs = dueAt - Date.now();
      const when = inMs <= 0 ? "due now" : `due at ${new Date(dueAt).toISOString()}, in ${duration(inMs)}`;
      const who = isDispatchedElsewhere ? "the process that dispatches this store" : '"jackfield run"';
      return `The next attempt is ${when}: ${who} makes it.`;
    }
    case "sending":
      return "An attempt is under way.";
    case "paused":
      if (suspendedBecause !== undefined) return suspensionText(channel, suspendedBecause);
      return `It waits for a person: mend the cause, then "jackfield deliveries resume ${id}".`;
    case "delivered":
      return `Delivered at ${new Date(updatedAt).toISOString()}${receipt?.duplicate ? "; the receiver had it already" : ""}.`;
    case "dead":
      return `Given up. "jackfield deliveries redeliver ${id}" tries again, with a fresh budget.`;
    case "cancelled":
    case "expired":
      return `It was ${state} at ${new Date(updatedAt).toISOString()}. "jackfield deliveries redeliver ${id}" sends it all the same.`;
  }
}
