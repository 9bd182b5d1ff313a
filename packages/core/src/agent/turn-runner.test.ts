import { setImmediate as nextTurn } from "node:timers/promises";
import { createManualClock, createMemoryStore, type ManualClock } from "@jackfield/testkit";
import { describe, expect, test } from "vitest";
import type { Channel } from "../channel/channel.ts";
import type { OpenChannel } from "../channel/open-channel.ts";
import { createDispatchPolicy } from "../delivery/dispatch-policy.ts";
import { DeliveryError } from "../failure/delivery-error.ts";
import { createInbound, type InboundDraft } from "../inbox/inbound-message.ts";
import type { InboundRecord, Inbox, Received } from "../inbox/inbox.ts";
import { createRetryPolicy } from "../retry/retry-policy.ts";
import type { Store } from "../store/store.ts";
import { createThreadPolicy } from "../threads/thread-policy.ts";
import type { ConversationEvent } from "../threads/threads.ts";
import type { Agent, AgentContext } from "./agent.ts";
import { createTurnPolicy } from "./agent-policy.ts";
import { type TurnEvent, TurnRunner, type TurnRunnerOptions } from "./turn-runner.ts";

type Policy = Parameters<typeof createThreadPolicy>[0];

/** A channel that is only answered through: what goes out stays in the outbox. */
function createBox(id = "box.one", policy: Policy = {}, members: Partial<Channel> = {}): OpenChannel {
  return {
    retryPolicy: createRetryPolicy(),
    dispatchPolicy: createDispatchPolicy(),
    threadPolicy: createThreadPolicy(policy),
    channel: {
      id,
      capabilities: { carries: ["threadId", "recipient"], members: [] },
      deliver: async () => ({ remoteId: "posted" }),
      ...members,
    },
  };
}

interface World {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly box: OpenChannel;
  readonly events: TurnEvent[];
  readonly tracked: ConversationEvent[];
  receive(draft?: Partial<InboundDraft>): Promise<string>;
  start(
    agent: Agent,
    options?: Partial<TurnRunnerOptions>,
  ): { stop(): Promise<void>; readonly ended: Promise<void> };
  record(id: string): Promise<InboundRecord>;
  /** What was answered, oldest first. */
  sent(): Promise<readonly string[]>;
}

function createWorld(box = createBox(), others: readonly OpenChannel[] = []): World {
  const clock = createManualClock();
  const store = createMemoryStore({ clock });
  const events: TurnEvent[] = [];
  const tracked: ConversationEvent[] = [];
  const channels = new Map([box, ...others].map((open) => [open.channel.id, open]));
  return {
    clock,
    store,
    box,
    events,
    tracked,
    async receive(draft = {}) {
      const message = createInbound(
        { sender: "alice", content: "hello", ...draft },
        box.channel.id,
        clock.now(),
      );
      const [received] = await store.inbox.accept([{ message, policy: box.threadPolicy }]);
      return idOf(received);
    },
    start(agent, options = {}) {
      const stopping = new AbortController();
      const runner = new TurnRunner({
        store,
        agent: { run: agent },
        policy: createTurnPolicy({ retryJitter: 0 }),
        channels: () => channels,
        clock,
        random: () => 0.5,
        onEvent: (event) => events.push(event),
        track: (event) => tracked.push(event),
        ...options,
      });
      const ended = runner.run(stopping.signal);
      return {
        ended,
        async stop() {
          stopping.abort();
          await turns();
          await ended;
        },
      };
    },
    async record(id) {
      const record = await store.inbox.get(id);
      if (!record) throw new Error(`there is no message ${id}`);
      return record;
    },
    async sent() {
      const { deliveries } = await store.outbox.list({}, { limit: 1000 });
      const all = await Promise.all(deliveries.map(({ id }) => store.outbox.get(id)));
      return all.map((delivery) => delivery?.message.content ?? "").reverse();
    },
  };
}

function idOf(received: Received | undefined): string {
  if (received && "id" in received) return received.id;
  throw new Error(`the message was not accepted: ${JSON.stringify(received)}`);
}

async function turns(count = 40): Promise<void> {
  for (let turn = 0; turn < count; turn++) await nextTurn();
}

async function pass(clock: ManualClock, ms: number, steps = 1): Promise<void> {
  for (let step = 0; step < steps; step++) {
    await clock.advance(ms / steps);
    await turns();
  }
}

/** Never ends by itself, and listens to its signal. */
const hang: Agent = (_message, { signal }) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });

function inboxWith({ inbox }: Store, replaced: Partial<Inbox>): Inbox {
  return new Proxy(inbox, {
    get(target, key) {
      const value = Reflect.get(replaced, key) ?? Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

describe("a turn", () => {
  test("answers into the thread and to the sender, and acknowledges the message", async () => {
    const world = createWorld();
    const id = await world.receive({ threadId: "t" });
    const running = world.start((message) => `You said: ${message.content}`);
    await turns();
    const [delivery] = (await world.store.outbox.list({}, { limit: 9 })).deliveries;
    const { message, inReplyTo } = (await world.store.outbox.get(delivery?.id ?? "")) ?? {};
    expect(message).toMatchObject({ content: "You said: hello", threadId: "t", recipient: "alice" });
    expect(inReplyTo).toBe(id);
    expect(await world.record(id)).toMatchObject({ state: "handled", turns: [{ number: 1 }] });
    await running.stop();
  });

  test("answers outside of any thread to the sender alone", async () => {
    const world = createWorld();
    await world.receive();
    const running = world.start(() => "hi");
    await turns();
    const [delivery] = (await world.store.outbox.list({}, { limit: 9 })).deliveries;
    const { message, orderingKey } = (await world.store.outbox.get(delivery?.id ?? "")) ?? {};
    expect(message?.threadId).toBeUndefined();
    expect([message?.recipient, orderingKey]).toEqual(["alice", "box.one/@alice"]);
    await running.stop();
  });

  test("sends what the agent sends with its answer, and nothing before it has ended well", async () => {
    const other = createBox("box.two");
    const world = createWorld(createBox(), [other]);
    await world.receive();
    const gate = Promise.withResolvers<void>();
    const running = world.start(async (_message, context) => {
      context.send("box.two", "for the others");
      await gate.promise;
      return "for you";
    });
    await turns();
    expect(await world.sent()).toEqual([]);
    gate.resolve();
    await turns();
    expect(await world.sent()).toEqual(["for the others", "for you"]);
    await running.stop();
  });

  test("that answers nothing is handled all the same", async () => {
    const world = createWorld();
    const id = await world.receive();
    const running = world.start(() => undefined);
    await turns();
    expect((await world.record(id)).state).toBe("handled");
    expect(await world.sent()).toEqual([]);
    await running.stop();
  });

  test("that throws is run again after the backoff, and answers once", async () => {
    const world = createWorld();
    const id = await world.receive();
    let count = 0;
    const running = world.start((_message, context) => {
      context.send("box.one", "half of it");
      if (++count < 3) throw new Error("not yet");
      return "done";
    });
    await turns();
    expect(await world.record(id)).toMatchObject({ state: "retrying", reason: "not yet" });
    await pass(world.clock, 499);
    expect(count).toBe(1);
    await pass(world.clock, 1);
    expect(count).toBe(2);
    await pass(world.clock, 1000);
    expect(await world.sent()).toEqual(["half of it", "done"]);
    expect((await world.record(id)).turns.map(({ number, waitMs }) => [number, waitMs])).toEqual([
      [1, 500],
      [2, 1000],
      [3, undefined],
    ]);
    await running.stop();
  });

  test("that fails for ever ends as dead, with every turn on record", async () => {
    const world = createWorld();
    const id = await world.receive();
    const running = world.start(() => {
      throw new Error("never");
    });
    await pass(world.clock, 20_000, 40);
    const record = await world.record(id);
    expect([record.state, record.turns.length, record.reason]).toEqual(["dead", 4, "never"]);
    await running.stop();
  });

  test("whose agent is refused waits for a person", async () => {
    const world = createWorld();
    const id = await world.receive();
    let isRefused = true;
    const running = world.start(() => {
      if (isRefused)
        throw new DeliveryError("who are you?", { kind: "auth_required", status: 401, ambiguous: false });
      return "hi";
    });
    await pass(world.clock, 60_000, 4);
    expect((await world.record(id)).state).toBe("paused");
    isRefused = false;
    await world.store.inbox.resume([id]);
    await turns();
    expect(await world.sent()).toEqual(["hi"]);
    await running.stop();
  });

  test("that takes too long is aborted and run again", async () => {
    const world = createWorld();
    const id = await world.receive();
    const running = world.start(hang, { policy: createTurnPolicy({ turnTimeoutMs: 5000 }) });
    await turns();
    await pass(world.clock, 4999);
    expect((await world.record(id)).state).toBe("running");
    await pass(world.clock, 1);
    expect(await world.record(id)).toMatchObject({
      state: "retrying",
      turns: [{ failure: { kind: "timeout" } }],
    });
    await running.stop();
  });

  test("whose agent does not listen to its signal ends all the same, and what it says later counts for nothing", async () => {
    const world = createWorld();
    const id = await world.receive();
    const late = Promise.withResolvers<string>();
    const running = world.start(() => late.promise, {
      policy: createTurnPolicy({ turnTimeoutMs: 5000, maxRetries: 0 }),
    });
    await turns();
    await pass(world.clock, 5000);
    expect((await world.record(id)).state).toBe("dead");
    late.resolve("too late");
    await turns();
    expect(await world.sent()).toEqual([]);
    await running.stop();
  });

  test("with an answer that the channel cannot carry is given up with the reason", async () => {
    const world = createWorld();
    const id = await world.receive();
    const running = world.start(() => ({ content: "x", subject: "y" }));
    await turns();
    expect(await world.record(id)).toMatchObject({
      state: "dead",
      reason: expect.stringContaining('cannot carry "subject"'),
    });
    await running.stop();
  });

  test("with an answer that is none is a failed turn", async () => {
    const world = createWorld();
    const id = await world.receive();
    const running = world.start((() => 42) as unknown as Agent);
    await turns();
    expect((await world.record(id)).reason).toContain("the agent answered with a number");
    await running.stop();
  });

  test("with an idempotency key that stands for something else is given up, and enqueues nothing", async () => {
    const world = createWorld();
    const first = await world.receive();
    const running = world.start((message) => [
      { content: `one for ${message.id}` },
      { content: message.id, idempotencyKey: "the key" },
    ]);
    await turns();
    expect((await world.record(first)).state).toBe("handled");
    const second = await world.receive();
    await turns();
    expect(await world.record(second)).toMatchObject({
      state: "dead",
      reason: expect.stringContaining("its answer could not be stored"),
    });
    expect(await world.sent()).toEqual([`one for ${first}`, first]);
    await running.stop();
  });

  test("is told to whoever watches, and to the tracker once it is on disk", async () => {
    const world = createWorld();
    const id = await world.receive({ threadId: "t" });
    const running = world.start((_message, { thread, log }) => {
      log.info("thinking", { about: "it" });
      thread.resolve("done");
    });
    await turns();
    const about = { id, channel: "box.one", thread: "box.one/t" };
    expect(world.events).toMatchObject([
      { type: "turn_began", ...about, number: 1 },
      { type: "agent_log", ...about, level: "info", text: "thinking", fields: { about: "it" } },
      { type: "turn", ...about, outcome: "handled", answers: [] },
    ]);
    expect(world.tracked).toMatchObject([
      { type: "turn", thread: "box.one/t" },
      { type: "resolved", thread: "box.one/t", resolution: "done" },
    ]);
    await running.stop();
  });

  test("has the history of its thread", async () => {
    const world = createWorld();
    await world.receive({ threadId: "t", content: "first" });
    const running = world.start(() => "answer");
    await turns();
    let context: AgentContext | undefined;
    await running.stop();
    const again = world.start((_message, given) => {
      context = given;
    });
    await world.receive({ threadId: "t", content: "second" });
    await turns();
    const entries = await context?.thread.history();
    expect(entries?.map(({ type }) => type)).toContain("outbound");
    expect((await context?.thread.history(1))?.length).toBe(1);
    await again.stop();
  });
});

describe("text as it is being made", () => {
  async function* pieces(...texts: string[]) {
    yield* texts;
  }

  test("goes out whole on a channel that cannot edit", async () => {
    const world = createWorld();
    await world.receive();
    const running = world.start(() => pieces("Hel", "lo", " you"));
    await turns();
    expect(await world.sent()).toEqual(["Hello you"]);
    await running.stop();
  });

  test("is shown live on a channel that can, and replaced by the whole", async () => {
    const shown: string[] = [];
    const box = createBox(
      "box.one",
      {},
      {
        deliver: async ({ content }) => {
          shown.push(`post ${content}`);
          return { remoteId: "r-1" };
        },
        edit: async (remoteId, { content }) => {
          shown.push(`edit ${remoteId} ${content}`);
          return {};
        },
      },
    );
    const world = createWorld(box);
    await world.receive();
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const running = world.start(async function* () {
      yield "Hel";
      await gates[0]?.promise;
      yield "lo";
      await gates[1]?.promise;
      yield " you";
    } as Agent);
    await turns();
    expect(shown).toEqual(["post Hel"]);
    await pass(world.clock, 500);
    gates[0]?.resolve();
    await turns();
    expect(shown).toEqual(["post Hel", "edit r-1 Hello"]);
    gates[1]?.resolve();
    await turns();
    const [delivery] = (await world.store.outbox.list({}, { limit: 9 })).deliveries;
    expect((await world.store.outbox.get(delivery?.id ?? ""))?.message).toMatchObject({
      content: "Hello you",
      replaces: "r-1",
    });
    await running.stop();
  });

  test("is shown in the same message by a turn that is run again", async () => {
    const posted: string[] = [];
    const box = createBox(
      "box.one",
      {},
      {
        deliver: async ({ content }) => {
          posted.push(content);
          return { remoteId: `r-${posted.length}` };
        },
        edit: async () => ({}),
      },
    );
    const world = createWorld(box);
    await world.receive();
    let count = 0;
    const running = world.start(async function* () {
      yield "Hello";
      await turns();
      if (++count === 1) throw new Error("not yet");
    } as Agent);
    await turns(200);
    await pass(world.clock, 500);
    await turns(200);
    expect(posted).toEqual(["Hello"]);
    const [delivery] = (await world.store.outbox.list({}, { limit: 9 })).deliveries;
    expect((await world.store.outbox.get(delivery?.id ?? ""))?.message.replaces).toBe("r-1");
    await running.stop();
  });

  test("goes out whole where showing it fails", async () => {
    const box = createBox(
      "box.one",
      {},
      {
        deliver: async () => {
          throw new Error("the platform is down");
        },
        edit: async () => ({}),
      },
    );
    const world = createWorld(box);
    await world.receive();
    const running = world.start(() => pieces("Hel", "lo"));
    await turns();
    expect(await world.sent()).toEqual(["Hello"]);
    expect(world.events.filter(({ type }) => type === "turn_aside")).toHaveLength(1);
    await running.stop();
  });

  test("that stops in the middle is a failed turn", async () => {
    const world = createWorld();
    const id = await world.receive();
    const running = world.start(async function* () {
      yield "Hel";
      throw new Error("lost my voice");
    } as Agent);
    await turns();
    expect(await world.record(id)).toMatchObject({ state: "retrying", reason: "lost my voice" });
    expect(await world.sent()).toEqual([]);
    await running.stop();
  });
});

describe("threads", () => {
  test("are each in order, side by side", async () => {
    const world = createWorld(createBox("box.one", { threadRateLimit: 0 }));
    for (let round = 0; round < 5; round++) {
      for (let thread = 0; thread < 200; thread++) {
        await world.receive({ threadId: `t${thread}`, content: String(round) });
      }
    }
    const seen = new Map<string, string[]>();
    const busy = new Set<string>();
    let overlaps = 0;
    const running = world.start(async ({ threadId = "", content }) => {
      if (busy.has(threadId)) overlaps++;
      busy.add(threadId);
      await nextTurn();
      seen.set(threadId, [...(seen.get(threadId) ?? []), content]);
      busy.delete(threadId);
    });
    await turns(2000);
    expect(overlaps).toBe(0);
    expect(seen.size).toBe(200);
    for (const contents of seen.values()) expect(contents).toEqual(["0", "1", "2", "3", "4"]);
    await running.stop();
  });

  test("do not wait for one that hangs", async () => {
    const world = createWorld();
    await world.receive({ threadId: "slow" });
    await world.receive({ threadId: "quick" });
    const running = world.start((message, context) =>
      message.threadId === "slow" ? hang(message, context) : "hi",
    );
    await turns();
    expect(await world.sent()).toEqual(["hi"]);
    const stopped = running.stop();
    await pass(world.clock, 12_000, 4);
    await stopped;
  });

  test("have no more turns at once than are allowed", async () => {
    const world = createWorld();
    for (let thread = 0; thread < 10; thread++) await world.receive({ threadId: `t${thread}` });
    let [now, most] = [0, 0];
    const running = world.start(
      async () => {
        most = Math.max(most, ++now);
        await nextTurn();
        now--;
      },
      { policy: createTurnPolicy({ maxConcurrentTurns: 3 }) },
    );
    await turns(200);
    expect(most).toBe(3);
    await running.stop();
  });

  test("that debounce have their messages in one turn, whole", async () => {
    const world = createWorld(createBox("box.one", { concurrency: "debounce", debounceMs: 1000 }));
    const seen: [string, number][] = [];
    const running = world.start((message, { thread }) => {
      seen.push([message.content, thread.merged.length]);
    });
    await world.receive({ threadId: "t", content: "a" });
    await pass(world.clock, 600);
    await world.receive({ threadId: "t", content: "b" });
    await pass(world.clock, 600);
    expect(seen).toEqual([]);
    await pass(world.clock, 400);
    expect(seen).toEqual([["a\nb", 2]]);
    await running.stop();
  });

  test("that drop tell the next turn what was dropped", async () => {
    const world = createWorld(createBox("box.one", { concurrency: "drop" }));
    const gate = Promise.withResolvers<void>();
    const dropped: string[][] = [];
    const running = world.start(async (_message, { thread }) => {
      dropped.push(thread.dropped.map(({ content }) => content));
      await gate.promise;
    });
    await world.receive({ threadId: "t", content: "a" });
    await turns();
    await world.receive({ threadId: "t", content: "b" });
    gate.resolve();
    await turns();
    await world.receive({ threadId: "t", content: "c" });
    await turns();
    expect(dropped).toEqual([[], ["b"]]);
    await running.stop();
  });
});

describe("a shutdown", () => {
  test("lets a turn finish, and its answer is kept", async () => {
    const world = createWorld();
    await world.receive();
    const gate = Promise.withResolvers<void>();
    const running = world.start(async () => {
      await gate.promise;
      return "done";
    });
    await turns();
    const stopped = running.stop();
    await turns();
    gate.resolve();
    await stopped;
    expect(await world.sent()).toEqual(["done"]);
  });

  test("gives a turn back that takes too long, with no turn spent", async () => {
    const world = createWorld();
    const id = await world.receive();
    const running = world.start(hang, { drainTimeoutMs: 1000 });
    await turns();
    const stopped = running.stop();
    await pass(world.clock, 1000);
    await pass(world.clock, 1000);
    await stopped;
    expect(await world.record(id)).toMatchObject({ state: "waiting", turns: [] });
  });

  test("begins no turn any more", async () => {
    const world = createWorld();
    const running = world.start(() => "hi");
    await running.stop();
    const id = await world.receive();
    await turns();
    expect((await world.record(id)).state).toBe("waiting");
  });
});

describe("a crash", () => {
  /** A process that claims and is never heard of again. */
  const crash = ({ store }: World) => store.inbox.claim({ channels: ["box.one"], limit: 1, leaseMs: 1000 });

  test("in a turn runs it again from its beginning", async () => {
    const world = createWorld();
    const id = await world.receive();
    await crash(world);
    await world.clock.advance(1000);
    const numbers: number[] = [];
    const running = world.start((_message, { turn }) => {
      numbers.push(turn.number);
      return "hi";
    });
    await turns();
    expect(numbers).toEqual([2]);
    expect((await world.record(id)).turns).toMatchObject([
      { number: 1, failure: { message: "the process ended in this turn" } },
      { number: 2 },
    ]);
    await running.stop();
  });

  test("in every turn ends with a dead message instead of another crash", async () => {
    const world = createWorld();
    const id = await world.receive();
    for (let turn = 0; turn < 4; turn++) {
      await crash(world);
      await world.clock.advance(1000);
    }
    let ran = 0;
    const running = world.start(() => {
      ran++;
    });
    await turns();
    expect(ran).toBe(0);
    expect(await world.record(id)).toMatchObject({
      state: "dead",
      reason: expect.stringContaining("the process ended in its turns"),
    });
    await running.stop();
  });

  test("of the store is waited out, and the turn's outcome is recorded once", async () => {
    const world = createWorld();
    const id = await world.receive();
    let failures = 2;
    const inbox = inboxWith(world.store, {
      settle: (batch) =>
        failures-- > 0 ? Promise.reject(new Error("the disk is full")) : world.store.inbox.settle(batch),
    });
    let ran = 0;
    const running = world.start(
      () => {
        ran++;
        return "hi";
      },
      { store: { ...world.store, inbox } },
    );
    await turns();
    expect((await world.record(id)).state).toBe("running");
    await pass(world.clock, 1500, 3);
    expect((await world.record(id)).state).toBe("handled");
    expect([ran, await world.sent()]).toEqual([1, ["hi"]]);
    expect(world.events.filter(({ type }) => type === "store_trouble")).toHaveLength(2);
    await running.stop();
  });
});

test("a lease is renewed while a turn is under way, however long it takes", async () => {
  const world = createWorld();
  const id = await world.receive();
  const gate = Promise.withResolvers<void>();
  const running = world.start(
    async () => {
      await gate.promise;
      return "hi";
    },
    { leaseMs: 3000 },
  );
  await turns();
  await pass(world.clock, 30_000, 60);
  const stolen = await world.store.inbox.claim({ channels: ["box.one"], limit: 9, leaseMs: 1000 });
  expect(stolen.claims).toEqual([]);
  gate.resolve();
  await turns();
  expect((await world.record(id)).state).toBe("handled");
  await running.stop();
});

test("a turn whose lease somebody else has answers nothing", async () => {
  const world = createWorld();
  await world.receive();
  const gate = Promise.withResolvers<void>();
  const inbox = inboxWith(world.store, { renew: async (claims) => claims.map(() => true) });
  const running = world.start(
    async () => {
      await gate.promise;
      return "hi";
    },
    { leaseMs: 3000, store: { ...world.store, inbox } },
  );
  await turns();
  await pass(world.clock, 3000);
  await world.store.inbox.claim({ channels: ["box.one"], limit: 9, leaseMs: 60_000 });
  gate.resolve();
  await turns();
  expect(await world.sent()).toEqual([]);
  expect(world.events.filter(({ type }) => type === "turn_fenced")).toHaveLength(1);
  await running.stop();
});

test("messages of a channel that is not there wait for it", async () => {
  const world = createWorld();
  const id = await world.receive();
  const channels = new Map<string, OpenChannel>();
  const stopping = new AbortController();
  const { store, clock } = world;
  const options = {
    store,
    clock,
    agent: { run: () => "hi" },
    policy: createTurnPolicy(),
    channels: () => channels,
  };
  const runner = new TurnRunner(options);
  const ended = runner.run(stopping.signal);
  await turns();
  expect((await world.record(id)).state).toBe("waiting");
  channels.set("box.one", world.box);
  runner.lookForWork();
  await turns();
  expect((await world.record(id)).state).toBe("handled");
  stopping.abort();
  await ended;
});
