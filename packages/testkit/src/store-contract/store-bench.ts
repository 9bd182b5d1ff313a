import assert from "node:assert/strict";
import type {
  Claim,
  ClaimResult,
  Delivery,
  DeliveryState,
  MessageDraft,
  NewDelivery,
  Outbox,
  Store,
} from "@jackfield/core";
import { createMessage } from "@jackfield/core";
import { createManualClock, type ManualClock } from "../manual-clock.ts";
import { deliver, giveUp, pause, retry } from "./settlements.ts";
import type { StoreSubject } from "./subject.ts";

/** The channel of what is not said to be on another one. */
export const channel = "box.one";
export const leaseMs = 30_000;

export type Draft = Partial<MessageDraft> & Partial<Omit<NewDelivery, "message">>;

/** A store under test, with the words in which the rules speak of it. */
export interface StoreBench extends AsyncDisposable {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly clock: ManualClock;
  /** A delivery as it is handed to the store. */
  draft(draft?: Draft): NewDelivery;
  /** Has one accepted. @returns its id */
  accept(draft?: Draft): Promise<string>;
  /** Claims on one channel. */
  claim(limit?: number, from?: string): Promise<readonly Claim[]>;
  /** Claims on one channel, with everything the store says to it. */
  ask(limit?: number, from?: string): Promise<ClaimResult>;
  /** Claims, and expects exactly one delivery. */
  claimOne(from?: string): Promise<Claim>;
  /** The ids of what can be claimed now, in order; it is claimed then. */
  claimed(limit?: number, from?: string): Promise<readonly string[]>;
  /** A delivery that is known to the store. */
  get(id: string): Promise<Delivery>;
  /** A new delivery, brought into a state; no other may be due. @returns its id */
  bring(state: DeliveryState, draft?: Draft): Promise<string>;
}

export async function openStoreBench({ open }: StoreSubject): Promise<StoreBench> {
  const clock = createManualClock();
  const store = await open(clock);
  const { outbox } = store;
  const bench: StoreBench = {
    store,
    outbox,
    clock,
    draft({ channel: to = channel, orderingKey, expiresInMs, ...draft } = {}) {
      const message = createMessage({ content: "hello", ...draft }, clock.now());
      return {
        channel: to,
        message,
        ...(orderingKey === undefined ? {} : { orderingKey }),
        ...(expiresInMs === undefined ? {} : { expiresInMs }),
      };
    },
    async accept(draft) {
      const delivery = bench.draft(draft);
      const results = await outbox.enqueue([delivery]);
      assert.deepEqual(results, [{ outcome: "accepted", id: delivery.message.id }]);
      return delivery.message.id;
    },
    ask: (limit = 100, from = channel) => outbox.claim({ limits: new Map([[from, limit]]), leaseMs }),
    claim: async (limit, from) => (await bench.ask(limit, from)).claims,
    async claimOne(from) {
      const [claim, ...others] = await bench.claim(100, from);
      assert.ok(claim, "nothing can be claimed where one delivery is due");
      assert.equal(others.length, 0, `${others.length} deliveries too many are claimed`);
      return claim;
    },
    claimed: async (limit, from) => (await bench.claim(limit, from)).map(({ id }) => id),
    async get(id) {
      const delivery = await outbox.get(id);
      assert.ok(delivery, `the delivery ${id} is not known to the store`);
      return delivery;
    },
    async bring(state, draft) {
      const expiresInMs = state === "expired" ? { expiresInMs: 1 } : {};
      const id = await bench.accept({ ...expiresInMs, ...draft });
      const all = { filter: { ids: [id] }, limit: 1 };
      if (state === "cancelled") await outbox.cancel(all);
      if (state === "expired") {
        await clock.advance(1);
        await bench.ask(100, draft?.channel);
      }
      if (["queued", "cancelled", "expired"].includes(state)) return id;
      const claim = await bench.claimOne(draft?.channel);
      if (state === "retrying") await outbox.settle([retry(claim, 1000)]);
      if (state === "paused") await outbox.settle([pause(claim)]);
      if (state === "delivered") await outbox.settle([deliver(claim)]);
      if (state === "dead") await outbox.settle([giveUp(claim)]);
      return id;
    },
    [Symbol.asyncDispose]: () => store.close(),
  };
  return bench;
}
