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
  /** The other side's id of an earlier message of ours that this one takes the place of; only for a channel that can edit. */
  readonly replaces?: string;
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
  const id = createId("msg", now);
  if (typeof draft === "string") return { content: draft, id, createdAt: now, idempotencyKey: id };
  const { data, attachments } = draft;
  // What the sender does to its objects from now on is none of the message's business: every attempt sends the same.
  return {
    ...draft,
    ...(data === undefined ? {} : { data: structuredClone(data) }),
    ...(attachments === undefined ? {} : { attachments: structuredClone(attachments) }),
    id,
    createdAt: now,
    idempotencyKey: draft.idempotencyKey ?? id,
  };
}

/** A new id: what it is the id of, and a UUID that begins with the time. */
export function createId(prefix: "msg" | "inb", now: number): string {
  return `${prefix}_${timeOrderedUuid(now)}`;
}

/**
 * A UUID of version 7, RFC 9562 section 5.7: its beginning is the time, so that ids which are made one after the other stand beside
 * each other in an index. With random ids each insert into a long table touches a page of its own.
 */
function timeOrderedUuid(now: number): string {
  if (now !== prefix.of) {
    const time = Math.max(0, Math.floor(now)).toString(16).padStart(12, "0");
    prefix = { of: now, text: `${time.slice(0, 8)}-${time.slice(8, 12)}-7` };
  }
  // What is random, and the variant, are those of a UUID of version 4.
  return prefix.text + randomUUID().slice(15);
}

/** The beginning of the ids of one millisecond, in which a busy process makes many. */
let prefix = { of: Number.NaN, text: "" };
