import assert from "node:assert/strict";
import type { StoreRule } from "../rule.ts";
import { retry } from "../settlements.ts";
import { channel } from "../store-bench.ts";

/** What is known about channels, and what it does to their deliveries. */
export const channelRules: readonly StoreRule[] = [
  {
    name: "a suspended channel is remembered with its reason until the suspension is lifted",
    async check({ outbox, clock }) {
      await outbox.setConfigDigest(channel, "abc");
      await outbox.suspend(channel, "three refusals in a row");
      assert.deepEqual(await outbox.channels(), [
        { channel, suspendedAt: clock.now(), reason: "three refusals in a row", configDigest: "abc" },
      ]);
      await outbox.unsuspend(channel);
      await outbox.setConfigDigest(channel, "def");
      assert.deepEqual(await outbox.channels(), [{ channel, configDigest: "def" }]);
    },
  },
  {
    name: "nothing of a suspended channel is claimed, and its neighbours go on",
    async check({ accept, outbox, ask, claimed }) {
      const id = await accept();
      const other = await accept({ channel: "box.two" });
      await outbox.suspend(channel, "refused");
      const { claims, nextDueInMs } = await ask();
      assert.deepEqual([claims, nextDueInMs], [[], new Map()]);
      assert.deepEqual(await claimed(10, "box.two"), [other]);
      await outbox.unsuspend(channel);
      assert.deepEqual(await claimed(), [id]);
    },
  },
  {
    name: "what is accepted for a suspended channel is not claimed at once either",
    async check({ outbox, draft, ask }) {
      await outbox.suspend(channel, "refused");
      const enqueued = outbox.enqueue([draft()]);
      assert.deepEqual((await ask()).claims, []);
      await enqueued;
      assert.deepEqual((await ask()).claims, []);
    },
  },
  {
    name: "lifting a suspension leaves what is paused as it is",
    async check({ bring, outbox, get }) {
      const id = await bring("paused");
      await outbox.suspend(channel, "refused");
      await outbox.unsuspend(channel);
      assert.equal((await get(id)).state, "paused");
    },
  },
  {
    name: "boundWaits() brings a longer wait back to a channel's longest, and leaves a shorter one alone",
    async check({ accept, claim, outbox, get, clock }) {
      const [long, short, other] = [await accept(), await accept(), await accept({ channel: "box.two" })];
      const [first, second] = await claim();
      const [third] = await claim(10, "box.two");
      assert.ok(first && second && third);
      await outbox.settle([retry(first, 60_000), retry(second, 1000), retry(third, 60_000)]);
      await outbox.boundWaits(new Map([[channel, 5000]]));
      const dueIn = async (id: string) => ((await get(id)).dueAt ?? 0) - clock.now();
      assert.deepEqual([await dueIn(long), await dueIn(short), await dueIn(other)], [5000, 1000, 60_000]);
    },
  },
  {
    name: "boundWaits() does not send what is paused",
    async check({ bring, outbox, claimed, get, clock }) {
      const id = await bring("paused", { expiresInMs: 60_000 });
      await outbox.boundWaits(new Map([[channel, 100]]));
      await clock.advance(100);
      assert.deepEqual(await claimed(), []);
      assert.equal((await get(id)).state, "paused");
    },
  },
];
