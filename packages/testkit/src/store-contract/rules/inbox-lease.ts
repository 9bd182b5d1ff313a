import assert from "node:assert/strict";
import type { InboxRule } from "../rule.ts";
import { leaseMs } from "../store-bench.ts";
import { answerTo, giveUp, handle, pause, release, retry } from "../turn-settlements.ts";

const interrupted = { kind: "unknown", message: "the process ended in this turn" };

/** Leases of turns, and the tokens that fence them. */
export const inboxLeaseRules: readonly InboxRule[] = [
  {
    name: "a lease holds for its time, and then the turn that a crash interrupted is on record and counts",
    async check({ accept, claimOne, claimed, get, clock }) {
      const id = await accept();
      await clock.advance(5);
      const first = await claimOne();
      const startedAt = clock.now();
      await clock.advance(leaseMs - 1);
      assert.deepEqual(await claimed(), []);
      await clock.advance(1);
      const second = await claimOne();
      assert.deepEqual([second.id, second.turnsMade, second.budgetUsed], [id, 1, 1]);
      assert.notEqual(second.token, first.token);
      const { turns, state } = await get(id);
      assert.deepEqual(turns, [{ number: 1, at: startedAt, failure: interrupted }]);
      assert.equal(state, "running");
    },
  },
  {
    name: "each interrupted turn is on record, beside those that ended",
    async check({ accept, claimOne, settle, get, clock }) {
      const id = await accept();
      await claimOne();
      await clock.advance(leaseMs);
      await settle(retry(await claimOne(), 10));
      await clock.advance(10);
      await claimOne();
      await clock.advance(leaseMs);
      const claim = await claimOne();
      assert.deepEqual([claim.turnsMade, claim.budgetUsed], [3, 3]);
      await settle(handle(claim));
      const { turns } = await get(id);
      assert.deepEqual(
        turns.map(({ number, failure }) => [number, failure?.message]),
        [
          [1, interrupted.message],
          [2, "the agent failed"],
          [3, interrupted.message],
          [4, undefined],
        ],
      );
    },
  },
  {
    name: "a settlement under the token of a lapsed claim is fenced, and changes nothing",
    async check({ accept, claimOne, get, inbox, outbox, settle, clock }) {
      const id = await accept();
      const old = await claimOne();
      await clock.advance(leaseMs);
      const current = await claimOne();
      const before = await get(id);
      const late = [handle(old, [answerTo(old)]), retry(old, 1), pause(old), giveUp(old), release(old)];
      for (const settlement of late) {
        assert.deepEqual(await inbox.settle([settlement]), [{ outcome: "fenced" }], settlement.event);
        assert.deepEqual(await get(id), before, `${settlement.event} is fenced, and has changed something`);
      }
      assert.deepEqual(await outbox.counts(), [], "a turn that is not ours any more has answered");
      await settle(handle(current));
    },
  },
  {
    name: "a settlement of a lapsed claim that nobody else has made since is taken",
    async check({ accept, claimOne, get, settle, clock }) {
      const id = await accept();
      const claim = await claimOne();
      await clock.advance(leaseMs + 1);
      await settle(handle(claim));
      const { state, turns } = await get(id);
      assert.deepEqual([state, turns.length], ["handled", 1]);
    },
  },
  {
    name: "a turn can be settled once",
    async check({ accept, claimOne, get, inbox }) {
      const id = await accept();
      const claim = await claimOne();
      const results = await inbox.settle([retry(claim, 1), handle(claim)]);
      assert.deepEqual(results, [{ outcome: "recorded" }, { outcome: "fenced" }]);
      assert.deepEqual(await inbox.settle([giveUp(claim)]), [{ outcome: "fenced" }]);
      const { state, turns } = await get(id);
      assert.deepEqual([state, turns.length], ["retrying", 1]);
    },
  },
  {
    name: "a fenced settlement leaves its neighbours in the batch alone",
    async check({ accept, claim, inbox, get }) {
      await accept({ threadId: "a" });
      await accept({ threadId: "b" });
      const [first, second] = await claim();
      assert.ok(first && second);
      const unknown = { ...first, id: "inb_unknown" };
      const stale = { ...first, token: first.token - 1 };
      assert.deepEqual(await inbox.settle([handle(unknown), handle(stale), handle(second)]), [
        { outcome: "fenced" },
        { outcome: "fenced" },
        { outcome: "recorded" },
      ]);
      assert.equal((await get(first.id)).state, "running");
      assert.equal((await get(second.id)).state, "handled");
    },
  },
  {
    name: "renew() extends a lease from now on, and tells a claim that is not ours any more",
    async check({ accept, claimOne, claimed, inbox, settle, clock }) {
      await accept();
      const first = await claimOne();
      await clock.advance(leaseMs - 1);
      assert.deepEqual(await inbox.renew([first], leaseMs), [true]);
      await clock.advance(leaseMs - 1);
      assert.deepEqual(await claimed(), []);
      await clock.advance(1);
      const second = await claimOne();
      assert.deepEqual(await inbox.renew([first, second], leaseMs), [false, true]);
      await settle(handle(second));
      assert.deepEqual(await inbox.renew([second], leaseMs), [false]);
    },
  },
  {
    name: "of the turns that lapsed at once none is lost and none is given twice",
    async check({ inbox, draft, claimed, clock }) {
      const batch = Array.from({ length: 30 }, (_, index) => draft({ threadId: `t${index}` }));
      await inbox.accept(batch);
      await claimed();
      await clock.advance(leaseMs);
      const again = [...(await claimed(20)), ...(await claimed(20))];
      assert.deepEqual(again.toSorted(), batch.map(({ message }) => message.id).toSorted());
    },
  },
  {
    name: "whoever gets the right to dispatch can claim at once what the one before had under way",
    async check({ accept, claimOne, outbox, get }) {
      const id = await accept();
      await (await outbox.acquireDispatch())?.release();
      const old = await claimOne();
      const right = await outbox.acquireDispatch();
      assert.ok(right, "the right was released, and it is not given");
      const current = await claimOne();
      assert.deepEqual([current.id, current.turnsMade], [id, 1]);
      assert.notEqual(current.token, old.token);
      assert.deepEqual((await get(id)).turns[0]?.failure, interrupted);
    },
  },
  {
    name: "the id of the message that shows an answer in the making is told to every later claim",
    async check({ accept, claimOne, inbox, settle, clock }) {
      await accept();
      const first = await claimOne();
      await inbox.keepPreview(first, "p-1");
      await inbox.keepPreview(first, "p-2");
      await clock.advance(leaseMs);
      const second = await claimOne();
      assert.deepEqual([first.preview, second.preview], [undefined, "p-2"]);
      await settle(retry(second, 0));
      assert.equal((await claimOne()).preview, "p-2");
    },
  },
  {
    name: "keepPreview() under an old token keeps nothing",
    async check({ accept, claimOne, inbox, clock }) {
      await accept();
      const old = await claimOne();
      await clock.advance(leaseMs);
      await claimOne();
      await inbox.keepPreview(old, "p-1");
      await clock.advance(leaseMs);
      assert.equal((await claimOne()).preview, undefined);
    },
  },
];
