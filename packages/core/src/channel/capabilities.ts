import { DeliveryError } from "../failure/delivery-error.ts";
import type { OutboundMessage } from "./message.ts";

/** The parts of a message, besides its content, that a channel may be able to carry. */
export const messageFields = ["recipient", "threadId", "subject", "attachments", "data"] as const;
export type MessageField = (typeof messageFields)[number];

/** The optional members of a channel. */
export const optionalMembers = ["probe", "handle", "receive", "edit", "typing"] as const;
export type OptionalMember = (typeof optionalMembers)[number];

/** What a channel can do. What is not declared here is refused, never silently left out. */
export interface Capabilities {
  /** The message fields that reach the other side. */
  readonly carries: readonly MessageField[];
  /** The optional members that the channel has. */
  readonly members: readonly OptionalMember[];
  /** The longest content in UTF-16 code units; unlimited unless given. */
  readonly maxContentLength?: number;
}

/**
 * Refuses a message that the channel cannot carry whole.
 *
 * @throws DeliveryError of kind `blocked`, which names the field.
 */
export function assertFits(message: OutboundMessage, capabilities: Capabilities, channelId: string): void {
  for (const field of messageFields) {
    const value = message[field];
    if (value === undefined || capabilities.carries.includes(field)) continue;
    if (field === "attachments" && message.attachments?.length === 0) continue;
    throw new DeliveryError(
      `${channelId} cannot carry "${field}": leave it out of the message, or use a channel whose capabilities list it (jackfield channels types)`,
      { kind: "blocked", ambiguous: false },
    );
  }
  const longest = capabilities.maxContentLength;
  if (longest !== undefined && message.content.length > longest) {
    throw new DeliveryError(
      `the content has ${message.content.length} characters, ${channelId} carries at most ${longest}: shorten or split it`,
      { kind: "blocked", ambiguous: false },
    );
  }
}
