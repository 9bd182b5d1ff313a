import type { InboundDraft } from "./inbound-message.ts";
import type { Received } from "./inbox.ts";

/** Where a channel hands over what it has received. */
export interface InboundSink {
  /**
   * Stores a message that was verified. Resolves once it is on disk: acknowledge it then, and not before.
   *
   * @throws StoreError where it cannot be kept: the other side has to be told so, or asked again
   */
  accept(draft: InboundDraft): Promise<Received>;
  /** Tells the log that something was turned away before it became a message, and why; without a word of its content. */
  turnedAway(reason: string): void;
}
