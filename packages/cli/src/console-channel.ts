import {
  type Channel,
  type ChannelType,
  DeliveryError,
  defineChannel,
  dispatchFields,
  type OutboundMessage,
  retryFields,
} from "@jackfield/core";
import * as z from "zod";
import { printable } from "./terminal.ts";

const consoleConfig = z.strictObject({
  ...retryFields,
  ...dispatchFields,
  stream: z
    .enum(["stdout", "stderr"])
    .default("stderr")
    .describe("Where messages are printed; stdout is also where commands print their data."),
});

/** The console channel: prints each message to the terminal of the process. */
export const consoleChannel: ChannelType<typeof consoleConfig> = defineChannel({
  contract: 1,
  type: "console",
  description: "Prints each message to the terminal.",
  config: consoleConfig,
  capabilities: { carries: ["recipient", "threadId", "subject"], members: [] },
  create: (config, host): Channel => ({
    id: host.id,
    capabilities: consoleChannel.capabilities,
    deliver: async (message, { signal }) => {
      signal?.throwIfAborted();
      await print(process[config.stream], render(host.id, message));
      return {};
    },
  }),
});

function render(id: string, { subject, recipient, threadId, content }: OutboundMessage): string {
  const about = [
    recipient && `to ${recipient}`,
    threadId && `in ${threadId}`,
    subject && `about ${subject}`,
  ].filter(Boolean);
  const head = [`[${id}]`, ...about].join(" ");
  return printable(content.includes("\n") ? `${head}\n${content}\n` : `${head} ${content}\n`);
}

function print(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (!error) return resolve();
      reject(
        new DeliveryError(`the terminal is gone: ${error.message}`, {
          kind: "network",
          ambiguous: false,
          cause: error,
        }),
      );
    });
  });
}
