import assert from "node:assert/strict";
import type { StoreRule } from "../rule.ts";
import { channel } from "../store-bench.ts";

/** What is accepted, and what is not. */
export const enqueueRules: readonly StoreRule[] = [
  {
    name: "enqueue() answers each message of a batch in its place",
    async check({ outbox, draft }) {
      const first = draft({ idempotencyKey: "order-1" });
      await outbox.enqueue([first]);
      const fresh = draft();
      const results = await outbox.enqueue([
        draft({ idempotencyKey: "order-1", content: "something else" }),
        fresh,
        draft({ idempotencyKey: "order-1" }),
      ]);
      assert.deepEqual(results, [
        { outcome: "conflict", id: first.message.id },
        { outcome: "accepted", id: fresh.message.id },
        { outcome: "duplicate", id: first.message.id },
      ]);
    },
  },
  {
    name: "an accepted message is kept word for word",
    async check({ outbox, draft, get, claimOne }) {
      const delivery = draft({
        content: "Grüße, \u0000 \u{1f600} and \ud800",
        recipient: "r",
        threadId: "t",
        subject: "s",
        attachments: [{ name: "a", contentType: "text/plain", data: "aGk=" }],
        data: { deep: [1.5, null, { "": true }] },
        idempotencyKey: "k",
      });
      await outbox.enqueue([delivery]);
      assert.deepEqual((await get(delivery.message.id)).message, delivery.message);
      assert.deepEqual((await claimOne()).message, delivery.message);
    },
  },
  {
    name: "the same key with the same content is the same delivery, whatever the order of its fields",
    async check({ outbox, draft, claimed }) {
      const first = draft({ idempotencyKey: "k", data: { a: 1, b: { c: 2, d: 3 } } });
      const second = draft({ data: { b: { d: 3, c: 2 }, a: 1 }, idempotencyKey: "k" });
      await outbox.enqueue([first]);
      const results = await outbox.enqueue([second]);
      assert.deepEqual(results, [{ outcome: "duplicate", id: first.message.id }]);
      assert.deepEqual(await claimed(), [first.message.id]);
    },
  },
  {
    name: "the same key a hundred times at once is accepted once",
    async check({ outbox, draft, claimed }) {
      const drafts = Array.from({ length: 100 }, () => draft({ idempotencyKey: "k" }));
      const results = (await Promise.all(drafts.map((delivery) => outbox.enqueue([delivery])))).flat();
      const accepted = results.filter(({ outcome }) => outcome === "accepted");
      assert.equal(accepted.length, 1);
      assert.equal(results.filter(({ outcome }) => outcome === "duplicate").length, 99);
      const ids = new Set(results.map((result) => "id" in result && result.id));
      assert.equal(ids.size, 1, "the duplicates name more than one delivery");
      assert.deepEqual(await claimed(), [...ids]);
    },
  },
  {
    name: "the same key twice in one batch is accepted once",
    async check({ outbox, draft }) {
      const results = await outbox.enqueue([draft({ idempotencyKey: "k" }), draft({ idempotencyKey: "k" })]);
      assert.deepEqual(
        results.map(({ outcome }) => outcome),
        ["accepted", "duplicate"],
      );
    },
  },
  {
    name: "a key keeps its meaning after its delivery has ended",
    async check({ bring, outbox, draft }) {
      const id = await bring("delivered", { idempotencyKey: "k" });
      assert.deepEqual(await outbox.enqueue([draft({ idempotencyKey: "k" })]), [
        { outcome: "duplicate", id },
      ]);
    },
  },
  {
    name: "the same key with other content is a conflict, and changes nothing",
    async check({ outbox, draft, get, claimed }) {
      const first = draft({ idempotencyKey: "k" });
      const { id } = first.message;
      await outbox.enqueue([first]);
      const before = await get(id);
      const results = await outbox.enqueue([draft({ idempotencyKey: "k", recipient: "somebody else" })]);
      assert.deepEqual(results, [{ outcome: "conflict", id }]);
      assert.deepEqual(await get(id), before);
      assert.deepEqual(await claimed(), [id]);
    },
  },
  {
    name: "a key means nothing on another channel",
    async check({ accept }) {
      await accept({ idempotencyKey: "k" });
      await accept({ idempotencyKey: "k", content: "something else", channel: "box.two" });
    },
  },
  {
    name: "the same message twice is one delivery, and another one of its id a conflict",
    async check({ outbox, draft, claimed }) {
      const first = draft();
      const { id } = first.message;
      await outbox.enqueue([first]);
      const results = await outbox.enqueue([
        first,
        { ...first, message: { ...first.message, content: "something else" } },
        { ...first, channel: "box.two" },
      ]);
      assert.deepEqual(results, [
        { outcome: "duplicate", id },
        { outcome: "conflict", id },
        { outcome: "conflict", id },
      ]);
      assert.deepEqual(await claimed(), [id]);
      assert.deepEqual(await claimed(100, "box.two"), []);
    },
  },
  {
    name: "a message that cannot be stored is refused with the reason, and its neighbours are accepted",
    async check({ outbox, draft, claimed }) {
      const [first, last] = [draft(), draft()];
      const endless: { [key: string]: never } = {};
      Object.assign(endless, { self: endless });
      const results = await outbox.enqueue([first, draft({ data: endless }), last]);
      assert.deepEqual(
        results.map(({ outcome }) => outcome),
        ["accepted", "refused", "accepted"],
      );
      const problem = results[1]?.outcome === "refused" ? results[1].problem : "";
      assert.notEqual(problem, "", "no reason is given");
      assert.deepEqual(await claimed(), [first.message.id, last.message.id]);
    },
  },
  {
    name: "an empty batch is no error",
    async check({ outbox }) {
      assert.deepEqual(await outbox.enqueue([]), []);
      assert.deepEqual(await outbox.settle([]), []);
      assert.deepEqual(await outbox.renew([], 1000), []);
    },
  },
  {
    name: "a new delivery is queued, due at once, and without attempts",
    async check({ accept, get, clock }) {
      const id = await accept({ orderingKey: "o", expiresInMs: 5000 });
      const { message: _message, ...others } = await get(id);
      assert.deepEqual(others, {
        id,
        channel,
        state: "queued",
        orderingKey: "o",
        dueAt: clock.now(),
        expiresAt: clock.now() + 5000,
        updatedAt: clock.now(),
        attempts: [],
      });
    },
  },
];
