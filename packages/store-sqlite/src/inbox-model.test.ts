import {
  createThreadPolicy,
  type InboundMessage,
  type NewDelivery,
  type NewInbound,
  type Store,
  type TurnClaim,
  type TurnSettlement,
  threadKey,
  threadOf,
} from "@jackfield/core";
import { createManualClock, createMemoryStore } from "@jackfield/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openSqliteStore } from "./sqlite-store.ts";

const channel = "box.one";
const threads = ["a", "b"];
const runs = Number(process.env.JACKFIELD_MODEL_RUNS ?? 150);

const message = fc.record({
  thread: fc.constantFrom(...threads),
  remoteId: fc.option(fc.constantFrom("1", "2", "3", "msg_0"), { nil: undefined, freq: 3 }),
  content: fc.constantFrom("x", "y"),
  isRefused: fc.constantFrom(false, false, false, true),
  concurrency: fc.constantFrom(
    "queue" as const,
    "queue" as const,
    "debounce" as const,
    "drop" as const,
    "parallel" as const,
  ),
});
type Message = typeof message extends fc.Arbitrary<infer Value> ? Value : never;

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant("accept" as const),
      messages: fc.array(message, { maxLength: 3 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ does: fc.constant("claim" as const), limit: fc.integer({ min: 0, max: 3 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant("settle" as const),
      event: fc.constantFrom("handle", "handle", "retry", "pause", "give_up", "release"),
      which: fc.nat({ max: 20 }),
      answers: fc.array(fc.constantFrom(undefined, "key-1", "key-2"), { maxLength: 2 }),
      content: fc.constantFrom("x", "y"),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant("wait" as const),
      ms: fc.constantFrom(1, 30, 99, 100, 101, 1000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("renew" as const), which: fc.nat({ max: 20 }) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("resume" as const), which: fc.nat({ max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("take over" as const) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("prune" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant("track" as const),
      thread: fc.constantFrom(...threads),
      type: fc.constantFrom("message" as const, "turn" as const, "resolved" as const),
      who: fc.constantFrom("alice", "bob"),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** A store, and what a runner of it remembers. */
interface Side {
  readonly store: Store;
  readonly claims: TurnClaim[];
}

/** Numbers rather than random ids, so that both sides and every rerun have the same. */
function inboundOf(
  { thread, remoteId, content, isRefused, concurrency }: Message,
  number: number,
): NewInbound {
  const whole: InboundMessage = {
    id: `inb_${number}`,
    channel,
    sender: "alice",
    content,
    threadId: thread,
    receivedAt: 0,
    ...(remoteId === undefined ? {} : { remoteId }),
  };
  const policy = createThreadPolicy({
    threadRateLimit: 4,
    threadRateWindowMs: 100,
    debounceMs: 50,
    concurrency,
  });
  return { message: whole, policy, ...(isRefused ? { refusal: "no" } : {}) };
}

function settlementOf(
  { id, token, turnsMade, message: asked }: TurnClaim,
  { event, answers, content }: Extract<Step, { does: "settle" }>,
  from: number,
): TurnSettlement {
  const number = turnsMade + 1;
  const failure = { kind: "unknown" as const, message: "no" };
  if (event === "release") return { id, token, event };
  if (event === "handle") {
    const all = answers.map((key, index): NewDelivery => {
      const answerId = `msg_${from + index}`;
      return {
        channel,
        message: { id: answerId, idempotencyKey: key ?? answerId, createdAt: 0, content },
        thread: threadOf(asked),
        inReplyTo: id,
      };
    });
    return { id, token, event, turn: { number, at: 5, durationMs: 1 }, answers: all };
  }
  const turn = { number, at: 5, durationMs: 1, failure };
  if (event === "retry") return { id, token, event, turn: { ...turn, waitMs: 70 }, delayMs: 70 };
  return { id, token, event: event === "pause" ? "pause" : "give_up", turn, reason: "no" };
}

async function take(side: Side, made: Step, from: number): Promise<unknown> {
  const { inbox, outbox, threads: record } = side.store;
  switch (made.does) {
    case "accept":
      return inbox.accept(made.messages.map((one, index) => inboundOf(one, from + index)));
    case "claim": {
      const { claims, nextDueInMs } = await inbox.claim({
        channels: [channel],
        limit: made.limit,
        leaseMs: 100,
      });
      side.claims.push(...claims);
      return { claims, nextDueInMs };
    }
    case "settle": {
      const claim = side.claims.at(-1 - (made.which % Math.max(1, side.claims.length)));
      return claim && inbox.settle([settlementOf(claim, made, from)]);
    }
    case "renew": {
      const claim = side.claims.at(-1 - (made.which % Math.max(1, side.claims.length)));
      return claim && inbox.renew([claim], 150);
    }
    case "resume":
      return inbox.resume([`inb_${made.which}`]);
    case "take over":
      return (await outbox.acquireDispatch())?.release();
    case "prune":
      return side.store.prune({ deliveredBeforeMs: 100 });
    case "track": {
      const about = { thread: threadKey(channel, made.thread), at: 7 };
      return record.track([
        made.type === "message"
          ? { ...about, type: "message", participant: made.who }
          : { ...about, type: made.type },
      ]);
    }
    case "wait":
      return undefined;
  }
}

/** Everything that can be seen of a store. */
async function visible({ store: { inbox, outbox, threads: record } }: Side, accepted: number) {
  const ids = Array.from({ length: accepted }, (_, number) => `inb_${number}`);
  const { deliveries } = await outbox.list({}, { limit: 1000 });
  const timelines = threads.map((thread) => record.timeline(threadKey(channel, thread), { limit: 1000 }));
  const counts = (await inbox.counts()).map(({ state, count }) => `${state} ${count}`);
  const { threads: listed } = await record.list({}, { limit: 10 });
  return {
    records: await Promise.all(ids.map((id) => inbox.get(id))),
    deliveries,
    counts: counts.toSorted(),
    timelines: await Promise.all(timelines),
    // When a thread began is known for longer where the messages it began with are pruned.
    listed: listed
      .map(({ startedAt: _startedAt, lastAt: _lastAt, ...thread }) => thread)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

test("whatever is asked of their inboxes, the memory store and the SQLite store answer the same", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const clock = createManualClock();
      const model: Side = { store: createMemoryStore({ clock }), claims: [] };
      const sqlite: Side = { store: openSqliteStore({ path: ":memory:", clock }), claims: [] };
      let accepted = 0;
      try {
        for (const made of steps) {
          if (made.does === "wait") await clock.advance(made.ms);
          const [seen, expected] = [await take(sqlite, made, accepted), await take(model, made, accepted)];
          expect(seen, JSON.stringify(made)).toEqual(expected);
          if (made.does === "accept") accepted += made.messages.length;
          if (made.does === "settle") accepted += made.answers.length;
          expect(await visible(sqlite, accepted), JSON.stringify(made)).toEqual(
            await visible(model, accepted),
          );
        }
      } finally {
        await sqlite.store.close();
      }
    }),
    { numRuns: runs },
  );
}, 60_000);
