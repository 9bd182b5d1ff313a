import assert from "node:assert/strict";
import type { InboxRule } from "../rule.ts";
import { leaseMs } from "../store-bench.ts";
import { handle, retry } from "../turn-settlements.ts";

/** Which messages have their turn, and when. */
export const inboxClaimRules: readonly InboxRule[] = [
  {
    name: "a claim of a new message says that it had no turn",
    async check({ inbox, draft, claimOne, get }) {
      const inbound = draft({ remoteId: "r-1", data: { deep: [1] } });
      await inbox.accept([inbound]);
      const { token, ...claim } = await claimOne();
      assert.equal(typeof token, "number");
      assert.deepEqual(claim, {
        id: inbound.message.id,
        message: inbound.message,
        merged: [],
        dropped: [],
        turnsMade: 0,
        budgetUsed: 0,
      });
      const { state, dueAt } = await get(claim.id);
      assert.deepEqual([state, dueAt], ["running", undefined]);
    },
  },
  {
    name: "a claim takes no more than is asked for over all channels together, and nothing of a channel that is not named",
    async check({ accept, claim }) {
      let threads = 0;
      for (const channel of ["box.three", "box.one", "box.two", "box.one", "box.two"]) {
        await accept({ channel, threadId: `t${threads++}` });
      }
      const channelsOf = (claims: Awaited<ReturnType<typeof claim>>) =>
        claims.map(({ message }) => message.channel);
      const asked = ["box.one", "box.two", "box.unknown"];
      assert.deepEqual(channelsOf(await claim(3, asked)), ["box.one", "box.two", "box.one"]);
      assert.deepEqual(channelsOf(await claim(3, asked)), ["box.two"]);
      assert.deepEqual(await claim(3, []), []);
    },
  },
  {
    name: "a claim of nothing takes nothing",
    async check({ accept, ask, claimed }) {
      const id = await accept();
      assert.deepEqual(await ask(0), { claims: [] });
      assert.deepEqual(await claimed(), [id]);
    },
  },
  {
    name: "a claim takes what has been due for the longest time first",
    async check({ accept, claimOne, claimed, settle, clock }) {
      const retried = await accept({ threadId: "a" });
      await settle(retry(await claimOne(), 50));
      await clock.advance(10);
      const second = await accept({ threadId: "b", channel: "box.two" });
      await clock.advance(100);
      const third = await accept({ threadId: "c" });
      assert.deepEqual(await claimed(100, ["box.one", "box.two"]), [second, retried, third]);
    },
  },
  {
    name: "messages that are due at the same time are claimed in the order in which they were accepted",
    async check({ inbox, draft, claimed }) {
      const batch = Array.from({ length: 50 }, (_, index) => draft({ threadId: `t${index}` }));
      await inbox.accept(batch);
      const ids = batch.map(({ message }) => message.id);
      assert.deepEqual(await claimed(20), ids.slice(0, 20));
      assert.deepEqual(await claimed(), ids.slice(20));
    },
  },
  {
    name: "a turn that a crash interrupted goes before what is due",
    async check({ accept, claimOne, claimed, clock }) {
      const waiting = await accept({ threadId: "a", channel: "box.two" });
      await clock.advance(1);
      const interrupted = await accept({ threadId: "b" });
      await claimOne();
      await clock.advance(leaseMs);
      assert.deepEqual(await claimed(1, ["box.one", "box.two"]), [interrupted]);
      assert.deepEqual(await claimed(1, ["box.one", "box.two"]), [waiting]);
    },
  },
  {
    name: "nothing is claimed twice, however many claims are made at once",
    async check({ inbox, draft, claimed }) {
      await inbox.accept(Array.from({ length: 60 }, (_, index) => draft({ threadId: `t${index}` })));
      const taken = (await Promise.all([claimed(25), claimed(25), claimed(25), claimed(25)])).flat();
      assert.equal(taken.length, 60);
      assert.equal(new Set(taken).size, 60);
    },
  },
  {
    name: "what is accepted and claimed at once is claimed once, up to the limit, oldest first",
    async check({ inbox, draft, claimed }) {
      const batch = Array.from({ length: 5 }, (_, index) => draft({ threadId: `t${index}` }));
      const accepted = inbox.accept(batch);
      const taken = await claimed(3);
      await accepted;
      // A store may decide the claim before or after the acceptance, but not in between.
      const ids = batch.map(({ message }) => message.id);
      assert.ok([0, 3].includes(taken.length), `${taken.length} of 3 are claimed`);
      assert.deepEqual(taken, ids.slice(0, taken.length));
      assert.deepEqual(await claimed(), ids.slice(taken.length));
    },
  },
  {
    name: "settlements, a claim and new messages of one tick do not disturb each other",
    async check({ accept, claimOne, claimed, inbox, draft, get }) {
      await accept();
      const first = await claimOne();
      const next = draft();
      const [settled, received, taken] = await Promise.all([
        inbox.settle([handle(first)]),
        inbox.accept([next]),
        claimed(),
      ]);
      assert.deepEqual(settled, [{ outcome: "recorded" }]);
      assert.equal(received[0]?.outcome, "accepted");
      assert.deepEqual([...taken, ...(await claimed())], [next.message.id]);
      assert.equal((await get(first.id)).state, "handled");
    },
  },
  {
    name: "a claim that comes back short says when the next message is due, of the channels it asked for",
    async check({ accept, claimOne, ask, settle, clock }) {
      await accept({ threadId: "a" });
      await settle(retry(await claimOne(), 700));
      await accept({ threadId: "b", channel: "box.two" });
      await settle(retry(await claimOne(["box.two"]), 300));
      await clock.advance(200);
      assert.deepEqual(await ask(), { claims: [], nextDueInMs: 500 });
      assert.deepEqual(await ask(1, ["box.one", "box.two"]), { claims: [], nextDueInMs: 100 });
      await accept({ threadId: "c" });
      const { claims, nextDueInMs } = await ask(1);
      assert.deepEqual(
        [claims.length, nextDueInMs],
        [1, undefined],
        "nothing was missing, and a time is given",
      );
    },
  },
  {
    name: "what is under way, and what waits behind it, has no time at which it is due",
    async check({ accept, claimOne, ask }) {
      await accept();
      await claimOne();
      await accept();
      assert.deepEqual(await ask(), { claims: [] });
    },
  },
  ...[86_400_000, -86_400_000].map(
    (jumpMs): InboxRule => ({
      name: `a date that is set ${jumpMs > 0 ? "forward" : "back"} by a day makes no wait and no lease longer or shorter`,
      async check({ accept, claimOne, claimed, settle, clock }) {
        const retried = await accept({ threadId: "a" });
        await settle(retry(await claimOne(), 1000));
        clock.jump(jumpMs);
        const fresh = await accept({ threadId: "b" });
        assert.deepEqual(await claimed(), [fresh], "what is due at once and what is not are mixed up");
        await clock.advance(999);
        assert.deepEqual(await claimed(), []);
        await clock.advance(1);
        assert.deepEqual(await claimed(), [retried]);
        await clock.advance(leaseMs - 1001);
        assert.deepEqual(await claimed(), [], "a lease ends early");
        await clock.advance(1);
        assert.deepEqual(await claimed(), [fresh]);
      },
    }),
  ),
];
