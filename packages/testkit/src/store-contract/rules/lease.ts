import assert from "node:assert/strict";
import type { StoreRule } from "../rule.ts";
import { deliver, giveUp, pause, release, retry } from "../settlements.ts";
import { leaseMs } from "../store-bench.ts";

/** Leases, and the tokens that fence them. */
export const leaseRules: readonly StoreRule[] = [
  {
    name: "a lease holds for its time, and then the delivery can be claimed again as one that may have arrived",
    async check({ accept, claimOne, claim, clock }) {
      const id = await accept();
      const first = await claimOne();
      await clock.advance(leaseMs - 1);
      assert.equal((await claim()).length, 0);
      await clock.advance(1);
      const second = await claimOne();
      assert.equal(second.id, id);
      assert.equal(second.maybeArrived, true);
      assert.equal(second.attemptsMade, 0);
      assert.notEqual(second.token, first.token);
    },
  },
  {
    name: "a settlement under the token of a lapsed claim is refused, and changes nothing",
    async check({ accept, claimOne, get, outbox, clock }) {
      const id = await accept();
      const old = await claimOne();
      await clock.advance(leaseMs);
      const current = await claimOne();
      const before = await get(id);
      for (const settlement of [deliver(old), retry(old, 1), pause(old), giveUp(old), release(old)]) {
        assert.deepEqual(await outbox.settle([settlement]), [false], `${settlement.event} is taken`);
        assert.deepEqual(await get(id), before, `${settlement.event} is refused, and has changed something`);
      }
      assert.deepEqual(await outbox.settle([deliver(current)]), [true]);
    },
  },
  {
    name: "a settlement of a lapsed claim that nobody else has made since is taken",
    async check({ accept, claimOne, get, outbox, clock }) {
      const id = await accept();
      const claim = await claimOne();
      await clock.advance(leaseMs + 1);
      assert.deepEqual(await outbox.settle([deliver(claim)]), [true]);
      assert.equal((await get(id)).state, "delivered");
    },
  },
  {
    name: "a claim can be settled once",
    async check({ bring, accept, claimOne, get, outbox }) {
      await bring("queued");
      const claim = await claimOne();
      assert.deepEqual(await outbox.settle([retry(claim, 1), deliver(claim)]), [true, false]);
      assert.deepEqual(await outbox.settle([giveUp(claim)]), [false]);
      assert.equal((await get(claim.id)).attempts.length, 1);
      await accept();
    },
  },
  {
    name: "one refused settlement leaves its neighbours in the batch alone",
    async check({ outbox, draft, claim, get, clock }) {
      await outbox.enqueue([draft(), draft()]);
      const [lost, kept] = await claim();
      assert.ok(lost && kept);
      await outbox.renew([kept], leaseMs * 2);
      await clock.advance(leaseMs);
      await claim();
      const unknown = { ...kept, id: "msg_unknown" };
      assert.deepEqual(await outbox.settle([deliver(lost), deliver(unknown), deliver(kept)]), [
        false,
        false,
        true,
      ]);
      assert.equal((await get(kept.id)).state, "delivered");
    },
  },
  {
    name: "renew() extends a lease from now on, and tells a claim that is not ours any more",
    async check({ accept, claimOne, claim, outbox, clock }) {
      await accept();
      const first = await claimOne();
      await clock.advance(leaseMs - 1);
      assert.deepEqual(await outbox.renew([first], leaseMs), [true]);
      await clock.advance(leaseMs - 1);
      assert.equal((await claim()).length, 0);
      await clock.advance(1);
      const second = await claimOne();
      assert.deepEqual(await outbox.renew([first, second], leaseMs), [false, true]);
      await outbox.settle([deliver(second)]);
      assert.deepEqual(await outbox.renew([second], leaseMs), [false]);
    },
  },
  {
    name: "of the claims that lapsed at once none is lost and none is given twice",
    async check({ outbox, draft, claimed, clock }) {
      const batch = Array.from({ length: 30 }, () => draft());
      await outbox.enqueue(batch);
      await claimed();
      await clock.advance(leaseMs);
      const again = [...(await claimed(20)), ...(await claimed(20))];
      assert.deepEqual(again.toSorted(), batch.map(({ message }) => message.id).toSorted());
    },
  },
];
