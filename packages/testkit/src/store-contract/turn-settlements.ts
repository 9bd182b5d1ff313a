import {
  createMessage,
  type MessageDraft,
  type NewDelivery,
  type StoredTurn,
  type TurnClaim,
  type TurnSettlement,
  threadOf,
} from "@jackfield/core";

type Held = Pick<TurnClaim, "id" | "token" | "turnsMade">;

const at = 1_767_225_600_000;

/** An answer to a message: on its channel, in its thread. */
export function answerTo(
  { message }: Pick<TurnClaim, "message">,
  draft: Partial<MessageDraft> = {},
): NewDelivery {
  return {
    channel: message.channel,
    message: createMessage({ content: "an answer", ...draft }, at),
    thread: threadOf(message),
    inReplyTo: message.id,
  };
}

export function handle({ id, token, turnsMade }: Held, answers: readonly NewDelivery[] = []): TurnSettlement {
  return { id, token, event: "handle", turn: { number: turnsMade + 1, at, durationMs: 12.5 }, answers };
}

export function retry(claim: Held, delayMs: number): TurnSettlement {
  const turn = { ...failedTurn(claim), waitMs: delayMs };
  return { id: claim.id, token: claim.token, event: "retry", turn, delayMs };
}

export function pause(claim: Held): TurnSettlement {
  const { id, token } = claim;
  return { id, token, event: "pause", turn: failedTurn(claim), reason: "the agent was refused" };
}

export function giveUp(claim: Held): TurnSettlement {
  const { id, token } = claim;
  return { id, token, event: "give_up", turn: failedTurn(claim), reason: "the agent failed too often" };
}

export function release({ id, token }: Held): TurnSettlement {
  return { id, token, event: "release" };
}

function failedTurn({ turnsMade }: Held): StoredTurn {
  const failure = { kind: "unknown" as const, message: "the agent failed" };
  return { number: turnsMade + 1, at, durationMs: 12.5, failure };
}
