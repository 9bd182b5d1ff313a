import { type InboundState, inboundStates } from "@jackfield/core";

/** How states of inbound messages are written in the file: below 10 a message has not ended. */
const numbers: Readonly<Record<InboundState, number>> = {
  waiting: 0,
  running: 1,
  retrying: 2,
  paused: 3,
  handled: 10,
  dead: 11,
  merged: 12,
  dropped: 13,
  refused: 14,
};

export function inboundStateNumber(state: InboundState): number {
  return numbers[state];
}

/** @throws TypeError for a number that is no state */
export function inboundStateFrom(number: unknown): InboundState {
  const state = inboundStates.find((candidate) => numbers[candidate] === number);
  if (state === undefined) throw new TypeError(`${number} is no state of an inbound message`);
  return state;
}
