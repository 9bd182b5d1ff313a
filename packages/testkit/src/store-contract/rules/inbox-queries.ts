import assert from "node:assert/strict";
import { inboundStates } from "@jackfield/core";
import { thread } from "../inbox-bench.ts";
import type { InboxRule } from "../rule.ts";
import { channel } from "../store-bench.ts";
import { handle } from "../turn-settlements.ts";

/** What ended well, and can be forgotten. */
const prunable = ["handled", "merged", "dropped", "refused"] as const;

/** What a person sees of the inbox, and what is forgotten of it. */
export const inboxQueryRules: readonly InboxRule[] = [
  {
    name: "get() of the inbox knows nothing of an id that was never accepted",
    async check({ inbox }) {
      assert.equal(await inbox.get("inb_unknown"), undefined);
    },
  },
  {
    name: "counts() tells how many messages are in each state",
    async check({ bring, inbox }) {
      // What is due comes last: to bring a message into a state, no other may be due.
      const last = ["retrying", "running", "waiting"];
      const states = inboundStates.toSorted((a, b) => last.indexOf(a) - last.indexOf(b));
      for (const state of states) await bring(state);
      const counts = new Map((await inbox.counts()).map(({ state, count }) => [state, count]));
      // What was merged and what was dropped came with a message that was handled.
      assert.deepEqual(counts, new Map(inboundStates.map((state) => [state, state === "handled" ? 3 : 1])));
    },
  },
  ...inboundStates.map((state): InboxRule => {
    const isPruned = prunable.some((ended) => ended === state);
    return {
      name: `prune() ${isPruned ? "deletes" : "keeps"} a message that is ${state} for long enough`,
      async check({ bring, store, inbox, clock }) {
        const id = await bring(state, { remoteId: "r-1" });
        await clock.advance(1000);
        await store.prune({ deliveredBeforeMs: 500 });
        assert.equal((await inbox.get(id))?.state, isPruned ? undefined : state);
      },
    };
  }),
  {
    name: "prune() counts what it deletes, deliveries and messages together, and leaves what is recent",
    async check({ accept, claimOne, settle, store, inbox, clock }) {
      const old = await accept();
      await settle(handle(await claimOne()));
      await accept({ refusal: "a stranger" }, "refused");
      await clock.advance(1000);
      const recent = await accept();
      await settle(handle(await claimOne()));
      assert.deepEqual(await store.prune({ deliveredBeforeMs: 500 }), { deleted: 2 });
      assert.equal(await inbox.get(old), undefined);
      assert.equal((await inbox.get(recent))?.state, "handled");
      assert.deepEqual(await store.prune({ deliveredBeforeMs: 500 }), { deleted: 0 });
    },
  },
  {
    name: "what ended recently is kept by prune(), however long ago it was accepted",
    async check({ accept, claimOne, settle, store, inbox, clock }) {
      const id = await accept();
      await clock.advance(1000);
      await settle(handle(await claimOne()));
      assert.deepEqual(await store.prune({ deliveredBeforeMs: 500 }), { deleted: 0 });
      assert.equal((await inbox.get(id))?.state, "handled");
    },
  },
  {
    name: "a thread of which prune() has left nothing is gone with its conversation, and begins anew",
    async check({ accept, claimOne, settle, store, threads, clock }) {
      const id = `${channel}/${thread}`;
      await accept();
      await threads.track([{ thread: id, at: clock.now(), type: "message", participant: "alice" }]);
      await settle(handle(await claimOne()));
      await clock.advance(1000);
      await store.prune({ deliveredBeforeMs: 500 });
      assert.equal(await threads.get(id), undefined);
      assert.deepEqual(await threads.timeline(id, { limit: 10 }), { entries: [] });
      await accept();
      assert.deepEqual(await threads.get(id), {
        id,
        channel,
        name: thread,
        startedAt: clock.now(),
        lastAt: clock.now(),
        inboundCount: 1,
        outboundCount: 0,
      });
    },
  },
  {
    name: "a message that was pruned is new when it comes again",
    async check({ bring, accept, store, clock }) {
      await bring("handled", { remoteId: "r-1", threadId: "t" });
      await clock.advance(1000);
      await store.prune({ deliveredBeforeMs: 500 });
      await accept({ remoteId: "r-1", threadId: "t" });
    },
  },
];
