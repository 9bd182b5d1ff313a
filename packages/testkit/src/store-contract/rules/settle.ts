import assert from "node:assert/strict";
import type { StoredAttempt } from "@jackfield/core";
import type { StoreRule } from "../rule.ts";
import { deliver, giveUp, pause, release, retry } from "../settlements.ts";

/** What is kept of an attempt, and what the next claim is told. */
export const settleRules: readonly StoreRule[] = [
  {
    name: "every attempt is kept with all that is known of it",
    async check({ accept, claimOne, get, outbox, clock }) {
      const id = await accept();
      const attempts: StoredAttempt[] = [
        {
          number: 1,
          at: 1_767_225_600_000,
          durationMs: 30_000.25,
          status: 503,
          failure: { kind: "server_error", message: "503", retryAfterMs: 1500, ambiguous: true },
          waitMs: 5,
        },
        {
          number: 2,
          at: 1_767_225_601_000,
          durationMs: 0,
          failure: { kind: "network", message: "refused", ambiguous: false },
          waitMs: 5,
        },
        { number: 3, at: 1_767_225_602_000, durationMs: 8, status: 204 },
      ];
      for (const attempt of attempts) {
        const { id: of, token } = await claimOne();
        const isLast = attempt.number === 3;
        const taken = await outbox.settle([
          isLast
            ? { id: of, token, event: "deliver", attempt, receipt: { remoteId: "r-1" } }
            : { id: of, token, event: "retry", attempt, delayMs: 5 },
        ]);
        assert.deepEqual(taken, [true]);
        await clock.advance(5);
      }
      const { attempts: kept, receipt } = await get(id);
      assert.deepEqual(kept, attempts);
      assert.deepEqual(receipt, { remoteId: "r-1" });
    },
  },
  {
    name: "the attempts that were made and those of the budget are counted",
    async check({ accept, claimOne, outbox, clock }) {
      await accept();
      for (const made of [0, 1, 2]) {
        const claim = await claimOne();
        assert.equal(claim.attemptsMade, made);
        assert.equal(claim.budgetUsed, made);
        await outbox.settle([retry(claim, 1)]);
        await clock.advance(1);
      }
    },
  },
  {
    name: "once an attempt may have arrived, every later claim says so",
    async check({ accept, claimOne, outbox, clock }) {
      await accept();
      const seen: boolean[] = [];
      for (const ambiguous of [false, true, false]) {
        const claim = await claimOne();
        seen.push(claim.maybeArrived);
        await outbox.settle([retry(claim, 1, ambiguous)]);
        await clock.advance(1);
      }
      assert.deepEqual([...seen, (await claimOne()).maybeArrived], [false, false, true, true]);
    },
  },
  {
    name: "a claim that is given back leaves the delivery as it was before, due at once, with no attempt spent",
    async check({ accept, claimOne, get, outbox, clock }) {
      const id = await accept();
      await outbox.settle([release(await claimOne())]);
      const fresh = await get(id);
      assert.deepEqual([fresh.state, fresh.attempts.length, fresh.dueAt], ["queued", 0, clock.now()]);
      await outbox.settle([retry(await claimOne(), 10)]);
      await clock.advance(10);
      await outbox.settle([release(await claimOne())]);
      const tried = await get(id);
      assert.deepEqual([tried.state, tried.attempts.length, tried.dueAt], ["retrying", 1, clock.now()]);
      const again = await claimOne();
      assert.deepEqual([again.attemptsMade, again.budgetUsed, again.maybeArrived], [1, 1, false]);
    },
  },
  {
    name: "a claim that is given back after its request was cut off may have arrived",
    async check({ accept, claimOne, outbox }) {
      await accept();
      await outbox.settle([release(await claimOne(), true)]);
      await outbox.settle([release(await claimOne(), false)]);
      assert.equal((await claimOne()).maybeArrived, true);
    },
  },
  {
    name: "a delivery that is paused or dead says why",
    async check({ accept, claimOne, get, outbox }) {
      const paused = await accept();
      await outbox.settle([pause(await claimOne())]);
      assert.equal((await get(paused)).reason, "the token was refused");
      const dead = await accept();
      await outbox.settle([giveUp(await claimOne())]);
      assert.equal((await get(dead)).reason, "it was rejected");
    },
  },
  {
    name: "a retry of a fraction of a millisecond is taken",
    async check({ accept, claimOne, claimed, outbox, clock }) {
      const id = await accept();
      assert.deepEqual(await outbox.settle([retry(await claimOne(), 0.5)]), [true]);
      assert.deepEqual(await claimed(), []);
      await clock.advance(1);
      assert.deepEqual(await claimed(), [id]);
    },
  },
  {
    name: "settlements, a claim and new messages of one tick do not disturb each other",
    async check({ accept, claim, claimOne, draft, outbox, get }) {
      await accept();
      const first = await claimOne();
      const fresh = draft();
      const [settled, enqueued, taken] = await Promise.all([
        outbox.settle([deliver(first)]),
        outbox.enqueue([fresh]),
        claim(),
      ]);
      assert.deepEqual(settled, [true]);
      assert.equal(enqueued[0]?.outcome, "accepted");
      const all = [...taken, ...(await claim())].map(({ id }) => id);
      assert.deepEqual(all, [fresh.message.id]);
      assert.equal((await get(first.id)).state, "delivered");
    },
  },
];
