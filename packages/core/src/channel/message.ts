import { randomUUID } from "node:crypto";

/** Anything that JSON can carry. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** A file that goes along with a message: by reference (`url`) or by value (`data`). */
export interface Attachment {
  readonly name: string;
  /** Media type, such as `image/png`. */
  readonly contentType: string;
  readonly url?: string;
  /** The bytes, in base64. */
  readonly data?: string;
}

/** What someone wants to say; {@link createMessage} makes a message of it. */
export interface MessageDraft {
  /** The text. */
  readonly content: string;
  /** Who shall get it, in the words of the channel: a room, an address, a user. */
  readonly recipient?: string;
  /** The conversation that it belongs to. */
  readonly threadId?: string;
  readonly subject?: string;
  readonly attachments?: readonly Attachment[];
  /** Structured content, for receivers that are programs. */
  readonly data?: JsonValue;
  /** The same key means the same message. Default: the message's id. */
  readonly idempotencyKey?: string;
}

/** A message on its way out. Its id and its creation time never change, in any attempt. */
export interface OutboundMessage extends MessageDraft {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly idempotencyKey: string;
}

/** Gives a draft its identity. A string is a draft with nothing but content. */
export function createMessage(draft: MessageDraft | string, now: number): OutboundMessage {
  const id = `msg_${randomUUID()}`;
  if (typeof draft === "string") return { content: draft, id, createdAt: now, idempotencyKey: id };
  return { ...draft, id, createdAt: now, idempotencyKey: draft.idempotencyKey ?? id };
}
