import assert from "node:assert/strict";
import type { StoreRule } from "../rule.ts";
import { retry } from "../settlements.ts";
import { channel, leaseMs } from "../store-bench.ts";

/** Who gets which delivery, and when. */
export const claimRules: readonly StoreRule[] = [
  {
    name: "a claim of a new delivery says that nothing was tried",
    async check({ outbox, draft, claimOne }) {
      const delivery = draft({ orderingKey: "o" });
      await outbox.enqueue([delivery]);
      const { token, ...claim } = await claimOne();
      assert.equal(typeof token, "number");
      assert.deepEqual(claim, {
        id: delivery.message.id,
        channel,
        message: delivery.message,
        attemptsMade: 0,
        budgetUsed: 0,
        maybeArrived: false,
        orderingKey: "o",
      });
    },
  },
  {
    name: "a claim takes no more of a channel than is asked for, and nothing of a channel that is not named",
    async check({ accept, outbox }) {
      for (const name of ["box.one", "box.one", "box.one", "box.two", "box.three"]) {
        await accept({ channel: name });
      }
      const limits = new Map([
        ["box.one", 2],
        ["box.two", 5],
        ["box.unknown", 5],
      ]);
      const { claims } = await outbox.claim({ limits, leaseMs });
      assert.deepEqual(claims.map((claim) => claim.channel).sort(), ["box.one", "box.one", "box.two"]);
    },
  },
  {
    name: "a claim takes what has been due for the longest time first",
    async check({ accept, claim, claimed, outbox, clock }) {
      const [retried] = [await accept(), await accept()];
      for (const mine of await claim(1)) await outbox.settle([retry(mine, 50)]);
      const waiting = await claimed();
      assert.equal(waiting.length, 1, "what waits for its retry is claimed before it is due");
      await clock.advance(10);
      const second = await accept();
      await clock.advance(100);
      const third = await accept();
      assert.deepEqual(await claimed(), [second, retried, third]);
    },
  },
  {
    name: "deliveries that are due at the same time are claimed in the order in which they were accepted",
    async check({ outbox, draft, claimed }) {
      const batch = Array.from({ length: 50 }, () => draft());
      await outbox.enqueue(batch);
      const ids = batch.map(({ message }) => message.id);
      assert.deepEqual(await claimed(20), ids.slice(0, 20));
      assert.deepEqual(await claimed(), ids.slice(20));
    },
  },
  {
    name: "nothing is claimed twice, however many claims are made at once",
    async check({ outbox, draft, claimed }) {
      await outbox.enqueue(Array.from({ length: 60 }, () => draft()));
      const taken = (await Promise.all([claimed(25), claimed(25), claimed(25), claimed(25)])).flat();
      assert.equal(taken.length, 60);
      assert.equal(new Set(taken).size, 60);
    },
  },
  {
    name: "what is accepted and claimed at once is claimed once, up to the limit, oldest first",
    async check({ outbox, draft, ask, claimed }) {
      const batch = Array.from({ length: 5 }, () => draft());
      const enqueued = outbox.enqueue(batch);
      const { claims } = await ask(3);
      await enqueued;
      // A store may decide the claim before or after the acceptance, but not in between.
      const ids = batch.map(({ message }) => message.id);
      const taken = claims.map(({ id }) => id);
      assert.ok([0, 3].includes(taken.length), `${taken.length} of 3 are claimed`);
      assert.deepEqual(taken, ids.slice(0, taken.length));
      assert.deepEqual(await claimed(), ids.slice(taken.length));
    },
  },
  {
    name: "what is older goes before what is accepted and claimed at once",
    async check({ accept, outbox, draft, ask }) {
      const old = await accept();
      const enqueued = outbox.enqueue([draft(), draft()]);
      const { claims } = await ask(1);
      await enqueued;
      assert.deepEqual(
        claims.map(({ id }) => id),
        [old],
      );
    },
  },
  {
    name: "a claim that comes back short says when the channel's next delivery is due",
    async check({ accept, claimOne, ask, outbox, clock }) {
      await accept();
      await outbox.settle([retry(await claimOne(), 700)]);
      await clock.advance(200);
      assert.deepEqual((await ask()).nextDueInMs, new Map([[channel, 500]]));
      await accept();
      assert.deepEqual((await ask(1)).nextDueInMs, new Map(), "nothing was missing, and a time is given");
    },
  },
  {
    name: "a retry is due at its time and not before",
    async check({ accept, claimOne, claimed, outbox, clock }) {
      const id = await accept();
      await outbox.settle([retry(await claimOne(), 1000)]);
      await clock.advance(999);
      assert.deepEqual(await claimed(), []);
      await clock.advance(1);
      assert.deepEqual(await claimed(), [id]);
    },
  },
  ...[86_400_000, -86_400_000].map(
    (jumpMs) =>
      ({
        name: `a date that is set ${jumpMs > 0 ? "forward" : "back"} by a day makes no wait longer or shorter`,
        async check({ accept, claim, claimOne, claimed, outbox, clock }) {
          const id = await accept();
          await outbox.settle([retry(await claimOne(), 1000)]);
          clock.jump(jumpMs);
          const fresh = await accept();
          assert.deepEqual(await claimed(), [fresh], "what is due at once and what is not are mixed up");
          await clock.advance(1000);
          assert.deepEqual(await claimed(), [id]);
          await clock.advance(leaseMs - 1001);
          assert.equal((await claim()).length, 0, "a lease ends early");
          await clock.advance(1);
          assert.deepEqual(await claimed(), [fresh]);
        },
      }) satisfies StoreRule,
  ),
];
