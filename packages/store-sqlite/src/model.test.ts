import type { Claim, ClaimResult, NewDelivery, Outbox, Settlement, Store } from "@jackfield/core";
import { createManualClock, createMemoryStore } from "@jackfield/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openSqliteStore } from "./sqlite-store.ts";

const channels = ["box.one", "box.two"];
const runs = Number(process.env.JACKFIELD_MODEL_RUNS ?? 150);

const message = fc.record({
  channel: fc.constantFrom(...channels),
  orderingKey: fc.constantFrom(undefined, "a", "b"),
  key: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined, freq: 6 }),
  content: fc.constantFrom("x", "y"),
  expiresInMs: fc.constantFrom(undefined, undefined, undefined, 30, 300),
});
const event = fc.constantFrom("deliver", "retry", "pause", "give_up", "release");
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constant("enqueue"), messages: fc.array(message, { maxLength: 4 }) }),
  },
  { weight: 4, arbitrary: fc.record({ does: fc.constant("claim"), limit: fc.integer({ min: 0, max: 3 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant("enqueue and claim"),
      messages: fc.array(message, { maxLength: 4 }),
      limit: fc.integer({ min: 0, max: 3 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      does: fc.constant("settle"),
      event,
      which: fc.nat({ max: 40 }),
      delayMs: fc.integer({ min: 1, max: 200 }),
      ambiguous: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("wait"), ms: fc.constantFrom(1, 50, 100, 400) }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant("jump"), ms: fc.constantFrom(86_400_000, -86_400_000) }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("renew"), which: fc.nat({ max: 40 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant("command"),
      command: fc.constantFrom("resume", "redeliver", "force", "cancel"),
      one: fc.option(fc.nat({ max: 40 }), { nil: undefined }),
      limit: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constantFrom("suspend", "unsuspend", "bound", "take over") }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** A store, and what a dispatcher of it remembers. */
interface Side {
  readonly store: Store;
  readonly claims: Claim[];
}

/** Numbers rather than random ids, so that both sides and every rerun have the same. */
function draftsOf(
  messages: readonly (typeof message extends fc.Arbitrary<infer V> ? V : never)[],
  from: number,
) {
  return messages.map(({ channel, orderingKey, key, content, expiresInMs }, index): NewDelivery => {
    const id = `msg_${from + index}`;
    return {
      channel,
      message: { id, idempotencyKey: key === undefined ? id : `key-${key}`, createdAt: 0, content },
      ...(orderingKey === undefined ? {} : { orderingKey }),
      ...(expiresInMs === undefined ? {} : { expiresInMs }),
    };
  });
}

function remember(side: Side, { claims, expired, nextDueInMs }: ClaimResult) {
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
  side.claims.push(...claims.toSorted(byId));
  return { claims: claims.toSorted(byId), expired: expired.toSorted(byId), nextDueInMs: [...nextDueInMs] };
}

function settlementOf(
  claim: Claim,
  { event, delayMs, ambiguous }: Extract<Step, { event: string }>,
): Settlement {
  const { id, token } = claim;
  if (event === "release") return { id, token, event, maybeArrived: ambiguous };
  const number = claim.attemptsMade + 1;
  if (event === "deliver") {
    return { id, token, event, attempt: { number, at: 5, durationMs: 1 }, receipt: { status: 200 } };
  }
  const failure = { kind: "server_error" as const, message: "no", ambiguous };
  const attempt = { number, at: 5, durationMs: 1, status: 500, failure };
  if (event === "retry") return { id, token, event, attempt, delayMs };
  return { id, token, event: event === "pause" ? "pause" : "give_up", attempt, reason: "no" };
}

async function take(side: Side, made: Step, accepted: number): Promise<unknown> {
  const { outbox } = side.store;
  const limits = (limit: number) => new Map(channels.map((channel) => [channel, limit]));
  if ("messages" in made && "limit" in made) {
    const enqueued = outbox.enqueue(draftsOf(made.messages, accepted));
    const result = await outbox.claim({ limits: limits(made.limit), leaseMs: 100 });
    return [await enqueued, remember(side, result)];
  }
  if ("messages" in made) return outbox.enqueue(draftsOf(made.messages, accepted));
  if ("event" in made) {
    const claim = side.claims.at(-1 - (made.which % Math.max(1, side.claims.length)));
    return claim && outbox.settle([settlementOf(claim, made)]);
  }
  if ("command" in made) {
    // Where the next page begins is the store's own affair; whether there is one is not.
    const { next, ...result } = await command(outbox, made);
    return { ...result, goesOn: next !== undefined };
  }
  if ("which" in made) {
    const claim = side.claims.at(-1 - (made.which % Math.max(1, side.claims.length)));
    return claim && outbox.renew([claim], 150);
  }
  if ("limit" in made)
    return remember(side, await outbox.claim({ limits: limits(made.limit), leaseMs: 100 }));
  if (made.does === "suspend") return outbox.suspend("box.one", "no");
  if (made.does === "unsuspend") return outbox.unsuspend("box.one");
  if (made.does === "bound") return outbox.boundWaits(new Map([["box.one", 60]]));
  if (made.does === "take over") return (await outbox.acquireDispatch())?.release();
  return undefined;
}

function command(outbox: Outbox, { command, one, limit }: Extract<Step, { command: string }>) {
  const request = { filter: one === undefined ? {} : { ids: [`msg_${one}`] }, limit };
  if (command === "resume") return outbox.resume(request);
  if (command === "cancel") return outbox.cancel(request);
  return outbox.redeliver({ ...request, force: command === "force" });
}

/** Everything that can be seen of a store. */
async function visible({ store: { outbox } }: Side) {
  const { deliveries } = await outbox.list({}, { limit: 1000 });
  const counts = (await outbox.counts()).map(({ channel, state, count }) => `${channel} ${state} ${count}`);
  return {
    deliveries,
    whole: await Promise.all(deliveries.map(({ id }) => outbox.get(id))),
    counts: counts.toSorted(),
    suspended: (await outbox.channels()).filter(({ suspendedAt }) => suspendedAt !== undefined),
  };
}

/** FIFO: of one ordering key a single one is under way, and it is the oldest that has not ended and was never redelivered. */
async function assertInLine({ store: { outbox } }: Side, redelivered: ReadonlySet<string>): Promise<void> {
  const { deliveries } = await outbox.list({}, { limit: 1000 });
  const waiting = deliveries
    .toReversed()
    .filter(({ state }) => !["delivered", "dead", "cancelled", "expired"].includes(state));
  for (const orderingKey of ["a", "b"]) {
    const line = waiting.filter((delivery) => delivery.orderingKey === orderingKey);
    const sending = line.filter(({ state }) => state === "sending");
    expect(sending.length, `under way at once with the ordering key ${orderingKey}`).toBeLessThanOrEqual(1);
    const oldest = line.find(({ id }) => !redelivered.has(id));
    const [current] = sending;
    if (current && !redelivered.has(current.id)) expect(current.id).toBe(oldest?.id);
  }
}

test("whatever is asked of them, the memory store and the SQLite store answer the same, and keep every line in order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const clock = createManualClock();
      const model: Side = { store: createMemoryStore({ clock }), claims: [] };
      const sqlite: Side = { store: openSqliteStore({ path: ":memory:", clock }), claims: [] };
      const redelivered = new Set<string>();
      let accepted = 0;
      try {
        for (const made of steps) {
          if (made.does === "jump" && "ms" in made) clock.jump(made.ms);
          if (made.does === "wait" && "ms" in made) await clock.advance(made.ms);
          expect(await take(sqlite, made, accepted), JSON.stringify(made)).toEqual(
            await take(model, made, accepted),
          );
          if ("messages" in made) accepted += made.messages.length;
          const seen = await visible(sqlite);
          expect(seen, JSON.stringify(made)).toEqual(await visible(model));
          for (const { id, reason } of seen.deliveries)
            if (reason?.startsWith("redelivered")) redelivered.add(id);
          await assertInLine(sqlite, redelivered);
          await assertInLine(model, redelivered);
        }
      } finally {
        await sqlite.store.close();
      }
    }),
    { numRuns: runs },
  );
}, 120_000);
