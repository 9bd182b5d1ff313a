import assert from "node:assert/strict";
import { createMessage, type ThreadSummary } from "@jackfield/core";
import { type InboxBench, thread } from "../inbox-bench.ts";
import type { InboxRule } from "../rule.ts";
import { channel } from "../store-bench.ts";
import { answerTo, handle } from "../turn-settlements.ts";

/** The ids of the threads, page by page. */
async function pagesOf(
  { threads }: InboxBench,
  limit: number,
  between: () => Promise<unknown> = async () => undefined,
): Promise<readonly (readonly string[])[]> {
  const pages: string[][] = [];
  let after: string | undefined;
  do {
    const page = await threads.list({}, { limit, ...(after === undefined ? {} : { after }) });
    pages.push(page.threads.map(({ id }) => id));
    assert.ok(pages.length < 100, "the pages have no end");
    after = page.next;
    await between();
  } while (after !== undefined);
  return pages;
}

/** The list of threads. */
export const threadRules: readonly InboxRule[] = [
  {
    name: "a thread is told with its times and how much was received and sent in it",
    async check({ accept, claimOne, settle, threads, clock }) {
      const startedAt = clock.now();
      await accept();
      await clock.advance(10);
      await accept({ refusal: "a stranger" }, "refused");
      const claim = await claimOne();
      await clock.advance(10);
      await settle(handle(claim, [answerTo(claim), answerTo(claim), answerTo(claim)]));
      const summary: ThreadSummary = {
        id: `${channel}/${thread}`,
        channel,
        name: thread,
        startedAt,
        lastAt: clock.now(),
        inboundCount: 2,
        outboundCount: 3,
      };
      assert.deepEqual(await threads.get(summary.id), summary);
      assert.deepEqual(await threads.list({}, { limit: 10 }), { threads: [summary] });
    },
  },
  {
    name: "a repeat, a message that is too fast and one of ours are no activity of a thread",
    async check({ accept, offer, outbox, threads, clock }) {
      await accept({ remoteId: "r-1" });
      const before = await threads.get(`${channel}/${thread}`);
      const ours = createMessage("hello", 0);
      await outbox.enqueue([{ channel, message: ours }]);
      await clock.advance(10);
      await offer({ remoteId: "r-1" });
      await offer({ threadRateLimit: 1 });
      await offer({ remoteId: ours.id });
      await offer({ remoteId: ours.id, threadId: "another" });
      assert.deepEqual((await threads.list({}, { limit: 10 })).threads, [before]);
    },
  },
  {
    name: "what is sent without having been asked begins a thread: by its thread, or else by its message's threadId",
    async check({ outbox, threads, clock }) {
      const message = createMessage({ content: "hello", threadId: "1716.22" }, 0);
      await outbox.enqueue([{ channel, message }]);
      await outbox.enqueue([{ channel, message: createMessage("in no thread", 0) }]);
      await clock.advance(10);
      const named = createMessage({ content: "hello", threadId: "1716.22" }, 0);
      await outbox.enqueue([{ channel, message: named, thread: "@alice" }]);
      const { threads: listed } = await threads.list({}, { limit: 10 });
      assert.deepEqual(
        listed.map(({ id, inboundCount, outboundCount }) => [id, inboundCount, outboundCount]),
        [
          [`${channel}/@alice`, 0, 1],
          [`${channel}/1716.22`, 0, 1],
        ],
      );
    },
  },
  {
    name: "what a sender says outside of any thread is in that sender's own",
    async check({ inbox, draft, threads }) {
      const { message, policy } = draft({ sender: "bob/../alice" });
      const { threadId: _threadId, ...own } = message;
      await inbox.accept([{ message: own, policy }]);
      const summary = await threads.get(`${channel}/@bob/../alice`);
      assert.deepEqual([summary?.channel, summary?.name], [channel, "@bob/../alice"]);
    },
  },
  {
    name: "threads are listed by their last activity, newest first",
    async check(bench) {
      const { accept, claimOne, settle, clock } = bench;
      for (const threadId of ["a", "b", "c"]) {
        await accept({ threadId, channel: `box.${threadId}` });
        await clock.advance(10);
      }
      const claim = await claimOne(["box.b"]);
      await settle(handle(claim, [answerTo(claim)]));
      await clock.advance(10);
      await accept({ threadId: "a", channel: "box.a" });
      assert.deepEqual(await pagesOf(bench, 10), [["box.a/a", "box.b/b", "box.c/c"]]);
    },
  },
  {
    name: "a list of threads can be of one channel",
    async check({ accept, threads }) {
      await accept({ threadId: "a" });
      await accept({ threadId: "b", channel: "box.two" });
      const idsOf = async (of: string) =>
        (await threads.list({ channel: of }, { limit: 10 })).threads.map(({ id }) => id);
      assert.deepEqual(await idsOf("box.two"), ["box.two/b"]);
      assert.deepEqual(await idsOf("box.unknown"), []);
      assert.deepEqual(await idsOf("box.two/b"), []);
    },
  },
  {
    name: "the pages of a list of threads skip nothing and repeat nothing, also where all began at one moment and new ones come",
    async check(bench) {
      const { inbox, draft, accept, clock } = bench;
      await inbox.accept(Array.from({ length: 25 }, (_, index) => draft({ threadId: `t${index}` })));
      let later = 0;
      const pages = await pagesOf(bench, 10, async () => {
        await clock.advance(1);
        await accept({ threadId: `later-${later++}` });
      });
      assert.deepEqual(
        pages.map(({ length }) => length),
        [10, 10, 5],
      );
      assert.equal(new Set(pages.flat()).size, 25);
      assert.deepEqual(
        pages.flat().filter((id) => id.includes("later")),
        [],
      );
    },
  },
  {
    name: "a page of threads that is the last one names no next one, also when it is full",
    async check(bench) {
      await bench.accept({ threadId: "a" });
      await bench.accept({ threadId: "b" });
      assert.equal((await pagesOf(bench, 2)).length, 1);
      assert.equal((await pagesOf(bench, 1)).length, 2);
    },
  },
  {
    name: "get() and timeline() know nothing of a thread that is not known",
    async check({ accept, threads }) {
      await accept();
      for (const id of [`${channel}/unknown`, `box.two/${thread}`, thread, "", "/"]) {
        assert.equal(await threads.get(id), undefined, `there is a thread "${id}"`);
        assert.deepEqual(await threads.timeline(id, { limit: 10 }), { entries: [] });
      }
    },
  },
];
