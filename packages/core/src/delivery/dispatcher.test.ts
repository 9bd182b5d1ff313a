import { setImmediate as nextTurn } from "node:timers/promises";
import { createManualClock, createMemoryStore, type ManualClock } from "@jackfield/testkit";
import { describe, expect, test } from "vitest";
import type { Attempt, Receipt } from "../channel/channel.ts";
import type { MessageDraft, OutboundMessage } from "../channel/message.ts";
import { createMessage } from "../channel/message.ts";
import type { OpenChannel } from "../channel/open-channel.ts";
import { DeliveryError, type FailureKind } from "../failure/delivery-error.ts";
import { createRetryPolicy } from "../retry/retry-policy.ts";
import type { Store } from "../store/store.ts";
import { createThreadPolicy } from "../threads/thread-policy.ts";
import { createDispatchPolicy } from "./dispatch-policy.ts";
import { type DispatchEvent, Dispatcher, type DispatcherOptions, type RunOptions } from "./dispatcher.ts";
import type { Delivery, Outbox } from "./outbox.ts";

type Answer = "ok" | FailureKind | Error | Promise<Receipt>;

const failed = (kind: FailureKind) =>
  new DeliveryError(`it says ${kind}`, { kind, ambiguous: kind === "timeout" });

interface Sent {
  readonly id: string;
  readonly content: string;
  readonly at: number;
  readonly attempt: Attempt;
}

/** A channel that answers as its script says, message by message; what it was asked to send is kept. */
function createScripted(
  id: string,
  clock: ManualClock,
  answer: (message: OutboundMessage, attempt: Attempt) => Answer = () => "ok",
  policies: {
    retry?: Parameters<typeof createRetryPolicy>[0];
    dispatch?: Parameters<typeof createDispatchPolicy>[0];
  } = {},
): OpenChannel & { readonly sent: Sent[] } {
  const sent: Sent[] = [];
  return {
    sent,
    retryPolicy: createRetryPolicy({ retryJitter: 0, ...policies.retry }),
    dispatchPolicy: createDispatchPolicy(policies.dispatch),
    threadPolicy: createThreadPolicy(),
    channel: {
      id,
      capabilities: { carries: ["threadId"], members: [] },
      async deliver(message, attempt) {
        sent.push({ id: message.id, content: message.content, at: clock.monotonic(), attempt });
        const said = answer(message, attempt);
        if (said === "ok") return {};
        if (typeof said === "string") throw failed(said);
        if (said instanceof Error) throw said;
        return said;
      },
    },
  };
}

interface World {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly events: DispatchEvent[];
  accept(channel: OpenChannel, ...drafts: (MessageDraft | string)[]): Promise<string[]>;
  /** Starts a dispatcher; it is stopped by the returned function. */
  start(channels: readonly OpenChannel[], options?: Partial<DispatcherOptions>, run?: RunOptions): Running;
  state(id: string): Promise<Delivery>;
}

interface Running {
  readonly dispatcher: Dispatcher;
  readonly ended: Promise<string>;
  stop(): Promise<string>;
}

function createWorld(): World {
  const clock = createManualClock();
  const store = createMemoryStore({ clock });
  const events: DispatchEvent[] = [];
  return {
    clock,
    store,
    events,
    async accept({ channel, dispatchPolicy }, ...drafts) {
      const messages = drafts.map((draft) => createMessage(draft, clock.now()));
      await store.outbox.enqueue(
        messages.map((message) => ({
          channel: channel.id,
          message,
          ...(message.threadId === undefined ? {} : { orderingKey: `${channel.id}/${message.threadId}` }),
          ...(dispatchPolicy.expiresInMs === undefined ? {} : { expiresInMs: dispatchPolicy.expiresInMs }),
        })),
      );
      return messages.map(({ id }) => id);
    },
    start(channels, options = {}, run = {}) {
      const stopping = new AbortController();
      const dispatcher = new Dispatcher({
        outbox: store.outbox,
        channels,
        clock,
        random: () => 0.5,
        onEvent: (event) => events.push(event),
        ...options,
      });
      const ended = dispatcher.run({ signal: stopping.signal, ...run });
      return {
        dispatcher,
        ended,
        async stop() {
          stopping.abort();
          await turns();
          return ended;
        },
      };
    },
    async state(id) {
      const delivery = await store.outbox.get(id);
      if (!delivery) throw new Error(`there is no delivery ${id}`);
      return delivery;
    },
  };
}

/** A store's outbox, with some of its methods replaced. */
function outboxWith({ outbox }: Store, replaced: Partial<Outbox>): Outbox {
  return new Proxy(outbox, {
    get(target, key) {
      const value = Reflect.get(replaced, key) ?? Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Lets everything that can run without time run. */
async function turns(count = 30): Promise<void> {
  for (let turn = 0; turn < count; turn++) await nextTurn();
}

/** Lets time pass in steps, so that what each step sets off has run before the next. */
async function pass(clock: ManualClock, ms: number, steps = 1): Promise<void> {
  for (let step = 0; step < steps; step++) {
    await clock.advance(ms / steps);
    await turns();
  }
}

const contents = ({ sent }: { readonly sent: readonly Sent[] }) => sent.map(({ content }) => content);

describe("a delivery", () => {
  test("is delivered by one attempt, which is kept", async () => {
    const world = createWorld();
    const pager = createScripted("pager.ops", world.clock);
    const [id = ""] = await world.accept(pager, "hello");
    const running = world.start([pager], {}, { until: "idle" });
    expect(await running.ended).toBe("idle");
    const { state, attempts } = await world.state(id);
    expect(state).toBe("delivered");
    expect(attempts).toHaveLength(1);
    expect(attempts[0]).toMatchObject({ number: 1, at: world.clock.now() });
  });

  test("that is accepted while the dispatcher is idle is sent with no time passing", async () => {
    const world = createWorld();
    const pager = createScripted("pager.ops", world.clock);
    const running = world.start([pager]);
    await turns();
    await world.accept(pager, "hello");
    await turns();
    expect(contents(pager)).toEqual(["hello"]);
    expect(await running.stop()).toBe("stopped");
  });

  test("is retried exactly when its policy says, and each attempt says what was waited", async () => {
    const world = createWorld();
    const pager = createScripted("pager.ops", world.clock, (_, { number }) =>
      number < 4 ? "server_error" : "ok",
    );
    const [id = ""] = await world.accept(pager, "hello");
    const running = world.start([pager], {}, { until: "idle" });
    await turns();
    await pass(world.clock, 4000, 400);
    expect(await running.ended).toBe("idle");
    expect(pager.sent.map(({ at }) => at)).toEqual([0, 500, 1500, 3500]);
    expect((await world.state(id)).attempts.map(({ waitMs }) => waitMs)).toEqual([
      500,
      1000,
      2000,
      undefined,
    ]);
  });

  test("that uses up its budget is dead, with every attempt, and a redelivery has a fresh one", async () => {
    const world = createWorld();
    const pager = createScripted("pager.ops", world.clock, () => "server_error", {
      retry: { maxRetries: 1 },
    });
    const [id = ""] = await world.accept(pager, "hello");
    const running = world.start([pager]);
    await turns();
    await pass(world.clock, 500);
    expect(await world.state(id)).toMatchObject({ state: "dead", reason: "it says server_error" });
    await world.store.outbox.redeliver({ filter: { ids: [id] }, limit: 1 });
    await turns();
    await pass(world.clock, 500);
    const { state, attempts } = await world.state(id);
    expect([state, attempts.map(({ number }) => number)]).toEqual(["dead", [1, 2, 3, 4]]);
    await running.stop();
  });

  test("that may have arrived says so to its next attempt", async () => {
    const world = createWorld();
    const pager = createScripted("pager.ops", world.clock, (_, { number }) =>
      number === 1 ? "timeout" : "ok",
    );
    await world.accept(pager, "hello");
    const running = world.start([pager]);
    await turns();
    await pass(world.clock, 500);
    expect(pager.sent.map(({ attempt }) => attempt.maybeArrived)).toEqual([false, true]);
    await running.stop();
  });

  test("expires instead of being sent late", async () => {
    const world = createWorld();
    const policies = { dispatch: { expiresInMs: 400 } };
    const pager = createScripted("pager.ops", world.clock, () => "server_error", policies);
    const [id = ""] = await world.accept(pager, "hello");
    const running = world.start([pager], {}, { until: "idle" });
    await turns();
    await pass(world.clock, 500, 5);
    expect(await running.ended).toBe("idle");
    expect(pager.sent).toHaveLength(1);
    expect((await world.state(id)).state).toBe("expired");
    expect(world.events).toContainEqual({ type: "expired", id, channel: "pager.ops" });
  });

  test.each([1, -1])(
    "waits no longer and no shorter when the machine's date jumps by %d day",
    async (days) => {
      const world = createWorld();
      const pager = createScripted("pager.ops", world.clock, (_, { number }) =>
        number === 1 ? "server_error" : "ok",
      );
      await world.accept(pager, "hello");
      const running = world.start([pager]);
      await turns();
      world.clock.jump(days * 86_400_000);
      await pass(world.clock, 499, 7);
      expect(pager.sent).toHaveLength(1);
      await pass(world.clock, 1);
      expect(pager.sent).toHaveLength(2);
      await running.stop();
    },
  );
});

describe("a channel", () => {
  test("has no more attempts under way than maxConcurrency", async () => {
    const world = createWorld();
    const open: PromiseWithResolvers<Receipt>[] = [];
    const answer = () => {
      open.push(Promise.withResolvers<Receipt>());
      return open.at(-1)?.promise ?? "ok";
    };
    const pager = createScripted("pager.ops", world.clock, answer, { dispatch: { maxConcurrency: 3 } });
    await world.accept(pager, ...Array.from({ length: 10 }, (_, i) => `${i}`));
    const running = world.start([pager], {}, { until: "idle" });
    await turns();
    expect(pager.sent).toHaveLength(3);
    open[0]?.resolve({});
    await turns();
    expect(pager.sent).toHaveLength(4);
    for (let i = 1; i < 10; i++) {
      open[i]?.resolve({});
      await turns();
    }
    expect(await running.ended).toBe("idle");
    expect(contents(pager)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
  });

  test("with ten thousand messages due at the start has no burst beyond its rate", async () => {
    const world = createWorld();
    const policies = { dispatch: { ratePerSecond: 50, maxConcurrency: 1000 } };
    const pager = createScripted("pager.ops", world.clock, () => "ok", policies);
    await world.accept(pager, ...Array.from({ length: 10_000 }, (_, i) => `${i}`));
    const running = world.start([pager]);
    await turns();
    await pass(world.clock, 3000, 60);
    const times = pager.sent.map(({ at }) => at);
    const inAnySecond = times.map((from) => times.filter((at) => at >= from && at < from + 1000).length);
    expect(Math.max(...inAnySecond)).toBe(50);
    expect(times).toHaveLength(200);
    await running.stop();
  });

  test("that hangs does not hold up another", async () => {
    const world = createWorld();
    const never = new Promise<Receipt>(() => undefined);
    const stuck = createScripted("pager.stuck", world.clock, () => never, {
      dispatch: { maxConcurrency: 2 },
    });
    const quick = createScripted("pager.quick", world.clock);
    await world.accept(stuck, ...Array.from({ length: 100 }, (_, i) => `${i}`));
    await world.accept(quick, "a", "b", "c");
    const running = world.start([stuck, quick], { drainTimeoutMs: 1 });
    await turns();
    expect(contents(quick)).toEqual(["a", "b", "c"]);
    expect(stuck.sent).toHaveLength(2);
    void running.stop();
    await pass(world.clock, 5000, 5);
  });

  test("that fails again and again is stopped, and what is held back spends no attempt", async () => {
    const world = createWorld();
    let works = false;
    const policies = {
      retry: { maxRetries: 20, retryBaseDelayMs: 10, retryMaxDelayMs: 10 },
      dispatch: { circuitFailures: 3, circuitResetMs: 1000, maxConcurrency: 1 },
    };
    const pager = createScripted("pager.ops", world.clock, () => (works ? "ok" : "network"), policies);
    const ids = await world.accept(pager, "a", "b", "c", "d");
    const running = world.start([pager], {}, { until: "idle" });
    await turns();
    await pass(world.clock, 900, 90);
    expect(pager.sent).toHaveLength(3);
    expect(world.events).toContainEqual({ type: "circuit", channel: "pager.ops", state: "opened" });
    works = true;
    await pass(world.clock, 200, 20);
    expect(await running.ended).toBe("idle");
    expect(world.events).toContainEqual({ type: "circuit", channel: "pager.ops", state: "closed" });
    const attempts = await Promise.all(ids.map(async (id) => (await world.state(id)).attempts.length));
    expect(attempts.reduce((sum, count) => sum + count)).toBe(3 + 4);
  });

  test("whose probe fails is stopped for as long again", async () => {
    const world = createWorld();
    const policies = {
      retry: { maxRetries: 20, retryBaseDelayMs: 10, retryMaxDelayMs: 10 },
      dispatch: { circuitFailures: 2, circuitResetMs: 1000, maxConcurrency: 8 },
    };
    const pager = createScripted("pager.ops", world.clock, () => "timeout", policies);
    await world.accept(pager, "a");
    const running = world.start([pager]);
    await turns();
    await pass(world.clock, 3500, 350);
    expect(pager.sent.map(({ at }) => Math.floor(at / 1000))).toEqual([0, 0, 1, 2, 3]);
    await running.stop();
  });
});

describe("what waits for a person", () => {
  test("is paused with the reason, and goes on as the same delivery", async () => {
    const world = createWorld();
    let allowed = false;
    const pager = createScripted("pager.ops", world.clock, () => (allowed ? "ok" : "auth_required"));
    const [id = ""] = await world.accept(pager, "hello");
    const running = world.start([pager]);
    await turns();
    expect(await world.state(id)).toMatchObject({ state: "paused", reason: "it says auth_required" });
    allowed = true;
    await world.store.outbox.resume({ filter: { ids: [id] }, limit: 1 });
    await turns();
    const { state, attempts } = await world.state(id);
    expect([state, attempts.map(({ number }) => number)]).toEqual(["delivered", [1, 2]]);
    expect(pager.sent.map((sent) => sent.id)).toEqual([id, id]);
    await running.stop();
  });

  test("suspends the whole channel after several in a row, and nothing more is sent until it is resumed", async () => {
    const world = createWorld();
    let allowed = false;
    const policies = { dispatch: { maxConcurrency: 1, suspendAfter: 3 } };
    const pager = createScripted(
      "pager.ops",
      world.clock,
      () => (allowed ? "ok" : "auth_required"),
      policies,
    );
    await world.accept(pager, ...Array.from({ length: 1000 }, (_, i) => `${i}`));
    const running = world.start([pager]);
    await turns();
    await pass(world.clock, 60_000, 10);
    expect(pager.sent).toHaveLength(3);
    expect(world.events).toContainEqual({
      type: "suspended",
      channel: "pager.ops",
      reason: "it says auth_required",
    });
    allowed = true;
    await world.store.outbox.unsuspend("pager.ops");
    await turns(6000);
    expect(pager.sent).toHaveLength(1000);
    await running.stop();
  });

  test("is left alone by a run that only does what is left to do", async () => {
    const world = createWorld();
    const pager = createScripted("pager.ops", world.clock, () => "auth_required");
    await world.accept(pager, "hello");
    expect(await world.start([pager], {}, { until: "idle" }).ended).toBe("idle");
  });
});

describe("a thread", () => {
  const said = (thread: string, ...texts: string[]) =>
    texts.map((content) => ({ content, threadId: thread }));

  test("is sent in its order, and its head that waits holds its successors but not its neighbours", async () => {
    const world = createWorld();
    const answer = ({ content }: OutboundMessage, { number }: Attempt) =>
      content === "a1" && number === 1 ? "server_error" : "ok";
    const pager = createScripted("pager.ops", world.clock, answer);
    await world.accept(pager, ...said("a", "a1", "a2", "a3"), ...said("b", "b1", "b2"));
    const running = world.start([pager], {}, { until: "idle" });
    await turns();
    expect(contents(pager)).toEqual(["a1", "b1", "b2"]);
    await pass(world.clock, 500);
    expect(contents(pager)).toEqual(["a1", "b1", "b2", "a1", "a2", "a3"]);
    expect(await running.ended).toBe("idle");
  });

  test("goes on behind a message that is dead", async () => {
    const world = createWorld();
    const pager = createScripted("pager.ops", world.clock, ({ content }) =>
      content === "a1" ? "rejected" : "ok",
    );
    await world.accept(pager, ...said("a", "a1", "a2"));
    expect(await world.start([pager], {}, { until: "idle" }).ended).toBe("idle");
    expect(contents(pager)).toEqual(["a1", "a2"]);
  });
});

describe("a lease", () => {
  test("is renewed while a request runs, so that nobody sends it a second time", async () => {
    const world = createWorld();
    const answered = Promise.withResolvers<Receipt>();
    const pager = createScripted("pager.ops", world.clock, () => answered.promise);
    const [id = ""] = await world.accept(pager, "hello");
    const running = world.start([pager], { leaseMs: 900 }, { until: "idle" });
    await turns();
    await pass(world.clock, 10_000, 100);
    answered.resolve({});
    expect(await running.ended).toBe("idle");
    expect(pager.sent).toHaveLength(1);
    expect((await world.state(id)).state).toBe("delivered");
  });

  test("that has lapsed fences the late settlement", async () => {
    const world = createWorld();
    const answered = Promise.withResolvers<Receipt>();
    const pager = createScripted("pager.ops", world.clock, () => answered.promise);
    const [id = ""] = await world.accept(pager, "hello");
    // A store in trouble renews nothing.
    const outbox = outboxWith(world.store, { renew: async () => [false] });
    const running = world.start([pager], { leaseMs: 900, outbox }, { until: "idle" });
    await turns();
    await pass(world.clock, 1000, 10);
    const [other] = (await world.store.outbox.claim({ limits: new Map([["pager.ops", 1]]), leaseMs: 1000 }))
      .claims;
    expect(other).toMatchObject({ id, maybeArrived: true });
    answered.resolve({});
    await turns();
    expect(world.events).toContainEqual({ type: "fenced", id, channel: "pager.ops" });
    expect((await world.state(id)).state).toBe("sending");
    await running.stop();
  });
});

describe("a shutdown", () => {
  test("claims nothing more and lets what is under way finish", async () => {
    const world = createWorld();
    const answered = Promise.withResolvers<Receipt>();
    const policies = { dispatch: { maxConcurrency: 1 } };
    const pager = createScripted("pager.ops", world.clock, () => answered.promise, policies);
    const [first = "", second = ""] = await world.accept(pager, "a", "b");
    const running = world.start([pager]);
    await turns();
    void running.stop();
    await turns();
    answered.resolve({});
    await turns();
    expect(await running.ended).toBe("stopped");
    expect((await world.state(first)).state).toBe("delivered");
    expect((await world.state(second)).state).toBe("queued");
  });

  test("gives back what does not finish in time, and the next run says that it may have arrived", async () => {
    const world = createWorld();
    const answer = (_: OutboundMessage, { signal }: Attempt) =>
      new Promise<Receipt>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    const pager = createScripted("pager.ops", world.clock, answer);
    const [id = ""] = await world.accept(pager, "hello");
    const running = world.start([pager], { drainTimeoutMs: 2000 });
    await turns();
    void running.stop();
    await pass(world.clock, 1999);
    expect((await world.state(id)).state).toBe("sending");
    await pass(world.clock, 10_000, 10);
    expect(await running.ended).toBe("stopped");
    expect(await world.state(id)).toMatchObject({ state: "queued", attempts: [] });
    const next = createScripted("pager.ops", world.clock);
    await world.start([next], {}, { until: "idle" }).ended;
    expect(next.sent[0]?.attempt).toMatchObject({ number: 1, maybeArrived: true });
  });

  test("ends although the store has gone", async () => {
    const world = createWorld();
    const pager = createScripted("pager.ops", world.clock);
    await world.accept(pager, "hello");
    const outbox = outboxWith(world.store, { settle: () => Promise.reject(new Error("the disk is gone")) });
    const running = world.start([pager], { outbox, drainTimeoutMs: 1000 });
    await turns();
    void running.stop();
    await pass(world.clock, 10_000, 20);
    expect(await running.ended).toBe("stopped");
  });
});

test("a store in trouble is asked again, and nothing is sent a second time for it", async () => {
  const world = createWorld();
  const pager = createScripted("pager.ops", world.clock);
  const [id = ""] = await world.accept(pager, "hello");
  let troubles = 3;
  const settle: Store["outbox"]["settle"] = (batch) =>
    troubles-- > 0 ? Promise.reject(new Error("the disk is full")) : world.store.outbox.settle(batch);
  const outbox = outboxWith(world.store, { settle });
  const running = world.start([pager], { outbox }, { until: "idle" });
  await turns();
  await pass(world.clock, 5000, 50);
  expect(await running.ended).toBe("idle");
  expect(pager.sent).toHaveLength(1);
  expect((await world.state(id)).state).toBe("delivered");
  expect(world.events.filter(({ type }) => type === "store_trouble")).toHaveLength(3);
});

describe("a run", () => {
  test("until it has caught up leaves what waits for its time", async () => {
    const world = createWorld();
    const pager = createScripted("pager.ops", world.clock, () => "server_error");
    const [id = ""] = await world.accept(pager, "hello");
    expect(await world.start([pager], {}, { until: "caught-up" }).ended).toBe("caught-up");
    expect((await world.state(id)).state).toBe("retrying");
  });

  test("that has ended asks the store for nothing more, which may be closed by then", async () => {
    const world = createWorld();
    const late = Promise.withResolvers<Receipt>();
    const pager = createScripted("pager.deaf", world.clock, () => late.promise);
    await world.accept(pager, "hello");
    let asked = 0;
    let isOver = false;
    const outbox = new Proxy(world.store.outbox, {
      get(target, key) {
        const value = Reflect.get(target, key);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          if (isOver) asked++;
          return isOver ? Promise.reject(new Error("it is closed")) : Reflect.apply(value, target, args);
        };
      },
    });
    const running = world.start([pager], { outbox, drainTimeoutMs: 1000 });
    await turns();
    void running.stop();
    await pass(world.clock, 5000, 5);
    expect(await running.ended).toBe("stopped");
    isOver = true;
    late.resolve({});
    await turns();
    await pass(world.clock, 60_000, 20);
    expect(asked).toBe(0);
    expect(world.events.filter(({ type }) => type === "store_trouble")).toEqual([]);
  });

  test("takes a channel in while it runs, and delivers what waited for it", async () => {
    const world = createWorld();
    const [pager, late] = [
      createScripted("pager.ops", world.clock),
      createScripted("pager.late", world.clock),
    ];
    const [id = ""] = await world.accept(late, "hello");
    const running = world.start([pager]);
    await turns();
    expect((await world.state(id)).state).toBe("queued");
    await running.dispatcher.addChannel(late);
    await turns();
    expect((await world.state(id)).state).toBe("delivered");
    await running.stop();
  });

  test("lets a channel go once its attempts are recorded, and claims nothing more of it", async () => {
    const world = createWorld();
    const answer = Promise.withResolvers<Receipt>();
    const pager = createScripted("pager.ops", world.clock, () => answer.promise);
    const [first = ""] = await world.accept(pager, "under way");
    const running = world.start([pager]);
    await turns();
    let isGone = false;
    const gone = running.dispatcher.removeChannel("pager.ops").then(() => {
      isGone = true;
    });
    const [second = ""] = await world.accept(pager, "too late");
    await turns();
    expect(isGone).toBe(false);
    answer.resolve({});
    await gone;
    expect((await world.state(first)).state).toBe("delivered");
    await pass(world.clock, 60_000, 4);
    expect((await world.state(second)).state).toBe("queued");
    await running.stop();
  });

  test("a channel that is let go gives back what takes longer than the drain", async () => {
    const world = createWorld();
    const pager = createScripted(
      "pager.ops",
      world.clock,
      (_message, { signal }) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason));
        }),
    );
    const [id = ""] = await world.accept(pager, "under way");
    const running = world.start([pager], { drainTimeoutMs: 1000 });
    await turns();
    const gone = running.dispatcher.removeChannel("pager.ops");
    await pass(world.clock, 999);
    expect((await world.state(id)).state).toBe("sending");
    await pass(world.clock, 1);
    await gone;
    expect((await world.state(id)).state).toBe("queued");
    await running.stop();
  });

  test("a channel under the id of one that has gone is another channel", async () => {
    const world = createWorld();
    const before = createScripted("pager.ops", world.clock);
    const after = createScripted("pager.ops", world.clock);
    const running = world.start([before]);
    await turns();
    await running.dispatcher.removeChannel("pager.ops");
    await running.dispatcher.addChannel(after);
    await world.accept(after, "hello");
    await turns();
    expect([before.sent.length, after.sent.length]).toEqual([0, 1]);
    await running.stop();
  });
});
