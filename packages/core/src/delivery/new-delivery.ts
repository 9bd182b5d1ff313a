import { assertFits } from "../channel/capabilities.ts";
import { createMessage, type MessageDraft } from "../channel/message.ts";
import type { OpenChannel } from "../channel/open-channel.ts";
import { JackfieldError } from "../error.ts";
import { threadKey } from "../threads/thread-key.ts";
import type { NewDelivery } from "./outbox.ts";

/** What a message belongs to, besides its channel. */
export type DeliveryContext = Pick<NewDelivery, "thread" | "inReplyTo">;

/** The channels of a deployment by their ids. */
export type OpenChannels = ReadonlyMap<string, OpenChannel>;

/** @throws JackfieldError `CHANNEL_UNKNOWN`, which names those that there are */
export function channelOf(channels: OpenChannels, id: string): OpenChannel {
  const open = channels.get(id);
  if (open) return open;
  const known = [...channels.keys()].join(", ") || "none";
  throw new JackfieldError("CHANNEL_UNKNOWN", `there is no channel "${id}"; there are: ${known}`);
}

/**
 * Makes a delivery of what somebody wants to say, if its channel can carry it.
 *
 * @throws JackfieldError `IDEMPOTENCY_KEY_RESERVED`; DeliveryError of kind `blocked`
 */
export function newDelivery(
  { channel, dispatchPolicy }: OpenChannel,
  draft: MessageDraft | string,
  now: number,
  context: DeliveryContext = {},
): NewDelivery {
  const message = createMessage(draft, now);
  if (message.idempotencyKey !== message.id && message.idempotencyKey.startsWith("msg_")) {
    throw new JackfieldError(
      "IDEMPOTENCY_KEY_RESERVED",
      `the idempotency key "${message.idempotencyKey}" begins with "msg_", as the ids of messages do: choose another`,
    );
  }
  assertFits(message, channel.capabilities, channel.id);
  const { ordering, expiresInMs } = dispatchPolicy;
  const thread = context.thread ?? message.threadId;
  const orderingKey =
    ordering === "channel"
      ? channel.id
      : ordering === "thread" && thread !== undefined
        ? threadKey(channel.id, thread)
        : undefined;
  return {
    channel: channel.id,
    message,
    ...context,
    ...(orderingKey === undefined ? {} : { orderingKey }),
    ...(expiresInMs === undefined ? {} : { expiresInMs }),
  };
}
