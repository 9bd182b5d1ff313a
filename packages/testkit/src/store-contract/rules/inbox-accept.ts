import assert from "node:assert/strict";
import { createMessage } from "@jackfield/core";
import type { InboxRule } from "../rule.ts";
import { channel } from "../store-bench.ts";

/** What is taken into the inbox, and what is not. */
export const inboxAcceptRules: readonly InboxRule[] = [
  {
    name: "an accepted message is kept word for word, waits, and is due at once",
    async check({ inbox, draft, get, clock }) {
      const inbound = draft({
        sender: "@alice:example.com",
        content: "Grüße, \u0000 \u{1f600} and \ud800",
        remoteId: "r-1",
        threadId: "t/1",
        attachments: [{ name: "a", contentType: "text/plain", data: "aGk=" }],
        data: JSON.parse('{"deep":[1.5,null,{"":true}],"__proto__":{"a":1}}'),
      });
      await inbox.accept([inbound]);
      assert.deepEqual(await get(inbound.message.id), {
        message: inbound.message,
        state: "waiting",
        updatedAt: clock.now(),
        dueAt: clock.now(),
        turns: [],
      });
    },
  },
  {
    name: "accept() answers each message of a batch in its place, and none depends on its neighbours",
    async check({ accept, inbox, outbox, draft }) {
      const known = await accept({ remoteId: "r-1" });
      const ours = createMessage("hello", 0);
      await outbox.enqueue([{ channel, message: ours }]);
      const endless: { [key: string]: never } = {};
      Object.assign(endless, { self: endless });
      const fresh = draft();
      const results = await inbox.accept([
        draft({ remoteId: "r-1", content: "something else" }),
        draft({ data: endless }),
        draft({ remoteId: ours.id }),
        draft({ threadRateLimit: 1 }),
        draft({ remoteId: "r-1" }),
        fresh,
      ]);
      const problem = results[1]?.outcome === "unstorable" ? results[1].problem : "";
      assert.notEqual(problem, "", "no reason is given for what cannot be stored");
      assert.deepEqual(results, [
        { outcome: "conflict", id: known },
        { outcome: "unstorable", problem },
        { outcome: "own" },
        { outcome: "rate_limited", retryAfterMs: 10_000 },
        { outcome: "duplicate", id: known, state: "waiting" },
        { outcome: "accepted", id: fresh.message.id, state: "waiting" },
      ]);
    },
  },
  {
    name: "a message that cannot be stored leaves nothing behind, its thread neither",
    async check({ offer, claimed, inbox, threads }) {
      const endless: { [key: string]: never } = {};
      Object.assign(endless, { self: endless });
      assert.equal((await offer({ data: endless })).outcome, "unstorable");
      assert.deepEqual(await claimed(), []);
      assert.deepEqual(await inbox.counts(), []);
      assert.deepEqual(await threads.list({}, { limit: 10 }), { threads: [] });
    },
  },
  {
    name: "an empty batch is no error",
    async check({ inbox }) {
      assert.deepEqual(await inbox.accept([]), []);
      assert.deepEqual(await inbox.settle([]), []);
      assert.deepEqual(await inbox.renew([], 1000), []);
      assert.deepEqual(await inbox.resume([]), { changed: 0, skipped: [] });
    },
  },
  {
    name: "what a delivery of ours has as its id is our own message: nothing is stored of it",
    async check({ outbox, offer, claimed, inbox }) {
      const ours = createMessage("hello", 0);
      await outbox.enqueue([{ channel: "box.two", message: ours }]);
      assert.deepEqual(await offer({ remoteId: ours.id }), { outcome: "own" });
      assert.deepEqual(await claimed(), []);
      assert.deepEqual(await inbox.counts(), []);
    },
  },
  {
    name: "a remote id that only looks like one of ours is a message like any other",
    async check({ accept, outbox, offer }) {
      await accept({ remoteId: "msg_somebody-elses" });
      const message = { ...createMessage("hello", 0), id: "other-1", idempotencyKey: "other-1" };
      await outbox.enqueue([{ channel, message }]);
      const { outcome } = await offer({ remoteId: "other-1" });
      assert.equal(outcome, "accepted");
    },
  },
  {
    name: "a message whose sender may not speak is kept with the reason, and has no turn",
    async check({ accept, get, claimed, clock }) {
      const id = await accept({ refusal: "a stranger" }, "refused");
      const { state, reason, dueAt, turns, updatedAt } = await get(id);
      assert.deepEqual([state, reason, dueAt, turns], ["refused", "a stranger", undefined, []]);
      assert.equal(updatedAt, clock.now());
      await clock.advance(1_000_000);
      assert.deepEqual(await claimed(), []);
    },
  },
  ...(["queue", "debounce", "drop", "parallel"] as const).map(
    (concurrency): InboxRule => ({
      name: `a refused message holds nobody up, and is merged with and told to nobody (${concurrency})`,
      async check({ accept, claimOne, clock }) {
        await accept({ concurrency, refusal: "a stranger" }, "refused");
        const id = await accept({ concurrency });
        await accept({ concurrency, refusal: "a stranger" }, "refused");
        await clock.advance(1500);
        const claim = await claimOne();
        assert.deepEqual([claim.id, claim.merged, claim.dropped], [id, [], []]);
      },
    }),
  ),
  {
    name: "onWork() of the inbox calls back when a message is accepted, until it is ended",
    async check({ inbox, accept }) {
      let calls = 0;
      const stop = inbox.onWork(() => calls++);
      await accept();
      assert.ok(calls > 0, "it does not call back");
      stop();
      const before = calls;
      await accept();
      assert.equal(calls, before, "it calls back after its end");
    },
  },
  {
    name: "a runner that asks whenever it is called gets everything",
    async check({ inbox, draft, claim }) {
      const asked: Promise<{ readonly length: number }>[] = [];
      const stop = inbox.onWork(() => asked.push(claim(1000)));
      for (let i = 0; i < 20; i++) {
        await inbox.accept([draft({ threadId: `a${i}` }), draft({ threadId: `b${i}` })]);
      }
      stop();
      const taken = (await Promise.all(asked)).reduce((sum, { length }) => sum + length, 0);
      assert.equal(taken, 40);
    },
  },
];
