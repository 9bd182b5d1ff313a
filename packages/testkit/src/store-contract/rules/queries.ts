import assert from "node:assert/strict";
import { type DeliveryFilter, deliveryStates } from "@jackfield/core";
import type { StoreRule } from "../rule.ts";
import { giveUp } from "../settlements.ts";
import { channel, type StoreBench } from "../store-bench.ts";

async function idsOf({ outbox }: StoreBench, filter: DeliveryFilter): Promise<readonly string[]> {
  return (await outbox.list(filter, { limit: 100 })).deliveries.map(({ id }) => id);
}

/** What a person sees. */
export const queryRules: readonly StoreRule[] = [
  {
    name: "get() knows nothing of an id that was never accepted",
    async check({ outbox }) {
      assert.equal(await outbox.get("msg_unknown"), undefined);
    },
  },
  {
    name: "list() tells all but the content and the history, newest first",
    async check({ accept, claimOne, outbox, clock }) {
      const dead = await accept({ threadId: "t", orderingKey: "o" });
      const createdAt = clock.now();
      await clock.advance(5);
      await outbox.settle([giveUp(await claimOne())]);
      const queued = await accept({ expiresInMs: 50 });
      assert.deepEqual(await outbox.list({}, { limit: 10 }), {
        deliveries: [
          {
            id: queued,
            channel,
            state: "queued",
            createdAt: clock.now(),
            updatedAt: clock.now(),
            dueAt: clock.now(),
            expiresAt: clock.now() + 50,
            attemptCount: 0,
          },
          {
            id: dead,
            channel,
            state: "dead",
            createdAt,
            updatedAt: clock.now(),
            threadId: "t",
            orderingKey: "o",
            attemptCount: 1,
            failureKind: "rejected",
            reason: "it was rejected",
          },
        ],
      });
    },
  },
  {
    name: "the pages of a list skip nothing and repeat nothing, also while new deliveries are accepted",
    async check({ outbox, draft, accept }) {
      const batch = Array.from({ length: 25 }, () => draft());
      await outbox.enqueue(batch);
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await outbox.list({}, { limit: 10, ...(after === undefined ? {} : { after }) });
        seen.push(...page.deliveries.map(({ id }) => id));
        after = page.next;
        await accept();
      } while (after !== undefined);
      assert.deepEqual(seen, batch.map(({ message }) => message.id).toReversed());
    },
  },
  {
    name: "a page that is the last one names no next one, also when it is full",
    async check({ outbox, draft }) {
      await outbox.enqueue([draft(), draft()]);
      assert.equal((await outbox.list({}, { limit: 2 })).next, undefined);
      assert.equal((await outbox.list({ channel: "box.unknown" }, { limit: 2 })).next, undefined);
    },
  },
  {
    name: "a list can be filtered by each of its conditions, and by all of them",
    async check(bench) {
      const { accept, bring, outbox, claimOne, clock } = bench;
      const start = clock.now();
      const dead = await accept({ threadId: "t" });
      await outbox.settle([giveUp(await claimOne(), "blocked")]);
      await clock.advance(10);
      const paused = await bring("paused");
      await clock.advance(10);
      const other = await accept({ channel: "box.two", threadId: "t" });
      assert.deepEqual(await idsOf(bench, { ids: [dead, other, "msg_unknown"] }), [other, dead]);
      assert.deepEqual(await idsOf(bench, { ids: [] }), []);
      assert.deepEqual(await idsOf(bench, { channel: "box.two" }), [other]);
      assert.deepEqual(await idsOf(bench, { states: ["dead", "paused"] }), [paused, dead]);
      assert.deepEqual(await idsOf(bench, { states: ["dead", "queued"] }), [other, dead]);
      assert.deepEqual(await idsOf(bench, { states: [] }), []);
      assert.deepEqual(await idsOf(bench, { failureKind: "blocked" }), [dead]);
      assert.deepEqual(await idsOf(bench, { threadId: "t" }), [other, dead]);
      assert.deepEqual(await idsOf(bench, { since: start + 10 }), [other, paused]);
      assert.deepEqual(await idsOf(bench, { until: start + 10 }), [dead]);
      assert.deepEqual(await idsOf(bench, { threadId: "t", channel, states: ["dead"] }), [dead]);
      assert.deepEqual(await idsOf(bench, { threadId: "t", channel, states: ["paused"] }), []);
    },
  },
  {
    name: "counts() tells how many are in each state, by channel",
    async check({ bring, outbox }) {
      // What is due comes last: to bring a delivery into a state, no other may be due.
      const states = deliveryStates.toSorted((a, b) => Number(a === "queued") - Number(b === "queued"));
      for (const state of states) await bring(state);
      await bring("dead", { channel: "box.two" });
      await bring("dead", { channel: "box.two" });
      const byName = (a: { channel: string; state: string }, b: { channel: string; state: string }) =>
        `${a.channel} ${a.state}` < `${b.channel} ${b.state}` ? -1 : 1;
      assert.deepEqual([...(await outbox.counts())].sort(byName), [
        ...deliveryStates.toSorted().map((state) => ({ channel, state, count: 1 })),
        { channel: "box.two", state: "dead", count: 2 },
      ]);
    },
  },
  {
    name: "prune() deletes what was delivered long enough ago, and nothing else",
    async check({ bring, store, outbox, clock }) {
      const gone = await bring("delivered");
      const dead = await bring("dead");
      await clock.advance(1000);
      const recent = await bring("delivered");
      assert.deepEqual(await store.prune({ deliveredBeforeMs: 500 }), { deleted: 1 });
      assert.equal(await outbox.get(gone), undefined);
      assert.equal((await outbox.get(dead))?.state, "dead");
      assert.equal((await outbox.get(recent))?.state, "delivered");
      assert.deepEqual(await store.prune({ deliveredBeforeMs: 500 }), { deleted: 0 });
    },
  },
  {
    name: "stats() tells where the store is and how big",
    async check({ store, accept }) {
      await accept();
      const { location, bytes, freeBytes } = await store.stats();
      assert.notEqual(location, "");
      assert.ok(bytes > 0 && freeBytes >= 0 && freeBytes <= bytes, `${freeBytes} of ${bytes} bytes are free`);
    },
  },
];
