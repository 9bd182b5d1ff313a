import type * as z from "zod";
import { type Clock, type Random, systemClock } from "../clock.ts";
import { createDispatchPolicy, type DispatchPolicy, dispatchFields } from "../delivery/dispatch-policy.ts";
import { JackfieldError } from "../error.ts";
import { createRetryPolicy, type RetryPolicy, retryFields } from "../retry/retry-policy.ts";
import { createThreadPolicy, receiveFields, type ThreadPolicy } from "../threads/thread-policy.ts";
import type { Channel, ChannelConfigSchema, ChannelType } from "./channel.ts";

/** A channel that is ready to be used, with the policies of its configuration. */
export interface OpenChannel {
  readonly channel: Channel;
  readonly retryPolicy: RetryPolicy;
  readonly dispatchPolicy: DispatchPolicy;
  readonly threadPolicy: ThreadPolicy;
  /** Where the channel takes requests; undefined where it takes none. */
  readonly listenPath?: string;
}

/**
 * Makes a channel from its configuration.
 *
 * ```ts
 * const ops = await openChannel(webhook, "ops", { sendUrl: "https://example.com/hook" });
 * await send(ops, "The build is green.");
 * ```
 *
 * @param alias the part after the dot in the channel's id
 * @throws JackfieldError `CHANNEL_CONFIG_INVALID`, which lists every problem by its path and names no value
 */
export async function openChannel<Config extends ChannelConfigSchema>(
  type: ChannelType<Config>,
  alias: string,
  config: z.input<Config>,
  effects: { readonly clock?: Clock; readonly random?: Random } = {},
): Promise<OpenChannel> {
  const id = `${type.type}.${alias}`;
  const parsed = type.config.safeParse(config);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.join(".") || "config"}: ${issue.message}`,
    );
    throw new JackfieldError("CHANNEL_CONFIG_INVALID", `${id}: ${problems.join("; ")}`);
  }
  const channel = await type.create(parsed.data, {
    id,
    clock: effects.clock ?? systemClock,
    random: effects.random ?? Math.random,
  });
  const listenPath = type.listenPath?.(parsed.data, alias);
  return {
    channel,
    retryPolicy: createRetryPolicy(pick(parsed.data, retryFields)),
    dispatchPolicy: createDispatchPolicy(pick(parsed.data, dispatchFields)),
    threadPolicy: createThreadPolicy(pick(parsed.data, receiveFields)),
    ...(listenPath === undefined ? {} : { listenPath }),
  };
}

function pick(config: Record<string, unknown>, fields: object): object {
  return Object.fromEntries(Object.keys(fields).map((field) => [field, config[field]]));
}
