import { assertFits } from "../channel/capabilities.ts";
import type { ChannelType } from "../channel/channel.ts";
import { createMessage, type MessageDraft } from "../channel/message.ts";
import { type OpenChannel, openChannel } from "../channel/open-channel.ts";
import { type Clock, type Random, systemClock } from "../clock.ts";
import { JackfieldError } from "../error.ts";
import { type Store, StoreError } from "../store/store.ts";
import { resumeChangedChannels } from "./config-change.ts";
import { type DispatchEvent, Dispatcher, type RunEnd, type RunOptions } from "./dispatcher.ts";
import type { NewDelivery } from "./outbox.ts";

/** A channel as it is configured: what `loadConfig` makes of `[channels.<type>.<alias>]`. */
export interface ChannelDeclaration {
  readonly type: ChannelType;
  readonly alias: string;
  /** What was written, references resolved: what the type's schema takes. */
  readonly input: Readonly<Record<string, unknown>>;
}

export interface MessengerOptions {
  readonly store: Store;
  readonly channels: readonly ChannelDeclaration[];
  readonly clock?: Clock;
  readonly random?: Random;
  /** Told of every attempt and of everything else that happens. What it throws is reported as an uncaught exception. */
  readonly onEvent?: (event: DispatchEvent) => void;
  /** How long a shutdown waits for attempts that are under way, in milliseconds. Default: 10000. */
  readonly drainTimeoutMs?: number;
}

/** An accepted message: on disk, and on its way. */
export interface Accepted {
  readonly id: string;
  /** The idempotency key was known already, with the same content: `id` is that delivery, and nothing new was accepted. */
  readonly duplicate: boolean;
}

/** The durable way to send: what it has accepted is delivered, or waits where a person can see why. */
export interface Messenger {
  /**
   * Accepts a message. Resolves once it is on disk.
   *
   * @throws JackfieldError `CHANNEL_UNKNOWN`, `IDEMPOTENCY_CONFLICT`, `IDEMPOTENCY_KEY_RESERVED`; DeliveryError of kind `blocked` for a message that
   * the channel cannot carry; StoreError where it cannot be kept. In each case nothing was accepted.
   */
  enqueue(channel: string, draft: MessageDraft | string): Promise<Accepted>;
  /** Dispatches until the signal is aborted or, with `until`, until there is nothing more to do. One run at a time. */
  run(options?: RunOptions): Promise<RunEnd>;
  /** Ends a run that is under way, as its signal would; then closes the channels and the store. */
  close(): Promise<void>;
}

/**
 * Opens the channels of a deployment over a store.
 *
 * ```ts
 * const messenger = await openMessenger({ store, channels: deployment.channels });
 * const { id } = await messenger.enqueue("webhook.ops", "The disk is full.");
 * await messenger.run({ until: "idle" });
 * await messenger.close();
 * ```
 */
export async function openMessenger(options: MessengerOptions): Promise<Messenger> {
  const { store, clock = systemClock } = options;
  const opened = await Promise.all(
    options.channels.map((channel) => openChannel(channel.type, channel.alias, channel.input, options)),
  );
  const channels = new Map(opened.map((open) => [open.channel.id, open]));
  const configs = new Map(options.channels.map(({ type, alias, input }) => [`${type.type}.${alias}`, input]));

  const closing = new AbortController();
  const runs = new Set<Promise<RunEnd>>();

  return {
    async enqueue(channel, draft) {
      const open = channels.get(channel);
      if (!open) {
        const known = [...channels.keys()].join(", ") || "none";
        throw new JackfieldError("CHANNEL_UNKNOWN", `there is no channel "${channel}"; there are: ${known}`);
      }
      const message = createMessage(draft, clock.now());
      if (message.idempotencyKey !== message.id && message.idempotencyKey.startsWith("msg_")) {
        throw new JackfieldError(
          "IDEMPOTENCY_KEY_RESERVED",
          `the idempotency key "${message.idempotencyKey}" begins with "msg_", as the ids of messages do: choose another`,
        );
      }
      assertFits(message, open.channel.capabilities, channel);
      const [enqueued] = await store.outbox.enqueue([newDelivery(open, message)]);
      if (!enqueued) throw new TypeError("the store gave no answer for the message");
      if (enqueued.outcome === "refused") throw new StoreError("STORE_REFUSED", enqueued.problem);
      if (enqueued.outcome === "conflict") {
        throw new JackfieldError(
          "IDEMPOTENCY_CONFLICT",
          `the idempotency key "${message.idempotencyKey}" stands for other content already, in ${enqueued.id}: use another key for another message`,
        );
      }
      return { id: enqueued.id, duplicate: enqueued.outcome === "duplicate" };
    },

    async run(runOptions = {}) {
      const dispatcher = new Dispatcher({
        ...options,
        outbox: store.outbox,
        channels: opened,
        onRight: async () => {
          await resumeChangedChannels(store.outbox, configs);
        },
      });
      const { signal } = runOptions;
      const run = dispatcher.run({
        ...runOptions,
        signal: signal ? AbortSignal.any([signal, closing.signal]) : closing.signal,
      });
      runs.add(run);
      try {
        return await run;
      } finally {
        runs.delete(run);
      }
    },

    async close() {
      closing.abort();
      await Promise.allSettled(runs);
      await Promise.all(opened.map(({ channel }) => channel.close?.()));
      await store.close();
    },
  };
}

function newDelivery({ channel, dispatchPolicy }: OpenChannel, message: NewDelivery["message"]): NewDelivery {
  const { ordering, expiresInMs } = dispatchPolicy;
  const orderingKey =
    ordering === "channel"
      ? channel.id
      : ordering === "thread"
        ? threadKey(channel.id, message.threadId)
        : undefined;
  return {
    channel: channel.id,
    message,
    ...(orderingKey === undefined ? {} : { orderingKey }),
    ...(expiresInMs === undefined ? {} : { expiresInMs }),
  };
}

/** A thread is one conversation on one channel: the same name on another channel is another thread. */
function threadKey(channel: string, threadId: string | undefined): string | undefined {
  return threadId === undefined ? undefined : `${channel}/${threadId}`;
}
