import type { MessageDraft } from "../channel/message.ts";
import type { OpenChannel } from "../channel/open-channel.ts";
import { JackfieldError } from "../error.ts";
import type { InboundMessage } from "../inbox/inbound-message.ts";
import type { AgentAnswer, Answer } from "./agent.ts";

/** Whether an answer is text that is still being made. */
export function isStream(answer: unknown): answer is AsyncIterable<string> {
  return typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer;
}

/**
 * The messages in an answer that is complete.
 *
 * @throws JackfieldError `AGENT_ANSWER_INVALID` for anything that is none: agents are other people's code, in JavaScript too
 */
export function messagesOf(answer: Exclude<AgentAnswer, AsyncIterable<string>>): readonly Answer[] {
  if (answer === undefined || answer === null) return [];
  const list: readonly unknown[] = Array.isArray(answer) ? answer : [answer];
  return list.map((item) => {
    if (typeof item === "string") return { content: item };
    if (isAnswer(item)) return item;
    throw new JackfieldError(
      "AGENT_ANSWER_INVALID",
      `the agent answered with ${nameOf(item)}: it may answer with text, { content: "..." }, a list of these, an async iterable of text, or nothing`,
    );
  });
}

function isAnswer(item: unknown): item is Answer {
  return typeof item === "object" && item !== null && "content" in item && typeof item.content === "string";
}

function nameOf(item: unknown): string {
  if (Array.isArray(item)) return "a list in a list";
  return typeof item === "object" && item !== null ? "an object without content" : `a ${typeof item}`;
}

/** An answer as a message to where the question came from: into its thread, to its sender, as far as the channel knows of either. */
export function replyTo(
  { channel: from, threadId, sender }: InboundMessage,
  { channel }: OpenChannel,
  { channel: _channel, ...answer }: Answer,
): MessageDraft {
  if (channel.id !== from) return answer;
  const { carries } = channel.capabilities;
  return {
    ...(threadId !== undefined && carries.includes("threadId") ? { threadId } : {}),
    ...(carries.includes("recipient") ? { recipient: sender } : {}),
    ...answer,
  };
}
