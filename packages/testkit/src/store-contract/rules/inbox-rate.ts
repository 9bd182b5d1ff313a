import assert from "node:assert/strict";
import type { Draft, InboxBench } from "../inbox-bench.ts";
import type { InboxRule } from "../rule.ts";

const limited: Draft = { threadRateLimit: 3, threadRateWindowMs: 1000 };

/** Has three messages accepted, 100 ms apart, the last one now. */
async function fill({ accept, clock }: InboxBench): Promise<void> {
  await accept(limited);
  await clock.advance(100);
  await accept(limited);
  await clock.advance(100);
  await accept(limited);
}

/** How fast a thread may be. */
export const inboxRateRules: readonly InboxRule[] = [
  {
    name: "a thread takes as many messages as its limit in any window, and says to the millisecond when the next may come",
    async check(bench) {
      const { accept, offer, clock } = bench;
      await fill(bench);
      assert.deepEqual(await offer(limited), { outcome: "rate_limited", retryAfterMs: 800 });
      await clock.advance(799);
      assert.deepEqual(await offer(limited), { outcome: "rate_limited", retryAfterMs: 1 });
      await clock.advance(1);
      await accept(limited);
      assert.deepEqual(await offer(limited), { outcome: "rate_limited", retryAfterMs: 100 });
      await clock.advance(100);
      await accept(limited);
    },
  },
  {
    name: "a message that is too fast is not stored: it is new when it comes again",
    async check(bench) {
      const { accept, offer, inbox, clock } = bench;
      await fill(bench);
      assert.equal((await offer({ ...limited, remoteId: "r-1" })).outcome, "rate_limited");
      assert.deepEqual(await inbox.counts(), [{ state: "waiting", count: 3 }]);
      await clock.advance(800);
      await accept({ ...limited, remoteId: "r-1" });
    },
  },
  {
    name: "a limit holds within a batch",
    async check({ inbox, draft }) {
      const results = await inbox.accept(Array.from({ length: 5 }, () => draft(limited)));
      assert.deepEqual(
        results.map(({ outcome }) => outcome),
        ["accepted", "accepted", "accepted", "rate_limited", "rate_limited"],
      );
    },
  },
  {
    name: "where the limit was made smaller, the next message waits until fewer than that are in the window",
    async check(bench) {
      await fill(bench);
      const smaller = { ...limited, threadRateLimit: 2 };
      assert.deepEqual(await bench.offer(smaller), { outcome: "rate_limited", retryAfterMs: 900 });
    },
  },
  {
    name: "a limit of 0 is none",
    async check({ inbox, draft }) {
      const results = await inbox.accept(Array.from({ length: 200 }, () => draft({ threadRateLimit: 0 })));
      assert.deepEqual(
        results.filter(({ outcome }) => outcome !== "accepted"),
        [],
      );
    },
  },
  {
    name: "each thread has a limit of its own, and the same name on another channel is another thread",
    async check(bench) {
      await fill(bench);
      await bench.accept({ ...limited, threadId: "another" });
      await bench.accept({ ...limited, channel: "box.two" });
    },
  },
  {
    name: "a message that was refused does not count, and is not kept above the limit either",
    async check(bench) {
      const { accept, offer } = bench;
      const refused = { ...limited, refusal: "a stranger" };
      for (let i = 0; i < 5; i++) await accept(refused, "refused");
      await fill(bench);
      assert.equal((await offer(refused)).outcome, "rate_limited");
    },
  },
  {
    name: "a message that was dropped counts",
    async check({ accept, offer }) {
      const drop = { ...limited, concurrency: "drop" as const };
      await accept(drop);
      await accept(drop, "dropped");
      await accept(drop, "dropped");
      assert.deepEqual(await offer(drop), { outcome: "rate_limited", retryAfterMs: 1000 });
    },
  },
  {
    name: "a repeat does not count, and is told so above the limit, too",
    async check(bench) {
      const { accept, offer } = bench;
      const id = await accept({ ...limited, remoteId: "r-1" });
      const repeat = { outcome: "duplicate", id, state: "waiting" };
      for (let i = 0; i < 5; i++) assert.deepEqual(await offer({ ...limited, remoteId: "r-1" }), repeat);
      await accept(limited);
      await accept(limited);
      assert.equal((await offer(limited)).outcome, "rate_limited");
      assert.deepEqual(await offer({ ...limited, remoteId: "r-1" }), repeat);
      const conflict = { ...limited, remoteId: "r-1", content: "something else" };
      assert.deepEqual(await offer(conflict), { outcome: "conflict", id });
    },
  },
  ...[86_400_000, -86_400_000].map(
    (jumpMs): InboxRule => ({
      name: `a date that is set ${jumpMs > 0 ? "forward" : "back"} by a day makes no window longer or shorter`,
      async check(bench) {
        await fill(bench);
        bench.clock.jump(jumpMs);
        assert.deepEqual(await bench.offer(limited), { outcome: "rate_limited", retryAfterMs: 800 });
        await bench.clock.advance(800);
        await bench.accept(limited);
      },
    }),
  ),
];
