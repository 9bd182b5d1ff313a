import type { DeliverySummary, StoredAttempt } from "../delivery/outbox.ts";
import type { InboundMessage } from "../inbox/inbound-message.ts";
import type { InboundState } from "../inbox/inbound-state.ts";
import type { StoredTurn } from "../inbox/inbox.ts";

/** One conversation: from its first message until it is resolved. The next message of the thread begins another one. */
export interface Conversation {
  readonly startedAt: number;
  /** Turns of the agent that were handled. */
  readonly turns: number;
  /** Who has spoken, in the order in which they first did. */
  readonly participants: readonly string[];
  readonly resolvedAt?: number;
  readonly resolution?: string;
}

/** The line of a thread in a list. */
export interface ThreadSummary {
  /** `channel/name`; see {@link threadKey}. */
  readonly id: string;
  readonly channel: string;
  readonly name: string;
  readonly startedAt: number;
  /** When something was last received in it or accepted for it. */
  readonly lastAt: number;
  /** Messages that were received. */
  readonly inboundCount: number;
  /** Messages that were accepted to be sent. */
  readonly outboundCount: number;
  /** The present conversation, as far as it was tracked. */
  readonly conversation?: Conversation;
}

export interface ThreadPage {
  readonly threads: readonly ThreadSummary[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: string;
}

/** One thing that happened in a thread. */
export type TimelineEntry = { readonly at: number } & (
  | {
      readonly type: "inbound";
      readonly message: InboundMessage;
      readonly state: InboundState;
      readonly reason?: string;
      /** See {@link InboundRecord.turnOf}. */
      readonly turnOf?: string;
    }
  | { readonly type: "turn"; readonly inbound: string; readonly turn: StoredTurn }
  | {
      readonly type: "outbound";
      readonly delivery: DeliverySummary;
      readonly content: string;
      /** The inbound message that it answers. */
      readonly inReplyTo?: string;
    }
  | { readonly type: "attempt"; readonly delivery: string; readonly attempt: StoredAttempt }
);

export interface TimelinePage {
  readonly entries: readonly TimelineEntry[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: string;
}

/** What the tracker of conversations is told. */
export type ConversationEvent = { readonly thread: string; readonly at: number } & (
  | { readonly type: "message"; readonly participant: string }
  | { readonly type: "turn" }
  | { readonly type: "resolved"; readonly resolution?: string }
);

/** The record of threads: derived from what is kept of messages, and the conversations that were tracked beside it. */
export interface Threads {
  /** Threads by their last activity, newest first. */
  list(
    filter: { readonly channel?: string },
    page: { readonly limit: number; readonly after?: string },
  ): Promise<ThreadPage>;
  get(id: string): Promise<ThreadSummary | undefined>;
  /** What happened in a thread, oldest first: what came, each turn, what went out, each attempt. Empty for a thread that is not known. */
  timeline(id: string, page: { readonly limit: number; readonly after?: string }): Promise<TimelinePage>;
  /**
   * Records what happened to conversations. A thread that is not known is left out.
   *
   * @throws StoreError where it cannot; nothing else depends on it
   */
  track(events: readonly ConversationEvent[]): Promise<void>;
}
