import type { ConfiguredChannel } from "@jackfield/config";
import { type Clock, canonicalJson, type OpenChannel, openChannel, type Random } from "@jackfield/core";

/** A channel of the deployment, with what it was made from. */
export interface RunningChannel {
  readonly open: OpenChannel;
  readonly configured: ConfiguredChannel;
}

/**
 * Opens channels; all of them, or none.
 *
 * @throws what the first of them threw
 */
export async function openChannels(
  configured: readonly ConfiguredChannel[],
  effects: { readonly clock: Clock; readonly random: Random },
): Promise<readonly RunningChannel[]> {
  const results = await Promise.allSettled(
    configured.map(async (channel) => ({
      configured: channel,
      open: await openChannel(channel.type, channel.alias, channel.input, effects),
    })),
  );
  const opened = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failed = results.find((result) => result.status === "rejected");
  if (!failed) return opened;
  await Promise.allSettled(opened.map(({ open }) => open.channel.close?.()));
  throw failed.reason;
}

/** Whether two configurations of a channel are the same, so that it need not be touched. */
export function isSameChannel(a: ConfiguredChannel, b: ConfiguredChannel): boolean {
  return a.type === b.type && canonicalJson(a.input) === canonicalJson(b.input);
}
