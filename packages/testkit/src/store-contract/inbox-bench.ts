import assert from "node:assert/strict";
import {
  createInbound,
  createThreadPolicy,
  type InboundDraft,
  type InboundRecord,
  type InboundState,
  type Inbox,
  type NewInbound,
  type Outbox,
  type Received,
  type Store,
  type ThreadPolicy,
  type Threads,
  type TurnClaim,
  type TurnClaimResult,
  type TurnSettlement,
} from "@jackfield/core";
import { createManualClock, type ManualClock } from "../manual-clock.ts";
import { channel, leaseMs } from "./store-bench.ts";
import type { StoreSubject } from "./subject.ts";
import { giveUp, handle, pause, retry } from "./turn-settlements.ts";

/** The name of the thread of what is not said to be in another one. */
export const thread = "thread-1";

/** A message by what matters of it; without a rate limit, unless it is given. */
export interface Draft
  extends Partial<InboundDraft>,
    Partial<Omit<NewInbound["policy"], "concurrency">>,
    Partial<Pick<ThreadPolicy, "concurrency">> {
  readonly channel?: string;
  readonly refusal?: string;
}

/** A store under test, with the words in which the rules speak of what comes in. */
export interface InboxBench extends AsyncDisposable {
  readonly store: Store;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly threads: Threads;
  readonly clock: ManualClock;
  /** A message as it is handed to the store. */
  draft(draft?: Draft): NewInbound;
  /** Hands one to the store. @returns what became of it */
  offer(draft?: Draft): Promise<Received>;
  /** Has one accepted. @returns its id */
  accept(draft?: Draft, state?: InboundState): Promise<string>;
  /** Claims on channels, with everything that the store says to it. */
  ask(limit?: number, channels?: readonly string[]): Promise<TurnClaimResult>;
  claim(limit?: number, channels?: readonly string[]): Promise<readonly TurnClaim[]>;
  /** Claims, and expects exactly one message. */
  claimOne(channels?: readonly string[]): Promise<TurnClaim>;
  /** The ids of what can be claimed now, in order; it is claimed then. */
  claimed(limit?: number, channels?: readonly string[]): Promise<readonly string[]>;
  /** Settles a turn, and expects that it is recorded. */
  settle(settlement: TurnSettlement): Promise<void>;
  /** A message that is known to the store. */
  get(id: string): Promise<InboundRecord>;
  /** A new message in a thread of its own, brought into a state; no other may be due. @returns its id */
  bring(state: InboundState, draft?: Draft): Promise<string>;
}

export async function openInboxBench({ open }: StoreSubject): Promise<InboxBench> {
  const clock = createManualClock();
  const store = await open(clock);
  const { inbox, outbox, threads } = store;
  let brought = 0;
  const bench: InboxBench = {
    store,
    inbox,
    outbox,
    threads,
    clock,
    draft({ channel: from = channel, refusal, ...fields } = {}) {
      const { threadRateLimit = 0, threadRateWindowMs, concurrency, debounceMs, ...draft } = fields;
      const policy = createThreadPolicy({ threadRateLimit, threadRateWindowMs, concurrency, debounceMs });
      const message = createInbound(
        { sender: "alice", content: "hello", threadId: thread, ...draft },
        from,
        clock.now(),
      );
      return { message, policy, ...(refusal === undefined ? {} : { refusal }) };
    },
    async offer(draft) {
      const [received, ...others] = await inbox.accept([bench.draft(draft)]);
      assert.ok(received && others.length === 0, "the store does not answer one message with one result");
      return received;
    },
    async accept(draft, state = "waiting") {
      const inbound = bench.draft(draft);
      const { id } = inbound.message;
      assert.deepEqual(await inbox.accept([inbound]), [{ outcome: "accepted", id, state }]);
      return id;
    },
    ask: (limit = 100, channels = [channel]) => inbox.claim({ channels, limit, leaseMs }),
    claim: async (limit, channels) => (await bench.ask(limit, channels)).claims,
    async claimOne(channels) {
      const [claim, ...others] = await bench.claim(100, channels);
      assert.ok(claim, "nothing can be claimed where one message is due");
      assert.equal(others.length, 0, `${others.length} messages too many are claimed`);
      return claim;
    },
    claimed: async (limit, channels) => (await bench.claim(limit, channels)).map(({ id }) => id),
    async settle(settlement) {
      assert.deepEqual(await inbox.settle([settlement]), [{ outcome: "recorded" }]);
    },
    async get(id) {
      const record = await inbox.get(id);
      assert.ok(record, `the message ${id} is not known to the store`);
      return record;
    },
    async bring(state, draft) {
      const own: Draft & { readonly threadId: string } = { threadId: `own-${++brought}`, ...draft };
      if (state === "waiting") return bench.accept(own);
      if (state === "refused") return bench.accept({ ...own, refusal: "a stranger" }, "refused");
      if (state === "merged" || state === "dropped") {
        const concurrency = state === "merged" ? "debounce" : "drop";
        const { channel: on = channel, threadId } = own;
        await bench.accept({ channel: on, threadId, concurrency });
        const id = await bench.accept({ ...own, concurrency }, state === "merged" ? "waiting" : "dropped");
        await clock.advance(1500);
        await bench.settle(handle(await bench.claimOne([own.channel ?? channel])));
        return id;
      }
      const id = await bench.accept(own);
      const claim = await bench.claimOne([own.channel ?? channel]);
      if (state === "retrying") await bench.settle(retry(claim, 1000));
      if (state === "paused") await bench.settle(pause(claim));
      if (state === "dead") await bench.settle(giveUp(claim));
      if (state === "handled") await bench.settle(handle(claim));
      return id;
    },
    [Symbol.asyncDispose]: () => store.close(),
  };
  return bench;
}
