import { type Capabilities, type ChannelType, defineChannel } from "@jackfield/core";
import { webhookConfig } from "./config.ts";

/** What a webhook can do at the most; a format may carry less. */
export const webhookCapabilities: Capabilities = {
  carries: ["recipient", "threadId", "subject", "attachments", "data"],
  members: ["probe", "handle"],
};

/** The webhook channel: each message is one HTTP request, signed if there is a secret; and requests that are verified are messages. */
export const webhook: ChannelType<typeof webhookConfig> = defineChannel({
  contract: 1,
  type: "webhook",
  description:
    "Sends each message as an HTTP request, signed if there is a secret, and takes messages as verified requests.",
  config: webhookConfig,
  capabilities: webhookCapabilities,
  listenPath: ({ verify, listenPath }, alias) =>
    verify === undefined ? undefined : (listenPath ?? `/webhook/${alias}`),
  // The HTTP client is loaded when a channel is made: reading a configuration must not wait for it.
  create: async (config, host) => (await import("./webhook-channel.ts")).createWebhookChannel(config, host),
});
