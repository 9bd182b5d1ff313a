import {
  type Attempt,
  type Channel,
  type Clock,
  createMessage,
  DeliveryError,
  type MessageDraft,
  type OpenChannel,
  openChannel,
  type Receipt,
  SendError,
  type SendOptions,
  type SendResult,
  send,
} from "@jackfield/core";
import type * as z from "zod";
import type { webhookConfig } from "./config.ts";
import { webhook } from "./webhook.ts";

/** A moment that no test depends on: 2026-01-01T00:00:00Z. */
export const testTime = Date.UTC(2026, 0, 1);

/** A Standard Webhooks secret of 32 bytes that protects nothing. */
export const testSecret = `whsec_${Buffer.alloc(32, "jackfield").toString("base64")}`;

/** A clock whose waits are over at once and kept in `waits`; time goes on by what was waited. */
export function createInstantClock(now = testTime): Clock & { readonly waits: number[] } {
  const waits: number[] = [];
  const passed = () => waits.reduce((sum, wait) => sum + wait, 0);
  return {
    waits,
    now: () => now + passed(),
    monotonic: () => passed(),
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      waits.push(ms);
    },
  };
}

export type ConfigInput = Partial<z.input<typeof webhookConfig>>;

/** A webhook channel to a receiver on this machine, closed at the end of its block. */
export async function openTestChannel(
  sendUrl: string,
  config: ConfigInput = {},
  clock: Clock = createInstantClock(),
): Promise<OpenChannel & AsyncDisposable> {
  const open = await openChannel(
    webhook,
    "test",
    { sendUrl, allowPrivateNetwork: true, ...config },
    { clock },
  );
  return { ...open, [Symbol.asyncDispose]: async () => open.channel.close?.() };
}

export interface Outcome {
  readonly delivered?: SendResult;
  readonly error?: SendError;
  readonly waits: readonly number[];
}

/** Sends one message with waits that are over at once, the random source in its middle: no jitter. */
export async function sendTo(
  sendUrl: string,
  config: ConfigInput = {},
  options: SendOptions = {},
  draft: MessageDraft | string = "hello",
): Promise<Outcome> {
  const clock = createInstantClock();
  await using open = await openTestChannel(sendUrl, config, clock);
  try {
    return {
      delivered: await send(open, draft, { clock, random: () => 0.5, ...options }),
      waits: clock.waits,
    };
  } catch (error) {
    if (error instanceof SendError) return { error, waits: clock.waits };
    throw error;
  }
}

/** One attempt's receipt. */
export function deliver(
  channel: Channel,
  draft: MessageDraft | string = "hello",
  attempt: Partial<Attempt> = {},
): Promise<Receipt> {
  return channel.deliver(createMessage(draft, testTime), { number: 1, maybeArrived: false, ...attempt });
}

/** The failure with which one attempt to an endpoint ends; it is an error if it delivers. */
export async function failureOf(
  sendUrl: string,
  config: ConfigInput = {},
  draft?: MessageDraft | string,
): Promise<DeliveryError> {
  await using open = await openTestChannel(sendUrl, config);
  return await failed(deliver(open.channel, draft));
}

/** The failure with which an attempt ends; it is an error if it delivers. */
export async function failed(attempt: Promise<Receipt>): Promise<DeliveryError> {
  const receipt = await attempt.catch((error: unknown) => {
    if (error instanceof DeliveryError) return error;
    throw error;
  });
  if (receipt instanceof DeliveryError) return receipt;
  throw new Error(`the attempt was to fail, and it was delivered: ${JSON.stringify(receipt)}`);
}
