import type { InboundMessage } from "../inbox/inbound-message.ts";
import type { TurnClaim } from "../inbox/inbox.ts";

/**
 * The message as the agent sees it. Where several were merged into one turn it is the newest of them, with the text and the attachments of
 * all: an agent that knows nothing of merging loses nothing.
 */
export function mergedMessage({ message, merged }: Pick<TurnClaim, "message" | "merged">): InboundMessage {
  const newest = merged.at(-1);
  if (!newest) return message;
  const all = [message, ...merged];
  const attachments = all.flatMap((one) => one.attachments ?? []);
  return {
    ...newest,
    content: all.map(({ content }) => content).join("\n"),
    ...(attachments.length > 0 ? { attachments } : {}),
  };
}
