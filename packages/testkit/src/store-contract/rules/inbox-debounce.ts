import assert from "node:assert/strict";
import type { Draft, InboxBench } from "../inbox-bench.ts";
import type { InboxRule } from "../rule.ts";
import { leaseMs } from "../store-bench.ts";
import { giveUp, handle, pause, retry } from "../turn-settlements.ts";

const debounce = { concurrency: "debounce" as const, debounceMs: 100 };

/** Has messages accepted, so far apart. */
async function acceptEvery({ accept, clock }: InboxBench, ms: number, drafts: readonly Draft[]) {
  const ids: string[] = [];
  for (const draft of drafts) {
    if (ids.length > 0) await clock.advance(ms);
    ids.push(await accept({ ...debounce, ...draft }));
  }
  return ids;
}

/** `concurrency = "debounce"`: what comes close together goes into one turn. */
export const inboxDebounceRules: readonly InboxRule[] = [
  {
    name: "debounce: a message has its turn once its thread has been quiet, and not before",
    async check({ accept, claimed, get, ask, clock }) {
      const id = await accept(debounce);
      assert.equal((await get(id)).dueAt, clock.now() + 100);
      assert.deepEqual(await ask(), { claims: [], nextDueInMs: 100 });
      await clock.advance(99);
      assert.deepEqual(await claimed(), []);
      await clock.advance(1);
      assert.deepEqual(await claimed(), [id]);
    },
  },
  {
    name: "debounce: what comes while a message waits is merged into its turn, whole, oldest first",
    async check(bench) {
      const attachments = [{ name: "a", contentType: "text/plain", data: "aGk=" }];
      const [first, second, third] = await acceptEvery(bench, 60, [{}, { attachments }, { data: { a: 1 } }]);
      await bench.clock.advance(99);
      assert.deepEqual(await bench.claimed(), [], "the last message does not give the thread another while");
      await bench.clock.advance(1);
      const claim = await bench.claimOne();
      assert.equal(claim.id, first);
      const records = [await bench.get(second ?? ""), await bench.get(third ?? "")];
      assert.deepEqual(
        claim.merged,
        records.map(({ message }) => message),
      );
      assert.deepEqual([claim.merged[0]?.attachments, claim.merged[1]?.data], [attachments, { a: 1 }]);
      for (const { state, turnOf, dueAt, updatedAt } of records) {
        assert.deepEqual([state, turnOf, dueAt, updatedAt], ["merged", first, undefined, bench.clock.now()]);
      }
    },
  },
  {
    name: "debounce: a thread that is never quiet has its turn after ten times the quiet time",
    async check(bench) {
      const [first, ...others] = await acceptEvery(
        bench,
        90,
        Array.from({ length: 12 }, () => ({})),
      );
      // The last one came 990 ms after the first.
      await bench.clock.advance(9);
      assert.deepEqual(await bench.claimed(), []);
      await bench.clock.advance(1);
      const claim = await bench.claimOne();
      assert.deepEqual([claim.id, claim.merged.map(({ id }) => id)], [first, others]);
    },
  },
  {
    name: "debounce: threads do not wait for each other, and are not merged",
    async check({ accept, claim, clock }) {
      const first = await accept({ ...debounce, threadId: "a" });
      await clock.advance(60);
      const second = await accept({ ...debounce, threadId: "b" });
      await accept({ ...debounce, threadId: "a", channel: "box.two" });
      await clock.advance(40);
      const early = await claim();
      await clock.advance(60);
      const late = await claim();
      assert.deepEqual(
        [...early, ...late].map(({ id, merged }) => [id, merged]),
        [
          [first, []],
          [second, []],
        ],
      );
    },
  },
  {
    name: "debounce: what comes while a turn is under way waits for the next one",
    async check({ accept, claimOne, claimed, settle, get, clock }) {
      await accept(debounce);
      await clock.advance(100);
      const claim = await claimOne();
      const [second, third] = [await accept(debounce), await accept(debounce)];
      await clock.advance(1000);
      assert.deepEqual(await claimed(), []);
      assert.equal((await get(second)).state, "waiting");
      await settle(handle(claim));
      const next = await claimOne();
      assert.deepEqual([next.id, next.merged.map(({ id }) => id)], [second, [third]]);
    },
  },
  {
    name: "debounce: what came shortly before the end of a turn still has its quiet time",
    async check({ accept, claimOne, claimed, settle, get, clock }) {
      await accept(debounce);
      await clock.advance(100);
      const claim = await claimOne();
      const next = await accept(debounce);
      await clock.advance(30);
      await settle(handle(claim));
      assert.equal((await get(next)).dueAt, clock.now() + 70);
      await clock.advance(69);
      assert.deepEqual(await claimed(), []);
      await clock.advance(1);
      assert.deepEqual(await claimed(), [next]);
    },
  },
  ...(
    [
      ["failed", (claim, { settle }) => settle(retry(claim, 50))],
      ["was interrupted", async () => undefined],
    ] satisfies readonly [string, Interruption][]
  ).map(
    ([how, interrupt]): InboxRule => ({
      name: `debounce: the turn after one that ${how} has what was merged before, and what came since`,
      async check(bench) {
        const [first, second] = await acceptEvery(bench, 10, [{}, {}]);
        await bench.clock.advance(100);
        const claim = await bench.claimOne();
        const third = await bench.accept(debounce);
        await interrupt(claim, bench);
        const fourth = await bench.accept(debounce);
        assert.equal((await bench.get(second ?? "")).state, "merged");
        await bench.clock.advance(leaseMs);
        const again = await bench.claimOne();
        assert.deepEqual([again.id, again.merged.map(({ id }) => id)], [first, [second, third, fourth]]);
        assert.equal((await bench.get(fourth)).turnOf, first);
      },
    }),
  ),
  {
    name: "debounce: a message does not put off the retry of a turn that failed",
    async check({ accept, claimOne, claimed, settle, clock }) {
      const id = await accept(debounce);
      await clock.advance(100);
      await settle(retry(await claimOne(), 50));
      await clock.advance(40);
      await accept(debounce);
      await clock.advance(10);
      assert.deepEqual(await claimed(), [id]);
    },
  },
  {
    name: "debounce: what is handled takes with it what was merged, and lets nothing of it go again",
    async check(bench) {
      const [, second] = await acceptEvery(bench, 10, [{}, {}]);
      await bench.clock.advance(100);
      await bench.settle(handle(await bench.claimOne()));
      assert.equal((await bench.get(second ?? "")).state, "merged");
      const next = await bench.accept(debounce);
      await bench.clock.advance(100);
      const claim = await bench.claimOne();
      assert.deepEqual([claim.id, claim.merged], [next, []]);
    },
  },
  {
    name: "debounce: a paused turn holds its thread, and what came since goes into it when it is resumed",
    async check({ accept, claimOne, claimed, settle, inbox, clock }) {
      const id = await accept(debounce);
      await clock.advance(100);
      await settle(pause(await claimOne()));
      const later = await accept(debounce);
      await clock.advance(5000);
      assert.deepEqual(await claimed(), []);
      await inbox.resume([id]);
      const claim = await claimOne();
      assert.deepEqual([claim.id, claim.merged.map((message) => message.id)], [id, [later]]);
    },
  },
  {
    name: "debounce: prune() keeps what was merged into a message that may have another turn",
    async check(bench) {
      const [first = "", second] = await acceptEvery(bench, 10, [{}, {}]);
      await bench.clock.advance(100);
      await bench.settle(pause(await bench.claimOne()));
      await bench.clock.advance(5000);
      await bench.store.prune({ deliveredBeforeMs: 500 });
      await bench.inbox.resume([first]);
      const claim = await bench.claimOne();
      assert.deepEqual([claim.id, claim.merged.map(({ id }) => id)], [first, [second]]);
    },
  },
  {
    name: "debounce: a dead message that is resumed has what was merged into it",
    async check(bench) {
      const [first = "", second] = await acceptEvery(bench, 10, [{}, {}]);
      await bench.clock.advance(100);
      await bench.settle(giveUp(await bench.claimOne()));
      await bench.inbox.resume([first]);
      const claim = await bench.claimOne();
      assert.deepEqual([claim.id, claim.merged.map(({ id }) => id)], [first, [second]]);
    },
  },
];

type Interruption = (claim: Awaited<ReturnType<InboxBench["claimOne"]>>, bench: InboxBench) => Promise<void>;
