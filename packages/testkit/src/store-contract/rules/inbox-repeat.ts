import assert from "node:assert/strict";
import { inboundStates } from "@jackfield/core";
import type { Draft } from "../inbox-bench.ts";
import type { InboxRule } from "../rule.ts";
import { handle, release } from "../turn-settlements.ts";

const known: Draft = { remoteId: "r-1", threadId: "t", data: { a: 1, b: { c: 2, d: 3 } } };

/** What else may stand behind the same remote id. */
const otherContents: Readonly<Record<string, Draft>> = {
  content: { content: "something else" },
  sender: { sender: "bob" },
  data: { data: { a: 1 } },
  attachments: { attachments: [{ name: "a", contentType: "text/plain", data: "aGk=" }] },
};

/** Messages that come more than once. */
export const inboxRepeatRules: readonly InboxRule[] = [
  ...inboundStates.map(
    (state): InboxRule => ({
      name: `a repeat of what is ${state} is a duplicate that says so, and changes nothing`,
      async check({ bring, get, offer, inbox, clock }) {
        const id = await bring(state, known);
        const [record, counts] = [await get(id), await inbox.counts()];
        await clock.advance(5);
        const refusal = state === "refused" ? { refusal: "still a stranger" } : {};
        assert.deepEqual(await offer({ ...known, ...refusal }), { outcome: "duplicate", id, state });
        assert.deepEqual([await get(id), await inbox.counts()], [record, counts]);
      },
    }),
  ),
  {
    name: "a repeat by somebody who may not speak any more is a duplicate still",
    async check({ accept, offer, get }) {
      const id = await accept(known);
      const repeat = await offer({ ...known, refusal: "a stranger by now" });
      assert.deepEqual(repeat, { outcome: "duplicate", id, state: "waiting" });
      assert.equal((await get(id)).reason, undefined);
    },
  },
  {
    name: "a message that was refused, and whose sender may speak by now, is accepted under its first id",
    async check({ accept, offer, get, claimOne, clock }) {
      const id = await accept({ ...known, refusal: "a stranger" }, "refused");
      await clock.advance(5);
      assert.deepEqual(await offer(known), { outcome: "accepted", id, state: "waiting" });
      const { reason, dueAt, updatedAt } = await get(id);
      assert.deepEqual([reason, dueAt, updatedAt], [undefined, clock.now(), clock.now()]);
      assert.equal((await claimOne()).id, id);
      assert.deepEqual(await offer(known), { outcome: "duplicate", id, state: "running" });
    },
  },
  {
    name: "a message that was refused and is accepted later waits for what its thread is at",
    async check({ accept, offer, get, claimOne, settle }) {
      const id = await accept({ ...known, refusal: "a stranger" }, "refused");
      const busy = await accept({ threadId: "t" });
      const claim = await claimOne();
      assert.equal(claim.id, busy);
      assert.deepEqual(await offer(known), { outcome: "accepted", id, state: "waiting" });
      assert.equal((await get(id)).dueAt, undefined, "it has a time, and has to wait");
      await settle(handle(claim));
      assert.equal((await claimOne()).id, id);
    },
  },
  {
    name: "a repeat is one whatever the order of its fields, and whenever it is received",
    async check({ accept, offer, clock }) {
      const id = await accept(known);
      await clock.advance(86_400_000);
      const repeat = await offer({ data: { b: { d: 3, c: 2 }, a: 1 }, threadId: "t", remoteId: "r-1" });
      assert.deepEqual(repeat, { outcome: "duplicate", id, state: "waiting" });
    },
  },
  {
    name: "the same message a hundred times at once is accepted once",
    async check({ inbox, draft, claimed }) {
      const copies = Array.from({ length: 100 }, () => draft(known));
      const results = (await Promise.all(copies.map((copy) => inbox.accept([copy])))).flat();
      assert.equal(results.filter(({ outcome }) => outcome === "accepted").length, 1);
      assert.equal(results.filter(({ outcome }) => outcome === "duplicate").length, 99);
      const ids = new Set(results.map((result) => "id" in result && result.id));
      assert.equal(ids.size, 1, "the duplicates name more than one message");
      assert.deepEqual(await claimed(), [...ids]);
    },
  },
  {
    name: "the same message twice in one batch is accepted once",
    async check({ inbox, draft }) {
      const results = await inbox.accept([draft(known), draft(known)]);
      assert.deepEqual(
        results.map(({ outcome }) => outcome),
        ["accepted", "duplicate"],
      );
    },
  },
  ...Object.entries(otherContents).map(
    ([what, other]): InboxRule => ({
      name: `the same remote id with other ${what} is a conflict, and changes nothing`,
      async check({ accept, offer, get, claimed }) {
        const id = await accept(known);
        const before = await get(id);
        assert.deepEqual(await offer({ ...known, ...other }), { outcome: "conflict", id });
        assert.deepEqual(await get(id), before);
        assert.deepEqual(await claimed(), [id]);
      },
    }),
  ),
  {
    name: "other content of what was refused is a conflict, also by somebody who may speak",
    async check({ accept, offer, get }) {
      const id = await accept({ ...known, refusal: "a stranger" }, "refused");
      assert.deepEqual(await offer({ ...known, content: "something else" }), { outcome: "conflict", id });
      assert.equal((await get(id)).state, "refused");
    },
  },
  {
    name: "a remote id means nothing in another thread, or on another channel",
    async check({ accept }) {
      await accept(known);
      await accept({ ...known, threadId: "another" });
      await accept({ ...known, channel: "box.two", content: "something else" });
    },
  },
  {
    name: "what two senders say outside of any thread with one remote id are two messages",
    async check({ inbox, draft }) {
      const drafts = ["alice", "bob", "alice"].map((sender) => {
        const { message, policy } = draft({ sender, remoteId: "r-1" });
        const { threadId: _threadId, ...own } = message;
        return { message: own, policy };
      });
      const results = await inbox.accept(drafts);
      assert.deepEqual(
        results.map(({ outcome }) => outcome),
        ["accepted", "accepted", "duplicate"],
      );
    },
  },
  {
    name: "messages without a remote id are never repeats",
    async check({ accept, claimed, claimOne, settle }) {
      const ids = [await accept(), await accept()];
      const claim = await claimOne();
      await settle(release(claim));
      const again = await claimOne();
      await settle(handle(again));
      assert.deepEqual([again.id, ...(await claimed())], ids);
    },
  },
];
