import type { ChannelType } from "../channel/channel.ts";
import type { MessageDraft } from "../channel/message.ts";
import { openChannel } from "../channel/open-channel.ts";
import { type Clock, type Random, systemClock } from "../clock.ts";
import type { Store } from "../store/store.ts";
import { type Accepted, accept } from "./accept.ts";
import { resumeChangedChannels } from "./config-change.ts";
import { withDispatchRight } from "./dispatch-right.ts";
import { type DispatchEvent, Dispatcher, type RunEnd, type RunOptions } from "./dispatcher.ts";
import { channelOf, newDelivery } from "./new-delivery.ts";

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

export interface MessengerRunOptions extends RunOptions {
  /** Waits for its turn where another process dispatches this store. Default: true. */
  readonly standby?: boolean;
}

/** Why a run ended; `elsewhere`: another process dispatches this store, and this one was not to stand by. */
export type MessengerRunEnd = RunEnd | "elsewhere";

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
  run(options?: MessengerRunOptions): Promise<MessengerRunEnd>;
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
  const runs = new Set<Promise<MessengerRunEnd>>();

  return {
    async enqueue(channel, draft) {
      const delivery = newDelivery(channelOf(channels, channel), draft, clock.now());
      return accept(store.outbox, delivery);
    },

    async run(runOptions = {}) {
      const { standby = true, ...dispatchOptions } = runOptions;
      const signal = runOptions.signal
        ? AbortSignal.any([runOptions.signal, closing.signal])
        : closing.signal;
      const run = withDispatchRight(store.outbox, { clock, signal, standby }, async () => {
        await resumeChangedChannels(store.outbox, configs);
        const dispatcher = new Dispatcher({ ...options, outbox: store.outbox, channels: opened });
        return dispatcher.run({ ...dispatchOptions, signal });
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
