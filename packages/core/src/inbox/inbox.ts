import type { NewDelivery } from "../delivery/outbox.ts";
import type { FailureKind } from "../failure/delivery-error.ts";
import type { ThreadPolicy } from "../threads/thread-policy.ts";
import type { InboundMessage } from "./inbound-message.ts";
import type { InboundState } from "./inbound-state.ts";

/** A message that is to be stored before it is acknowledged. */
export interface NewInbound {
  readonly message: InboundMessage;
  /** Why its sender may not speak here: it is kept as `refused`, and has no turn. */
  readonly refusal?: string;
  readonly policy: Pick<
    ThreadPolicy,
    "threadRateLimit" | "threadRateWindowMs" | "concurrency" | "debounceMs"
  >;
}

/**
 * What became of a {@link NewInbound}.
 *
 * `accepted`: it is on disk, as `waiting`, `dropped` or `refused`. `duplicate`: the same `remoteId` of the same thread with the same content
 * is there already, in the state that is told, and nothing changed (one that had been refused, and whose sender may speak by now,
 * is accepted). `conflict`: the same `remoteId` has other content there. `own`: its `remoteId` is the id of a delivery of ours.
 * `rate_limited`: its thread is too fast; it is not stored. `unstorable`: it can never be stored, for the reason in `problem`.
 */
export type Received =
  | { readonly outcome: "accepted"; readonly id: string; readonly state: InboundState }
  | { readonly outcome: "duplicate"; readonly id: string; readonly state: InboundState }
  | { readonly outcome: "conflict"; readonly id: string }
  | { readonly outcome: "own" }
  | { readonly outcome: "rate_limited"; readonly retryAfterMs: number }
  | { readonly outcome: "unstorable"; readonly problem: string };

/** One turn of the agent, as it is kept. */
export interface StoredTurn {
  /** 1 for the first turn, counted over the whole life of the message. */
  readonly number: number;
  /** When it began: milliseconds since the epoch. */
  readonly at: number;
  /** Absent where the process ended in the turn. */
  readonly durationMs?: number;
  readonly failure?: {
    readonly kind: FailureKind;
    readonly message: string;
  };
  /** The wait before the next turn, if there was to be one. */
  readonly waitMs?: number;
}

/** A message whose turn is ours for a while: nobody else runs it until the lease lapses. */
export interface TurnClaim {
  readonly id: string;
  /** The fencing token: a settlement with the token of an earlier claim is refused. */
  readonly token: number;
  readonly message: InboundMessage;
  /** What was merged into this turn, oldest first, without {@link message}, which is the oldest of all. */
  readonly merged: readonly InboundMessage[];
  /** What was dropped in this thread since its last turn, oldest first. */
  readonly dropped: readonly InboundMessage[];
  /** Turns so far over the whole life of the message, with those that a crash interrupted. */
  readonly turnsMade: number;
  /** Turns that count against the budget: those since it was accepted or resumed, with those that a crash interrupted. */
  readonly budgetUsed: number;
  /** The other side's id of the message that shows the answer while it is being made; an earlier turn has posted it. */
  readonly preview?: string;
}

export interface TurnClaimRequest {
  /** The channels whose messages can be handled. */
  readonly channels: readonly string[];
  readonly limit: number;
  readonly leaseMs: number;
}

export interface TurnClaimResult {
  readonly claims: readonly TurnClaim[];
  /** In how many milliseconds the next message is due, where fewer were there than were wanted and one waits for its time. */
  readonly nextDueInMs?: number;
}

/** What became of a turn. `handle` acknowledges the message and enqueues the answers: both, or neither. */
export type TurnSettlement = { readonly id: string; readonly token: number } & (
  | { readonly event: "handle"; readonly turn: StoredTurn; readonly answers: readonly NewDelivery[] }
  | { readonly event: "retry"; readonly turn: StoredTurn; readonly delayMs: number }
  | { readonly event: "pause" | "give_up"; readonly turn: StoredTurn; readonly reason: string }
  | { readonly event: "release" }
);

/**
 * Whether a settlement was recorded. `fenced`: the claim is not ours any more. `unstorable`: an answer can never be stored
 * (its idempotency key stands for other content, it is too big), for the reason in `problem`; nothing of the settlement was recorded,
 * and the claim is still ours.
 */
export type Settled =
  | { readonly outcome: "recorded" | "fenced" }
  | { readonly outcome: "unstorable"; readonly problem: string };

/** An inbound message as it is kept, with its history. */
export interface InboundRecord {
  readonly message: InboundMessage;
  readonly state: InboundState;
  readonly updatedAt: number;
  /** When its next turn may begin; absent where there is none, or where an earlier message has to end first. */
  readonly dueAt?: number;
  /** Why it is in this state: the last failure, or what a person did. */
  readonly reason?: string;
  /** The message in whose turn it went, or whose turn was told of it, where it was merged or dropped. */
  readonly turnOf?: string;
  readonly turns: readonly StoredTurn[];
}

/**
 * Where inbound messages are kept. What is said of time and of promises at {@link Outbox} holds here, too.
 *
 * @throws StoreError where the store cannot keep what it was asked to keep
 */
export interface Inbox {
  /** Stores messages; one result for each, in their order. */
  accept(batch: readonly NewInbound[]): Promise<readonly Received[]>;
  /** Takes messages whose turn has come, those that have waited longest first, never two of one thread unless its channel is `parallel`. */
  claim(request: TurnClaimRequest): Promise<TurnClaimResult>;
  /** Extends leases; false for a claim that is not ours any more. */
  renew(claims: readonly Pick<TurnClaim, "id" | "token">[], leaseMs: number): Promise<readonly boolean[]>;
  settle(batch: readonly TurnSettlement[]): Promise<readonly Settled[]>;
  /** Keeps the id of the message that shows the answer while it is being made. */
  keepPreview(claim: Pick<TurnClaim, "id" | "token">, remoteId: string): Promise<void>;
  /** Calls back when there may be new work. The returned function ends it. */
  onWork(listener: () => void): () => void;
  get(id: string): Promise<InboundRecord | undefined>;
  /** Lets what is paused or dead have another turn, with a fresh budget. */
  resume(ids: readonly string[]): Promise<{
    readonly changed: number;
    readonly skipped: readonly { readonly id: string; readonly reason: string }[];
  }>;
  /** How many messages are in each state. */
  counts(): Promise<readonly { readonly state: InboundState; readonly count: number }[]>;
}
