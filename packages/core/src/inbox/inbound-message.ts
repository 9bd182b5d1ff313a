import type { Attachment, JsonValue } from "../channel/message.ts";
import { createId } from "../channel/message.ts";
import { threadNameOf } from "../threads/thread-key.ts";

/** What a channel hands over of a message that it received, once it has verified where it comes from. */
export interface InboundDraft {
  /** Who wrote it, in the words of the channel. */
  readonly sender: string;
  /** The text. */
  readonly content: string;
  /** The platform's own id of the message. A message of the same thread with the same id is a repeat. Unset: each one is new. */
  readonly remoteId?: string;
  /** The conversation that it belongs to. Unset: the sender's own. */
  readonly threadId?: string;
  readonly attachments?: readonly Attachment[];
  /** Structured content, for agents that read more than text. */
  readonly data?: JsonValue;
  /** We wrote it ourselves, and the platform shows it to us: it is ignored. */
  readonly isOwn?: boolean;
}

/** A message that somebody sent to us. Its id never changes. */
export interface InboundMessage extends Omit<InboundDraft, "isOwn"> {
  /** Ours: `inb_...`. */
  readonly id: string;
  /** The channel that it came through. */
  readonly channel: string;
  /** When we received it: milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** Gives what a channel received its identity. */
export function createInbound(draft: InboundDraft, channel: string, now: number): InboundMessage {
  const { sender, content, remoteId, threadId, attachments, data } = draft;
  return {
    id: createId("inb", now),
    channel,
    sender,
    content,
    receivedAt: now,
    ...(remoteId === undefined ? {} : { remoteId }),
    ...(threadId === undefined ? {} : { threadId }),
    ...(attachments === undefined ? {} : { attachments: structuredClone(attachments) }),
    ...(data === undefined ? {} : { data: structuredClone(data) }),
  };
}

/** The name of the thread that a message belongs to; see {@link threadNameOf}. */
export function threadOf({ threadId, sender }: Pick<InboundMessage, "threadId" | "sender">): string {
  return threadNameOf(threadId, sender);
}
