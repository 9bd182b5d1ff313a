import assert from "node:assert/strict";
import type { Conversation, ConversationEvent } from "@jackfield/core";
import { type InboxBench, thread } from "../inbox-bench.ts";
import type { InboxRule } from "../rule.ts";
import { channel } from "../store-bench.ts";

const id = `${channel}/${thread}`;

const says = (participant: string, at: number): ConversationEvent => ({
  thread: id,
  at,
  type: "message",
  participant,
});
const turn = (at: number): ConversationEvent => ({ thread: id, at, type: "turn" });
const resolved = (at: number, resolution?: string): ConversationEvent => ({
  thread: id,
  at,
  type: "resolved",
  ...(resolution === undefined ? {} : { resolution }),
});

async function conversation({ threads }: InboxBench, of = id): Promise<Conversation | undefined> {
  return (await threads.get(of))?.conversation;
}

/** What is known of conversations. */
export const trackRules: readonly InboxRule[] = [
  {
    name: "a thread that nobody tracked has no conversation",
    async check(bench) {
      await bench.accept();
      assert.equal(await conversation(bench), undefined);
    },
  },
  {
    name: "a conversation has its beginning, its turns, and each participant once, in the order of first speaking",
    async check(bench) {
      await bench.accept();
      await bench.threads.track([says("zoe", 10), turn(11), says("alice", 12)]);
      await bench.threads.track([says("zoe", 13), turn(14), says("bob", 15), says("alice", 16)]);
      const expected = { startedAt: 10, turns: 2, participants: ["zoe", "alice", "bob"] };
      assert.deepEqual(await conversation(bench), expected);
      const { threads } = await bench.threads.list({}, { limit: 10 });
      assert.deepEqual(threads[0]?.conversation, expected);
    },
  },
  {
    name: "a conversation that is resolved says when, and how it was",
    async check(bench) {
      await bench.accept();
      await bench.threads.track([says("alice", 10), turn(11), resolved(12, "refunded")]);
      assert.deepEqual(await conversation(bench), {
        startedAt: 10,
        turns: 1,
        participants: ["alice"],
        resolvedAt: 12,
        resolution: "refunded",
      });
    },
  },
  {
    name: "a conversation can be resolved without a word",
    async check(bench) {
      await bench.accept();
      await bench.threads.track([says("alice", 10), resolved(12)]);
      assert.deepEqual(await conversation(bench), {
        startedAt: 10,
        turns: 0,
        participants: ["alice"],
        resolvedAt: 12,
      });
    },
  },
  {
    name: "a message after the resolution begins another conversation, a turn does not",
    async check(bench) {
      await bench.accept();
      await bench.threads.track([says("alice", 10), resolved(12, "done"), turn(13)]);
      assert.deepEqual(await conversation(bench), {
        startedAt: 10,
        turns: 1,
        participants: ["alice"],
        resolvedAt: 12,
        resolution: "done",
      });
      await bench.threads.track([says("bob", 20), turn(21)]);
      assert.deepEqual(await conversation(bench), { startedAt: 20, turns: 1, participants: ["bob"] });
    },
  },
  {
    name: "what happened in a thread that is not known is left out, and the rest is recorded",
    async check(bench) {
      await bench.accept();
      const unknown = [`${channel}/unknown`, `box.two/${thread}`, thread, ""];
      const strange = unknown.map((of): ConversationEvent => ({ ...says("bob", 9), thread: of }));
      await bench.threads.track([...strange, says("alice", 10)]);
      assert.deepEqual(await conversation(bench), { startedAt: 10, turns: 0, participants: ["alice"] });
      for (const of of unknown) assert.equal(await bench.threads.get(of), undefined);
    },
  },
  {
    name: "conversations of two threads do not mix, also where both have one name",
    async check(bench) {
      await bench.accept();
      await bench.accept({ channel: "box.two" });
      await bench.threads.track([says("alice", 10), { ...says("bob", 11), thread: `box.two/${thread}` }]);
      assert.deepEqual((await conversation(bench))?.participants, ["alice"]);
      assert.deepEqual((await conversation(bench, `box.two/${thread}`))?.participants, ["bob"]);
    },
  },
  {
    name: "to track nothing is no error",
    async check({ threads }) {
      await threads.track([]);
    },
  },
];
