import {
  type DeliveryEvent,
  type DeliveryState,
  deliveryStates,
  stateAfter,
  statesBefore,
} from "@jackfield/core";

/** How states are written in the file: below 10 a delivery has not ended. */
const numbers: Readonly<Record<DeliveryState, number>> = {
  queued: 0,
  sending: 1,
  retrying: 2,
  paused: 3,
  delivered: 10,
  dead: 11,
  cancelled: 12,
  expired: 13,
};

export function stateNumber(state: DeliveryState): number {
  return numbers[state];
}

/** @throws TypeError for a number that is no state */
export function stateFromNumber(number: unknown): DeliveryState {
  const state = deliveryStates.find((candidate) => numbers[candidate] === number);
  if (state === undefined) throw new TypeError(`${number} is no state of a delivery`);
  return state;
}

/** The condition, in SQL, that an event may happen to a row. */
export function mayHappen(event: DeliveryEvent): string {
  return `state IN (${statesBefore(event).map(stateNumber).join(", ")})`;
}

/** The state, in SQL, that an event leads into. */
export function after(event: DeliveryEvent): number {
  return stateNumber(stateAfter(event));
}

/** The condition of the index over what a person has to look at, word for word. */
export const attention = "state IN (3, 11, 12, 13)";

/** Whether that index holds the deliveries in a state. */
export function needsAttention(state: DeliveryState): boolean {
  return ["paused", "dead", "cancelled", "expired"].includes(state);
}
