import type { Clock } from "../clock.ts";
import type { ThreadPolicy } from "../threads/thread-policy.ts";
import { createInbound, type InboundDraft, type InboundMessage } from "./inbound-message.ts";
import type { InboundSink } from "./inbound-sink.ts";
import type { Inbox, Received } from "./inbox.ts";
import { createSenderPatterns } from "./sender-patterns.ts";

/** What the intake of a channel tells whoever watches it. */
export type IntakeEvent =
  | {
      readonly type: "received";
      readonly message: InboundMessage;
      readonly received: Received;
      readonly refusal?: string;
    }
  | { readonly type: "turned_away"; readonly channel: string; readonly reason: string };

export interface IntakeOptions {
  /** The channel's id. */
  readonly channel: string;
  readonly policy: ThreadPolicy;
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly onEvent: (event: IntakeEvent) => void;
}

/** The way of every message from a channel into the inbox: who may speak is decided here, the rest in the store's transaction. */
export function createIntake({ channel, policy, inbox, clock, onEvent }: IntakeOptions): InboundSink {
  const maySpeak = createSenderPatterns(policy.allowSenders);
  return {
    async accept(draft: InboundDraft): Promise<Received> {
      const message = createInbound(draft, channel, clock.now());
      if (draft.isOwn) {
        onEvent({ type: "received", message, received: { outcome: "own" } });
        return { outcome: "own" };
      }
      const refusal = maySpeak(message.sender) ? {} : { refusal: "its sender is not among allowSenders" };
      const [received] = await inbox.accept([{ message, policy, ...refusal }]);
      if (!received) throw new TypeError("the store gave no answer for the message");
      onEvent({ type: "received", message, received, ...refusal });
      return received;
    },
    turnedAway: (reason) => onEvent({ type: "turned_away", channel, reason }),
  };
}
