/**
 * The life of an inbound message.
 *
 * A message that was accepted is `waiting` for the agent: because its thread is busy, because more of it may be coming
 * (`debounce`), or because the agent is. The runner claims it, and it is `running` while the agent has its turn. A claim has a
 * lease; when that lapses, because the process died, the turn is on record as interrupted and is run again from its beginning.
 *
 * A turn ends in one of four ways. The message is `handled`, and its answers are in the outbox: both in one transaction. It is
 * `retrying`: the turn failed, and the next one is due at a known time. It is `paused`: a person has to do something first. Or
 * it is `dead`: given up, kept with every turn. A claim that is given back because the process shuts down leaves the message
 * `waiting`, with no turn spent.
 *
 * Three kinds of message have no turn of their own. One that was `merged` went into the turn of an earlier message, whole. One that
 * was `dropped` came while the agent was busy with its thread, and the next turn is told of it. One that was `refused` came from somebody
 * who may not speak here.
 *
 * `handled`, `dead`, `merged`, `dropped` and `refused` are ends: the next message of the thread may go. A person can `resume`
 * what is paused or dead.
 */
export const inboundStates = [
  "waiting",
  "running",
  "retrying",
  "paused",
  "handled",
  "dead",
  "merged",
  "dropped",
  "refused",
] as const;
export type InboundState = (typeof inboundStates)[number];

/** Whether nothing more will happen of itself, and the next message of the thread may go. */
export function isInboundEnd(state: InboundState): boolean {
  return ["handled", "dead", "merged", "dropped", "refused"].includes(state);
}
