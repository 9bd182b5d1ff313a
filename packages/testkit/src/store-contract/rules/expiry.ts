import assert from "node:assert/strict";
import type { StoreRule } from "../rule.ts";
import { pause, retry } from "../settlements.ts";
import { channel, leaseMs } from "../store-bench.ts";

/** Messages with a time limit: sent in time, or not at all. */
export const expiryRules: readonly StoreRule[] = [
  {
    name: "a queued delivery is claimed until its time runs out",
    async check({ accept, claimed, clock }) {
      const id = await accept({ expiresInMs: 100 });
      await clock.advance(99);
      assert.deepEqual(await claimed(), [id]);
    },
  },
  {
    name: "a queued delivery whose time has run out expires instead of being claimed, and says why",
    async check({ accept, ask, get, clock }) {
      const id = await accept({ expiresInMs: 100 });
      await clock.advance(100);
      const { claims, expired } = await ask();
      assert.deepEqual([claims, expired], [[], [{ id, channel }]]);
      const { state, reason, dueAt } = await get(id);
      assert.deepEqual([state, dueAt], ["expired", undefined]);
      assert.ok(reason, "no reason is given");
      assert.deepEqual((await ask()).expired, [], "it is reported twice");
    },
  },
  {
    name: "what is accepted with no time left is not claimed, not even at once",
    async check({ outbox, draft, ask }) {
      const enqueued = outbox.enqueue([draft({ expiresInMs: 0 })]);
      assert.deepEqual((await ask()).claims, []);
      await enqueued;
      assert.deepEqual((await ask()).claims, []);
    },
  },
  {
    name: "a retry that would come too late expires when its time runs out",
    async check({ accept, claimOne, ask, outbox, clock }) {
      const id = await accept({ expiresInMs: 100 });
      await outbox.settle([retry(await claimOne(), 5000)]);
      assert.deepEqual((await ask()).nextDueInMs, new Map([[channel, 100]]));
      await clock.advance(100);
      const { claims, expired } = await ask();
      assert.deepEqual([claims, expired], [[], [{ id, channel }]]);
    },
  },
  {
    name: "a paused delivery expires when its time runs out",
    async check({ accept, claimOne, ask, get, outbox, clock }) {
      const id = await accept({ expiresInMs: 100 });
      await outbox.settle([pause(await claimOne())]);
      assert.equal((await get(id)).dueAt, undefined, "a paused delivery has a time for its next attempt");
      await clock.advance(99);
      assert.deepEqual((await ask()).claims, []);
      await clock.advance(1);
      assert.deepEqual((await ask()).expired, [{ id, channel }]);
    },
  },
  {
    name: "a lapsed claim whose time has run out expires",
    async check({ accept, claimOne, ask, clock }) {
      const id = await accept({ expiresInMs: 100 });
      await claimOne();
      await clock.advance(leaseMs);
      const { claims, expired } = await ask();
      assert.deepEqual([claims, expired], [[], [{ id, channel }]]);
    },
  },
  {
    name: "what expires takes no place of what is claimed",
    async check({ outbox, draft, accept, ask, clock }) {
      await outbox.enqueue(Array.from({ length: 5 }, () => draft({ expiresInMs: 10 })));
      await clock.advance(10);
      const ids = [await accept(), await accept(), await accept()];
      const { claims, expired } = await ask(2);
      assert.equal(expired.length, 5);
      assert.deepEqual(
        claims.map(({ id }) => id),
        ids.slice(0, 2),
      );
    },
  },
  {
    name: "a redelivered delivery has no time limit any more",
    async check({ bring, outbox, claimed, clock }) {
      const id = await bring("expired");
      await outbox.redeliver({ filter: { ids: [id] }, limit: 1 });
      await clock.advance(1000);
      assert.deepEqual(await claimed(), [id]);
    },
  },
];
