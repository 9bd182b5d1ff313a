import { type Clock, type OpenChannel, openChannel, type SendOptions, type SendResult, SendError, send } from "@jackfield/core";
import type * as z from "zod";
import type { webhookConfig } from "./config.ts";
import { webhook } from "./webhook.ts";

/** A moment that no test depends on: 2026-01-01T00:00:00Z. */
export const testTime = Date.UTC(2026, 0, 1);

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

type ConfigInput = Partial<z.input<typeof webhookConfig>>;

/** A webhook channel to a receiver on this machine, closed at the end of its block. */
export async function openTestChannel(
  sendUrl: string,
  config: ConfigInput = {},
  clock: Clock = createInstantClock(),
): Promise<OpenChannel & AsyncDisposable> {
  const open = await openChannel(webhook, "test", { sendUrl, allowPrivateNetwork: true, ...config }, { clock });
  return { ...open, [Symbol.asyncDispose]: async () => open.channel.close?.() };
}

export interface Outcome {
  readonly delivered?: SendResult;
  readonly error?: SendError;
  readonly waits: readonly number[];
}

/** Sends one message with waits that are over at once, the random source in its middle: no jitter. */
export async function sendTo(sendUrl: string, config: ConfigInput = {}, options: SendOptions = {}): Promise<Outcome> {
  const clock = createInstantClock();
  await using open = await openTestChannel(sendUrl, config, clock);
  try {
    return { delivered: await send(open, "hello", { clock, random: () => 0.5, ...options }), waits: clock.waits };
  } catch (error) {
    if (error instanceof SendError) return { error, waits: clock.waits };
    throw error;
  }
}
