import type { Receipt } from "../channel/channel.ts";
import type { OutboundMessage } from "../channel/message.ts";
import type { FailureKind } from "../failure/delivery-error.ts";
import type { DeliveryState } from "./delivery-state.ts";

/** A message that is to be accepted. */
export interface NewDelivery {
  /** The channel's id. */
  readonly channel: string;
  readonly message: OutboundMessage;
  /** Deliveries with the same key go one after the other, in the order in which they were accepted, whatever their channel. */
  readonly orderingKey?: string;
  /** After how many milliseconds it is too late to send it. */
  readonly expiresInMs?: number;
  /** The name of the thread, in our record, that it belongs to; see `threadNameOf`. Default: the message's `threadId`. */
  readonly thread?: string;
  /** The inbound message that it answers. */
  readonly inReplyTo?: string;
}

/**
 * What became of a {@link NewDelivery}. `duplicate`: the same idempotency key with the same content was accepted before, and `id` is
 * that delivery. `conflict`: the same key has other content there; nothing was accepted. `refused`: this one could not be
 * stored, for the reason in `problem`, while its neighbours were.
 */
export type Enqueued =
  | { readonly outcome: "accepted" | "duplicate" | "conflict"; readonly id: string }
  | { readonly outcome: "refused"; readonly problem: string };

/** One try of a delivery, as it is kept. */
export interface StoredAttempt {
  /** 1 for the first attempt, counted over the whole life of the delivery. */
  readonly number: number;
  /** When it began: milliseconds since the epoch. */
  readonly at: number;
  readonly durationMs: number;
  readonly status?: number;
  readonly failure?: {
    readonly kind: FailureKind;
    readonly message: string;
    readonly retryAfterMs?: number;
    readonly ambiguous: boolean;
  };
  /** The wait before the next attempt, if there was to be one. */
  readonly waitMs?: number;
}

/** A delivery as it is kept, with its history. */
export interface Delivery {
  readonly id: string;
  readonly channel: string;
  readonly state: DeliveryState;
  readonly message: OutboundMessage;
  readonly orderingKey?: string;
  /** When the next attempt may begin; absent where there is none, or where an earlier delivery has to end first. */
  readonly dueAt?: number;
  readonly expiresAt?: number;
  readonly updatedAt: number;
  /** Why it is in this state: the last failure, or what a person did. */
  readonly reason?: string;
  readonly receipt?: Receipt;
  /** The inbound message that it answers. */
  readonly inReplyTo?: string;
  readonly attempts: readonly StoredAttempt[];
}

/** The line of a delivery in a list: everything but its history and its content. */
export type DeliverySummary = Omit<Delivery, "attempts" | "message" | "receipt"> & {
  readonly createdAt: number;
  readonly threadId?: string;
  readonly attemptCount: number;
  readonly failureKind?: FailureKind;
};

/** A delivery that is ours for a while: nobody else works on it until the lease lapses. */
export interface Claim {
  readonly id: string;
  readonly channel: string;
  readonly message: OutboundMessage;
  /** The fencing token: a settlement with the token of an earlier claim is refused. */
  readonly token: number;
  /** Attempts made so far, over the whole life of the delivery. */
  readonly attemptsMade: number;
  /** Attempts that count against the budget: those since it was accepted, resumed or redelivered. */
  readonly budgetUsed: number;
  /** An earlier attempt may have arrived. */
  readonly maybeArrived: boolean;
  /** Others wait for this one to end. */
  readonly orderingKey?: string;
}

export interface ClaimRequest {
  /** How many of each channel's deliveries are wanted; a channel that is not named gets none. */
  readonly limits: ReadonlyMap<string, number>;
  readonly leaseMs: number;
}

export interface ClaimResult {
  readonly claims: readonly Claim[];
  /** Deliveries whose time had run out; they are expired now. */
  readonly expired: readonly { readonly id: string; readonly channel: string }[];
  /** By channel, in how many milliseconds its next delivery is due (not: when a lease lapses), where the channel got fewer than were wanted. */
  readonly nextDueInMs: ReadonlyMap<string, number>;
}

/** What became of a claim. Every settlement but a release comes with the attempt that was made. */
export type Settlement = { readonly id: string; readonly token: number } & (
  | { readonly event: "deliver"; readonly attempt: StoredAttempt; readonly receipt: Receipt }
  | { readonly event: "retry"; readonly attempt: StoredAttempt; readonly delayMs: number }
  | { readonly event: "pause" | "give_up"; readonly attempt: StoredAttempt; readonly reason: string }
  | { readonly event: "release"; readonly maybeArrived: boolean }
);

/** Which deliveries: all of the given conditions hold. */
export interface DeliveryFilter {
  readonly ids?: readonly string[];
  readonly channel?: string;
  readonly states?: readonly DeliveryState[];
  readonly failureKind?: FailureKind;
  readonly threadId?: string;
  /** Changed at or after, and before: milliseconds since the epoch. */
  readonly since?: number;
  readonly until?: number;
}

/** One page of a list, newest first. */
export interface DeliveryPage {
  readonly deliveries: readonly DeliverySummary[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: string;
}

/** What a command did: how many deliveries it changed, and which it left alone and why. */
export interface CommandResult {
  readonly changed: number;
  /** Named deliveries that it does not apply to, with the reason in words. */
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
  /** Where the next call goes on; absent when nothing that fits is left. */
  readonly next?: string;
}

export interface CommandRequest {
  readonly filter: DeliveryFilter;
  /** The most that are changed in one transaction. */
  readonly limit: number;
  /** `next` of the call before. */
  readonly after?: string;
}

/** What is known about a channel beyond its configuration. */
export interface ChannelRecord {
  readonly channel: string;
  /** Set while the channel is suspended: nothing of it is claimed until a person resumes it. */
  readonly suspendedAt?: number;
  readonly reason?: string;
  /** A digest of the configuration under which the channel last ran. */
  readonly configDigest?: string;
}

/**
 * Where deliveries are kept. Time is the store's: what goes in and out are durations, so that a clock that jumps while a
 * process runs, or two that differ, cannot make a wait longer or shorter than it was asked for. Every promise resolves only after what it promises is on disk; calls of one tick are one
 * transaction where the store can do that.
 *
 * @throws StoreError where the store cannot keep what it was asked to keep
 */
export interface Outbox {
  /** Accepts messages; one result for each, in their order. */
  enqueue(batch: readonly NewDelivery[]): Promise<readonly Enqueued[]>;
  /** Takes deliveries that are due, oldest first, never two with one ordering key. */
  claim(request: ClaimRequest): Promise<ClaimResult>;
  /** Extends leases; false for a claim that is not ours any more. */
  renew(claims: readonly Pick<Claim, "id" | "token">[], leaseMs: number): Promise<readonly boolean[]>;
  /** Records what became of claims; false where the claim is not ours any more, and nothing was recorded. */
  settle(batch: readonly Settlement[]): Promise<readonly boolean[]>;
  /**
   * Calls back when there may be new work; how soon after an enqueue by another process is up to the store. The returned function ends it.
   */
  onWork(listener: () => void): () => void;
  /**
   * The right to dispatch, for a store that allows only one dispatcher at a time; undefined while another process has it. It ends with
   * `release`, or with the process.
   */
  acquireDispatch(): Promise<DispatchRight | undefined>;
  /**
   * Brings waits that are longer than a channel's longest back to it. They come about where the machine's clock was set back
   * between two runs, or the configuration made shorter.
   */
  boundWaits(longestMs: ReadonlyMap<string, number>): Promise<void>;

  get(id: string): Promise<Delivery | undefined>;
  list(
    filter: DeliveryFilter,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<DeliveryPage>;
  /** How many deliveries are in each state, by channel. */
  counts(): Promise<
    readonly { readonly channel: string; readonly state: DeliveryState; readonly count: number }[]
  >;

  /** Lets paused deliveries go on: the same delivery, its attempts kept. */
  resume(request: CommandRequest): Promise<CommandResult>;
  /** Gives deliveries that have ended a fresh budget; with `force` also those that were delivered, are paused or wait for their turn. */
  redeliver(request: CommandRequest & { readonly force?: boolean }): Promise<CommandResult>;
  /** Ends deliveries that have not ended and are not under way. */
  cancel(request: CommandRequest): Promise<CommandResult>;

  channels(): Promise<readonly ChannelRecord[]>;
  suspend(channel: string, reason: string): Promise<void>;
  /** Lifts the suspension; the deliveries that are paused stay so until they are resumed. */
  unsuspend(channel: string): Promise<void>;
  setConfigDigest(channel: string, digest: string): Promise<void>;
}

/** The right to dispatch a store's deliveries. */
export interface DispatchRight {
  release(): Promise<void>;
}
