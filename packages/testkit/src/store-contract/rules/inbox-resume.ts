import assert from "node:assert/strict";
import { inboundStates } from "@jackfield/core";
import type { InboxRule } from "../rule.ts";
import { giveUp, handle, pause, retry } from "../turn-settlements.ts";

/** What a person can do with a message that is stuck. */
export const inboxResumeRules: readonly InboxRule[] = [
  ...inboundStates.map((state): InboxRule => {
    if (state === "paused" || state === "dead") {
      return {
        name: `resume(): what is ${state} has another turn at once, its turns kept, with a fresh budget`,
        async check({ bring, inbox, get, claimOne, settle, clock }) {
          const id = await bring(state);
          await clock.advance(7);
          assert.deepEqual(await inbox.resume([id]), { changed: 1, skipped: [] });
          const record = await get(id);
          assert.deepEqual([record.state, record.dueAt], ["waiting", clock.now()]);
          assert.deepEqual([record.updatedAt, record.turns.length], [clock.now(), 1]);
          assert.ok(record.reason, "no reason is given for the new state");
          const claim = await claimOne();
          assert.deepEqual([claim.id, claim.turnsMade, claim.budgetUsed], [id, 1, 0]);
          await settle(retry(claim, 0));
          const again = await claimOne();
          assert.deepEqual([again.turnsMade, again.budgetUsed], [2, 1]);
        },
      };
    }
    return {
      name: `resume(): what is ${state} is skipped with the reason, and nothing changes`,
      async check({ bring, inbox, get }) {
        const id = await bring(state);
        const before = await get(id);
        const skipped = [{ id, reason: `it is ${state}` }];
        assert.deepEqual(await inbox.resume([id]), { changed: 0, skipped });
        assert.deepEqual(await get(id), before);
      },
    };
  }),
  {
    name: "resume() of what does not exist says so, and does the rest",
    async check({ bring, inbox, get }) {
      const id = await bring("dead");
      const skipped = [{ id: "inb_unknown", reason: "there is no such message" }];
      assert.deepEqual(await inbox.resume(["inb_unknown", id]), { changed: 1, skipped });
      assert.equal((await get(id)).state, "waiting");
    },
  },
  {
    name: "resume() of one message twice lets it go once",
    async check({ bring, inbox, claimed }) {
      const id = await bring("paused");
      const { changed, skipped } = await inbox.resume([id, id]);
      assert.deepEqual([changed, skipped], [1, [{ id, reason: "it is waiting" }]]);
      assert.deepEqual(await claimed(), [id]);
    },
  },
  {
    name: "a paused message that is resumed goes before the others of its thread",
    async check({ accept, claimOne, claimed, settle, inbox }) {
      const first = await accept();
      await accept();
      await settle(pause(await claimOne()));
      await inbox.resume([first]);
      assert.deepEqual(await claimed(), [first]);
    },
  },
  {
    name: "a dead message that is resumed goes next: after what its thread is at, before what is newer",
    async check({ accept, claimOne, claimed, settle, inbox, get }) {
      const [first, second] = [await accept(), await accept(), await accept()];
      await settle(giveUp(await claimOne()));
      const current = await claimOne();
      assert.equal(current.id, second);
      await inbox.resume([first]);
      assert.equal((await get(first)).dueAt, undefined, "it has a time, and has to wait");
      assert.deepEqual(await claimed(), [], "two of one thread are under way");
      await settle(handle(current));
      assert.deepEqual(await claimed(), [first]);
    },
  },
  {
    name: "dead messages that are resumed together go one at a time, oldest first",
    async check({ accept, claimOne, settle, inbox }) {
      const ids = [await accept(), await accept(), await accept()];
      for (const _ of ids) await settle(giveUp(await claimOne()));
      await inbox.resume(ids);
      for (const id of ids) {
        const claim = await claimOne();
        assert.equal(claim.id, id);
        await settle(handle(claim));
      }
    },
  },
  {
    name: "a dead parallel message that is resumed waits for nobody",
    async check({ accept, claimOne, claimed, settle, inbox }) {
      const first = await accept({ concurrency: "parallel" });
      await settle(giveUp(await claimOne()));
      await accept();
      await claimOne();
      await inbox.resume([first]);
      assert.deepEqual(await claimed(), [first]);
    },
  },
  {
    name: "onWork() of the inbox calls back when a message is resumed",
    async check({ bring, inbox }) {
      const id = await bring("paused");
      let calls = 0;
      const stop = inbox.onWork(() => calls++);
      await inbox.resume([id]);
      stop();
      assert.ok(calls > 0, "it does not call back");
    },
  },
];
