import assert from "node:assert/strict";
import { createMessage, type StoredAttempt, type TimelineEntry } from "@jackfield/core";
import { type InboxBench, thread } from "../inbox-bench.ts";
import type { InboxRule } from "../rule.ts";
import { channel, leaseMs } from "../store-bench.ts";
import { answerTo, giveUp, handle } from "../turn-settlements.ts";

const id = `${channel}/${thread}`;

async function timelineOf({ threads }: InboxBench, of = id): Promise<readonly TimelineEntry[]> {
  const { entries, next } = await threads.timeline(of, { limit: 1000 });
  assert.equal(next, undefined);
  return entries;
}

/** The timeline in pages. */
async function pagesOf(
  { threads }: InboxBench,
  limit: number,
  between: () => Promise<unknown> = async () => undefined,
): Promise<readonly (readonly TimelineEntry[])[]> {
  const pages: (readonly TimelineEntry[])[] = [];
  let after: string | undefined;
  do {
    const page = await threads.timeline(id, { limit, ...(after === undefined ? {} : { after }) });
    pages.push(page.entries);
    assert.ok(pages.length < 100, "the pages have no end");
    after = page.next;
    await between();
  } while (after !== undefined);
  return pages;
}

/** Delivers what is due on a channel, with an attempt that began at a given time. */
async function deliverAll({ outbox }: InboxBench, at: number, on = channel): Promise<StoredAttempt> {
  const { claims } = await outbox.claim({ limits: new Map([[on, 100]]), leaseMs });
  const attempt = { number: 1, at, durationMs: 3, status: 200 };
  await outbox.settle(
    claims.map(({ id: delivery, token }) => ({
      id: delivery,
      token,
      event: "deliver" as const,
      attempt,
      receipt: {},
    })),
  );
  return attempt;
}

/** What happened in a thread. */
export const timelineRules: readonly InboxRule[] = [
  {
    name: "a timeline tells what came, each turn, what went out and each attempt, oldest first",
    async check(bench) {
      const { accept, claimOne, settle, get, outbox, clock } = bench;
      const start = clock.now();
      const asked = await accept({ content: "how are you?" });
      await clock.advance(10);
      const claim = await claimOne();
      await clock.advance(10);
      const turn = { number: 1, at: start + 10, durationMs: 10 };
      const answer = answerTo(claim, { content: "fine" });
      await settle({ id: asked, token: claim.token, event: "handle", turn, answers: [answer] });
      await clock.advance(10);
      const attempt = await deliverAll(bench, clock.now());
      const { deliveries } = await outbox.list({}, { limit: 1 });
      const [delivery] = deliveries;
      assert.ok(delivery);
      const { message } = await get(asked);
      assert.deepEqual(await timelineOf(bench), [
        { at: start, type: "inbound", message, state: "handled" },
        { at: start + 10, type: "turn", inbound: asked, turn },
        { at: start + 20, type: "outbound", delivery, content: "fine", inReplyTo: asked },
        { at: start + 30, type: "attempt", delivery: delivery.id, attempt },
      ]);
    },
  },
  {
    name: "entries of one moment stand in the order of what led to what",
    async check(bench) {
      const { accept, claimOne, settle, clock } = bench;
      await accept();
      await accept();
      const claim = await claimOne();
      const turn = { number: 1, at: clock.now(), durationMs: 0 };
      const answers = [answerTo(claim), answerTo(claim)];
      await settle({ id: claim.id, token: claim.token, event: "handle", turn, answers });
      await deliverAll(bench, clock.now());
      assert.deepEqual(
        (await timelineOf(bench)).map(({ type }) => type),
        ["inbound", "inbound", "turn", "outbound", "outbound", "attempt", "attempt"],
      );
    },
  },
  {
    name: "a timeline tells what was refused, dropped, merged and given up, with the reason and the turn",
    async check(bench) {
      const { accept, claimOne, settle, clock } = bench;
      await accept({ refusal: "a stranger" }, "refused");
      const head = await accept({ concurrency: "debounce" });
      const merged = await accept({ concurrency: "debounce" });
      const dropped = await accept({ concurrency: "drop" }, "dropped");
      await clock.advance(1500);
      await settle(giveUp(await claimOne()));
      const inbound = (await timelineOf(bench)).flatMap((entry) => (entry.type === "inbound" ? [entry] : []));
      assert.deepEqual(
        inbound.map(({ message, state, reason, turnOf }) => [message.id, state, reason, turnOf]),
        [
          [inbound[0]?.message.id, "refused", "a stranger", undefined],
          [head, "dead", "the agent failed too often", undefined],
          [merged, "merged", undefined, head],
          [dropped, "dropped", undefined, head],
        ],
      );
    },
  },
  {
    name: "a turn that a crash interrupted is in the timeline",
    async check(bench) {
      const { accept, claimOne, settle, clock } = bench;
      const asked = await accept();
      await claimOne();
      await clock.advance(leaseMs);
      await settle(handle(await claimOne()));
      const turns = (await timelineOf(bench)).flatMap((entry) => (entry.type === "turn" ? [entry] : []));
      assert.deepEqual(turns.map(({ inbound, turn }) => [inbound, turn.number, turn.durationMs]).toSorted(), [
        [asked, 1, undefined],
        [asked, 2, 12.5],
      ]);
    },
  },
  {
    name: "a timeline has nothing of other threads, nor of the same name on another channel",
    async check(bench) {
      const { accept, claimOne, settle, outbox, clock } = bench;
      const mine = await accept();
      await accept({ channel: "box.two" });
      await accept({ channel: "box.two", threadId: "another" });
      const claim = await claimOne();
      await settle(handle(claim, [{ ...answerTo(claim), channel: "box.two" }]));
      const message = createMessage({ content: "hello", threadId: thread }, 0);
      await outbox.enqueue([{ channel, message, thread: "another" }]);
      await deliverAll(bench, clock.now());
      await deliverAll(bench, clock.now(), "box.two");
      const entries = await timelineOf(bench);
      assert.deepEqual(
        entries.map((entry) => (entry.type === "inbound" ? entry.message.id : entry.type)),
        [mine, "turn"],
      );
      const other = await timelineOf(bench, `box.two/${thread}`);
      assert.deepEqual(
        other.map(({ type }) => type),
        ["inbound", "outbound", "attempt"],
      );
    },
  },
  {
    name: "the pages of a timeline skip nothing and repeat nothing, whatever their length",
    async check(bench) {
      const { accept, claimOne, settle, clock } = bench;
      for (let i = 0; i < 4; i++) {
        await accept();
        const claim = await claimOne();
        const turn = { number: 1, at: clock.now(), durationMs: 0 };
        const answers = [answerTo(claim), answerTo(claim)];
        await settle({ id: claim.id, token: claim.token, event: "handle", turn, answers });
        await deliverAll(bench, clock.now());
        // Two of them happen at one moment.
        await clock.advance(i % 2);
      }
      const whole = await timelineOf(bench);
      assert.equal(whole.length, 24);
      for (const limit of [1, 2, 3, 5, 7, 23, 24, 25]) {
        const pages = await pagesOf(bench, limit);
        assert.deepEqual(pages.flat(), whole);
        assert.equal(pages.length, Math.ceil(24 / limit), `there are ${pages.length} pages of ${limit}`);
      }
    },
  },
  {
    name: "the pages of a timeline skip nothing and repeat nothing while the thread goes on",
    async check(bench) {
      const { inbox, draft, accept, clock } = bench;
      const batch = Array.from({ length: 25 }, () => draft());
      await inbox.accept(batch);
      const ids = batch.map(({ message }) => message.id);
      let later = 0;
      const pages = await pagesOf(bench, 10, async () => {
        if (++later > 5) return;
        await clock.advance(later % 2);
        ids.push(await accept());
      });
      const seen = pages.flat().map((entry) => entry.type === "inbound" && entry.message.id);
      assert.deepEqual(seen, ids.slice(0, seen.length));
      assert.ok(seen.length >= 25, `${25 - seen.length} entries are skipped`);
    },
  },
];
