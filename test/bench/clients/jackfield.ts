import { openChannel, send } from "@jackfield/core";
import { webhook } from "@jackfield/webhook";
import type { Client, ClientTarget, CreateClient } from "./client.ts";

/** Jackfield's `send` through a webhook channel, without a signature. */
export const createClient: CreateClient = (target) => createJackfieldClient(target, {});

/** @param fields what the channel's configuration has besides its defaults */
export async function createJackfieldClient(
  { url, connections, content, retryDelayMs }: ClientTarget,
  fields: { readonly secret?: string },
): Promise<Client> {
  const open = await openChannel(webhook, "bench", {
    sendUrl: url,
    allowPrivateNetwork: true,
    maxConcurrency: connections,
    retryBaseDelayMs: retryDelayMs,
    ...fields,
  });
  return {
    async send() {
      await send(open, content);
    },
    close: async () => open.channel.close?.(),
  };
}
