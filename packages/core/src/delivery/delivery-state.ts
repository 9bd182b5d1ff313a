/**
 * The life of a delivery.
 *
 * An accepted message is `queued`: it waits for its turn, because its channel is busy or because an earlier message of its
 * thread is not through yet. The dispatcher claims it, and it is `sending` while a request is under way. A claim has a lease;
 * when that lapses (the process died, or was stopped for too long) the delivery is claimed again, and the earlier attempt may have arrived.
 *
 * The attempt ends in one of four ways. It is `delivered`. It is `retrying`: the next attempt is due at a known time. It is
 * `paused`: a person has to do something first, such as renew a credential, and nothing is sent until it is resumed. Or it is
 * `dead`: given up, kept with every attempt, a dead letter. A claim that is given back unused, because the process shuts down or the
 * channel's circuit is open, leaves the delivery as it was before, with no attempt spent.
 *
 * A person can `resume` what is paused, `redeliver` what has ended (a dead letter with a fresh budget; what was delivered
 * or waits only by force), and `cancel` what has not ended and is not under way. A message with a time limit is `expired` when its time comes
 * before its turn; it is never sent late.
 *
 * `delivered`, `dead`, `cancelled` and `expired` are ends: the next message of the thread may go. `paused` is not: it holds
 * its thread until a person decides.
 */
export const deliveryStates = [
  "queued",
  "sending",
  "retrying",
  "paused",
  "delivered",
  "dead",
  "cancelled",
  "expired",
] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** What can happen to a delivery, and from which state it leads into which. Nothing else is possible. */
const transitions = {
  claim: { from: ["queued", "retrying", "sending"], to: "sending" },
  deliver: { from: ["sending"], to: "delivered" },
  retry: { from: ["sending"], to: "retrying" },
  pause: { from: ["sending"], to: "paused" },
  give_up: { from: ["sending"], to: "dead" },
  // Or back to "retrying", where attempts have been made.
  release: { from: ["sending"], to: "queued" },
  expire: { from: ["queued", "retrying", "paused", "sending"], to: "expired" },
  resume: { from: ["paused"], to: "queued" },
  cancel: { from: ["queued", "retrying", "paused"], to: "cancelled" },
  redeliver: { from: ["dead", "cancelled", "expired"], to: "queued" },
  force_redeliver: {
    from: ["dead", "cancelled", "expired", "delivered", "paused", "queued", "retrying"],
    to: "queued",
  },
} as const satisfies Record<string, { from: readonly DeliveryState[]; to: DeliveryState }>;

export type DeliveryEvent = keyof typeof transitions;

/** The states in which an event may happen. */
export function statesBefore(event: DeliveryEvent): readonly DeliveryState[] {
  return transitions[event].from;
}

/** The state that an event leads into. */
export function stateAfter(event: DeliveryEvent): DeliveryState {
  return transitions[event].to;
}

/** Whether an event may happen in a state. */
export function canHappen(event: DeliveryEvent, state: DeliveryState): boolean {
  return statesBefore(event).includes(state);
}

const ends: readonly DeliveryState[] = ["delivered", "dead", "cancelled", "expired"];

/** Whether nothing more will happen of itself, and the next message of the thread may go. */
export function isEnd(state: DeliveryState): boolean {
  return ends.includes(state);
}
