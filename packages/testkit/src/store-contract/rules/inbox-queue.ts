import assert from "node:assert/strict";
import type { TurnClaim, TurnSettlement } from "@jackfield/core";
import type { InboxBench } from "../inbox-bench.ts";
import type { InboxRule } from "../rule.ts";
import { leaseMs } from "../store-bench.ts";
import { giveUp, handle, pause, release, retry } from "../turn-settlements.ts";

/** Accepts so many in one thread. */
async function acceptInLine({ accept }: InboxBench, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  while (ids.length < count) ids.push(await accept());
  return ids;
}

function letsGo(how: string, settlementOf: (claim: TurnClaim) => TurnSettlement): InboxRule {
  return {
    name: `a message that is ${how} lets the next one of its thread go`,
    async check(bench) {
      const [first, second, third] = await acceptInLine(bench, 3);
      const claim = await bench.claimOne();
      assert.equal(claim.id, first);
      await bench.clock.advance(5);
      await bench.settle(settlementOf(claim));
      const { dueAt } = await bench.get(second ?? "");
      assert.equal(dueAt, bench.clock.now());
      assert.deepEqual(await bench.claimed(), [second]);
      assert.equal(
        (await bench.get(third ?? "")).dueAt,
        undefined,
        "the third one has a time, and has to wait",
      );
    },
  };
}

function holds(how: string, settlementOf: (claim: TurnClaim) => TurnSettlement): InboxRule {
  return {
    name: `a message that is ${how} holds the others of its thread`,
    async check(bench) {
      const [first] = await acceptInLine(bench, 3);
      await bench.settle(settlementOf(await bench.claimOne()));
      await bench.accept();
      const taken = [...(await bench.claimed())];
      await bench.clock.advance(1000);
      taken.push(...(await bench.claimed()));
      assert.deepEqual(
        taken.filter((id) => id !== first),
        [],
      );
    },
  };
}

/** `concurrency = "queue"`: one after the other. */
export const inboxQueueRules: readonly InboxRule[] = [
  {
    name: "messages of one thread have their turns one at a time, in the order in which they were accepted",
    async check({ inbox, draft, claim }) {
      const batch = Array.from({ length: 10 }, () => draft());
      await inbox.accept(batch.slice(0, 5));
      await inbox.accept(batch.slice(5));
      const seen: string[] = [];
      while (seen.length < 10) {
        const claims = await claim();
        assert.equal(claims.length, 1, `${claims.length} are under way at once`);
        seen.push(...claims.map(({ id }) => id));
        await inbox.settle(claims.map((mine) => handle(mine)));
      }
      assert.deepEqual(
        seen,
        batch.map(({ message }) => message.id),
      );
    },
  },
  {
    name: "other threads, the same name on another channel, and each sender's own do not wait for each other",
    async check({ accept, inbox, draft, claimed }) {
      const ids = [
        await accept({ threadId: "a" }),
        await accept({ threadId: "b" }),
        await accept({ threadId: "a", channel: "box.two" }),
      ];
      for (const sender of ["alice", "bob", "alice"]) {
        const { message, policy } = draft({ sender });
        const { threadId: _threadId, ...own } = message;
        await inbox.accept([{ message: own, policy }]);
        ids.push(own.id);
      }
      assert.deepEqual(await claimed(10, ["box.one", "box.two"]), ids.slice(0, 5));
    },
  },
  letsGo("handled", (claim) => handle(claim)),
  letsGo("dead", giveUp),
  holds("retried", (claim) => retry(claim, 1000)),
  holds("paused", pause),
  holds("given back", release),
  {
    name: "a turn under way holds the others of its thread, also when its lease lapses",
    async check(bench) {
      const [first] = await acceptInLine(bench, 2);
      await bench.claimOne();
      assert.deepEqual(await bench.claimed(), []);
      await bench.clock.advance(leaseMs);
      assert.deepEqual(await bench.claimed(), [first]);
    },
  },
  {
    name: "what waits behind another message has no time at which it is due",
    async check(bench) {
      const [first = "", second = ""] = await acceptInLine(bench, 2);
      assert.equal((await bench.get(first)).dueAt, bench.clock.now());
      const { state, dueAt } = await bench.get(second);
      assert.deepEqual([state, dueAt], ["waiting", undefined]);
    },
  },
  {
    name: "of new ones that are accepted and claimed at once only the first of a thread has its turn",
    async check({ inbox, draft, claimed }) {
      const batch = Array.from({ length: 3 }, () => draft());
      const accepted = inbox.accept(batch);
      const taken = [...(await claimed())];
      await accepted;
      assert.deepEqual([...taken, ...(await claimed())], [batch[0]?.message.id]);
    },
  },
  {
    name: "two hundred threads at once, each in order",
    async check({ inbox, draft, claim }) {
      const names = Array.from({ length: 200 }, (_, index) => `t${index}`);
      const rounds = ["1", "2", "3"].map((content) => names.map((threadId) => draft({ threadId, content })));
      for (const round of rounds) await inbox.accept(round);
      for (const content of ["1", "2", "3"]) {
        const claims = await claim(1000);
        assert.deepEqual(
          claims.map(({ message }) => [message.threadId, message.content]),
          names.map((threadId) => [threadId, content]),
        );
        await inbox.settle(claims.map((mine) => handle(mine)));
      }
      assert.deepEqual(await claim(), []);
    },
  },
];
