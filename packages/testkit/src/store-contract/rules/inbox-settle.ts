import assert from "node:assert/strict";
import { createMessage, type StoredTurn } from "@jackfield/core";
import type { InboxRule } from "../rule.ts";
import { channel, leaseMs } from "../store-bench.ts";
import { answerTo, giveUp, handle, pause, release, retry } from "../turn-settlements.ts";

/** What becomes of turns. */
export const inboxSettleRules: readonly InboxRule[] = [
  {
    name: "a turn that is handled ends the message, and its answers are in the outbox, in their order",
    async check({ accept, claimOne, settle, get, outbox, clock }) {
      const id = await accept();
      const claim = await claimOne();
      const answers = [answerTo(claim, { content: "one" }), answerTo(claim, { content: "two" })];
      await clock.advance(7);
      await settle(handle(claim, answers));
      const { state, dueAt, reason, updatedAt } = await get(id);
      assert.deepEqual([state, dueAt, reason, updatedAt], ["handled", undefined, undefined, clock.now()]);
      const { claims } = await outbox.claim({ limits: new Map([[channel, 10]]), leaseMs });
      assert.deepEqual(
        claims.map(({ message }) => message),
        answers.map(({ message }) => message),
      );
      for (const { message } of answers) assert.equal((await outbox.get(message.id))?.inReplyTo, id);
    },
  },
  {
    name: "onWork() of the outbox calls back when a turn has answered",
    async check({ accept, claimOne, settle, outbox }) {
      await accept();
      const claim = await claimOne();
      let calls = 0;
      const stop = outbox.onWork(() => calls++);
      await settle(handle(claim, [answerTo(claim)]));
      stop();
      assert.ok(calls > 0, "it does not call back");
    },
  },
  {
    name: "onWork() of the inbox calls back when a turn that has ended lets the next message go",
    async check({ accept, claimOne, settle, inbox }) {
      await accept();
      await accept();
      const claim = await claimOne();
      let calls = 0;
      const stop = inbox.onWork(() => calls++);
      await settle(handle(claim));
      stop();
      assert.ok(calls > 0, "it does not call back");
    },
  },
  {
    name: "a turn whose answer can never be stored is not recorded at all, and its claim stays ours",
    async check({ accept, claimOne, get, inbox, outbox, settle }) {
      const id = await accept();
      const taken = createMessage({ content: "hello", idempotencyKey: "k" }, 0);
      await outbox.enqueue([{ channel, message: taken }]);
      const claim = await claimOne();
      const before = await get(id);
      const fine = answerTo(claim, { idempotencyKey: "another" });
      const [settled] = await inbox.settle([handle(claim, [fine, answerTo(claim, { idempotencyKey: "k" })])]);
      assert.equal(settled?.outcome, "unstorable");
      assert.match(settled.problem, new RegExp(taken.id), "the reason does not name the other delivery");
      assert.deepEqual(await get(id), before);
      assert.equal(await outbox.get(fine.message.id), undefined, "half of the answers are in the outbox");
      await settle(handle(claim, [fine]));
      assert.equal((await outbox.get(fine.message.id))?.state, "queued");
    },
  },
  {
    name: "a turn whose answer can never be stored leaves its neighbours in the batch alone",
    async check({ accept, claim, get, inbox, outbox }) {
      for (const threadId of ["a", "b", "c"]) await accept({ threadId });
      const [first, second, third] = await claim();
      assert.ok(first && second && third);
      const endless: { [key: string]: never } = {};
      Object.assign(endless, { self: endless });
      const answers = [answerTo(first), answerTo(third)];
      const results = await inbox.settle([
        handle(first, answers.slice(0, 1)),
        handle(second, [{ ...answerTo(second), message: { ...answerTo(second).message, data: endless } }]),
        handle(third, answers.slice(1)),
      ]);
      assert.deepEqual(
        results.map(({ outcome }) => outcome),
        ["recorded", "unstorable", "recorded"],
      );
      const states = [first, second, third].map(async ({ id }) => (await get(id)).state);
      assert.deepEqual(await Promise.all(states), ["handled", "running", "handled"]);
      for (const { message } of answers) assert.equal((await outbox.get(message.id))?.state, "queued");
    },
  },
  {
    name: "an answer that is in the outbox already is not sent twice",
    async check({ accept, claimOne, get, settle, outbox }) {
      const id = await accept();
      const claim = await claimOne();
      await outbox.enqueue([answerTo(claim, { idempotencyKey: "k" })]);
      await settle(handle(claim, [answerTo(claim, { idempotencyKey: "k" })]));
      assert.equal((await get(id)).state, "handled");
      assert.deepEqual(await outbox.counts(), [{ channel, state: "queued", count: 1 }]);
    },
  },
  {
    name: "an answer may go through another channel",
    async check({ accept, claimOne, settle, outbox }) {
      await accept();
      const claim = await claimOne();
      await settle(handle(claim, [{ ...answerTo(claim), channel: "box.two" }]));
      assert.deepEqual(await outbox.counts(), [{ channel: "box.two", state: "queued", count: 1 }]);
    },
  },
  {
    name: "a turn that failed is made again at its time and not before, and the message says why",
    async check({ accept, claimOne, claimed, settle, get, clock }) {
      const id = await accept();
      await settle(retry(await claimOne(), 1000));
      const { state, dueAt, reason, updatedAt } = await get(id);
      assert.deepEqual([state, reason, updatedAt], ["retrying", "the agent failed", clock.now()]);
      assert.equal(dueAt, clock.now() + 1000);
      await clock.advance(999);
      assert.deepEqual(await claimed(), []);
      await clock.advance(1);
      assert.deepEqual(await claimed(), [id]);
    },
  },
  {
    name: "a retry of a fraction of a millisecond is taken",
    async check({ accept, claimOne, claimed, settle, clock }) {
      const id = await accept();
      await settle(retry(await claimOne(), 0.5));
      assert.deepEqual(await claimed(), []);
      await clock.advance(1);
      assert.deepEqual(await claimed(), [id]);
    },
  },
  ...(
    [
      ["paused", pause, "the agent was refused"],
      ["dead", giveUp, "the agent failed too often"],
    ] as const
  ).map(
    ([state, end, reason]): InboxRule => ({
      name: `a message that is ${state} says why, and has no further turn of itself`,
      async check({ accept, claimOne, claimed, settle, get, clock }) {
        const id = await accept();
        await settle(end(await claimOne()));
        const record = await get(id);
        assert.deepEqual([record.state, record.reason, record.dueAt], [state, reason, undefined]);
        assert.equal(record.turns.length, 1);
        await clock.advance(leaseMs * 10);
        assert.deepEqual(await claimed(), []);
      },
    }),
  ),
  {
    name: "a claim that is given back leaves the message as it was before, due at once, with no turn spent",
    async check({ accept, claimOne, settle, get, clock }) {
      const id = await accept();
      await clock.advance(5);
      await settle(release(await claimOne()));
      const fresh = await get(id);
      assert.deepEqual([fresh.state, fresh.turns.length, fresh.dueAt], ["waiting", 0, clock.now()]);
      await settle(retry(await claimOne(), 10));
      await clock.advance(10);
      await settle(release(await claimOne()));
      const tried = await get(id);
      assert.deepEqual([tried.state, tried.turns.length, tried.dueAt], ["retrying", 1, clock.now()]);
      const again = await claimOne();
      assert.deepEqual([again.turnsMade, again.budgetUsed], [1, 1]);
    },
  },
  {
    name: "every turn is kept with all that is known of it, and later claims count them",
    async check({ accept, claimOne, settle, get, clock }) {
      const id = await accept();
      const turns: StoredTurn[] = [
        {
          number: 1,
          at: 1_767_225_600_000,
          durationMs: 30_000.25,
          failure: { kind: "timeout", message: "the agent took longer than 30 s" },
          waitMs: 5,
        },
        {
          number: 2,
          at: 1_767_225_601_000,
          durationMs: 0,
          failure: { kind: "network", message: "refused" },
          waitMs: 5,
        },
        { number: 3, at: 1_767_225_602_000, durationMs: 8 },
      ];
      for (const turn of turns) {
        const { token, turnsMade, budgetUsed } = await claimOne();
        assert.deepEqual([turnsMade, budgetUsed], [turn.number - 1, turn.number - 1]);
        await settle(
          turn.number === 3
            ? { id, token, event: "handle", turn, answers: [] }
            : { id, token, event: "retry", turn, delayMs: 5 },
        );
        await clock.advance(5);
      }
      assert.deepEqual((await get(id)).turns, turns);
    },
  },
];
