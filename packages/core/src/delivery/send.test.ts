import { describe, expect, onTestFinished, test } from "vitest";
import type { Capabilities } from "../channel/capabilities.ts";
import type { Attempt, Receipt } from "../channel/channel.ts";
import type { OutboundMessage } from "../channel/message.ts";
import type { OpenChannel } from "../channel/open-channel.ts";
import type { Clock } from "../clock.ts";
import { DeliveryError, type Failure } from "../failure/delivery-error.ts";
import { createRetryPolicy } from "../retry/retry-policy.ts";
import { createThreadPolicy } from "../threads/thread-policy.ts";
import { createDispatchPolicy } from "./dispatch-policy.ts";
import { SendError, type SendOptions, send } from "./send.ts";

const refused = (failure: Partial<Failure> = {}) =>
  new DeliveryError("the pager said no", { kind: "server_error", status: 503, ambiguous: false, ...failure });
const middle = () => 0.5;

/** A clock on which no time passes but that of its sleeps and of `takes`. */
function createTestClock() {
  const waits: number[] = [];
  let time = 1_000;
  const clock: Clock = {
    now: () => 1_700_000_000_000 + time,
    monotonic: () => time,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      waits.push(ms);
      time += ms;
    },
  };
  const takes = (ms: number) => {
    time += ms;
  };
  return { ...clock, waits, takes };
}

/** A channel that does at each attempt what its script says, and fails a test that makes more attempts than that. */
function createScripted(
  script: readonly (Receipt | Error | ((attempt: Attempt) => Promise<Receipt>))[],
  policy: Parameters<typeof createRetryPolicy>[0] = {},
  capabilities: Capabilities = { carries: ["recipient"], members: [] },
) {
  const attempts: Attempt[] = [];
  const messages: OutboundMessage[] = [];
  const open: OpenChannel = {
    dispatchPolicy: createDispatchPolicy(),
    threadPolicy: createThreadPolicy(),
    retryPolicy: createRetryPolicy(policy),
    channel: {
      id: "pager.ops",
      capabilities,
      async deliver(message, attempt) {
        const step = script[attempts.length];
        attempts.push(attempt);
        messages.push(message);
        if (!step) throw new Error(`attempt ${attempts.length} is not in the script`);
        if (step instanceof Error) throw step;
        return typeof step === "function" ? step(attempt) : step;
      },
    },
  };
  return { open, attempts, messages };
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it did not reject");
}

async function sendErrorOf(promise: Promise<unknown>): Promise<SendError> {
  const error = await errorOf(promise);
  if (error instanceof SendError) return error;
  throw error;
}

test("a message that is delivered at once is one attempt and no wait", async () => {
  const clock = createTestClock();
  const pager = createScripted([{ status: 202, remoteId: "r1" }]);
  const result = await send(pager.open, { content: "hi", recipient: "ann" }, { clock });
  expect(result).toEqual({
    message: expect.objectContaining({ content: "hi", recipient: "ann", createdAt: 1_700_000_001_000 }),
    receipt: { status: 202, remoteId: "r1" },
    attempts: [{ number: 1, at: 1_700_000_001_000, durationMs: 0, status: 202 }],
  });
  expect(pager.attempts).toEqual([{ number: 1, maybeArrived: false }]);
  expect(clock.waits).toEqual([]);
});

test("failures are retried after their waits, and each attempt is recorded", async () => {
  const clock = createTestClock();
  const first = refused();
  const second = refused({ kind: "rate_limited", status: 429, retryAfterMs: 4_000 });
  const pager = createScripted([
    async () => {
      clock.takes(30);
      throw first;
    },
    second,
    {},
  ]);
  const { attempts } = await send(pager.open, "hi", { clock, random: middle });
  expect(attempts).toEqual([
    { number: 1, at: 1_700_000_001_000, durationMs: 30, status: 503, failure: first, waitMs: 500 },
    { number: 2, at: 1_700_000_001_530, durationMs: 0, status: 429, failure: second, waitMs: 4_000 },
    { number: 3, at: 1_700_000_005_530, durationMs: 0 },
  ]);
  expect(clock.waits).toEqual([500, 4_000]);
});

test("the jitter is drawn from the random source that was given", async () => {
  const clock = createTestClock();
  await send(createScripted([refused(), {}]).open, "hi", { clock, random: () => 0 });
  expect(clock.waits).toEqual([375]);
});

test("the message is the same object in all attempts", async () => {
  const pager = createScripted([refused(), refused(), {}]);
  const { message } = await send(pager.open, "hi", { clock: createTestClock() });
  expect(pager.messages.map((sent) => sent === message)).toEqual([true, true, true]);
});

describe("giving up", () => {
  test("happens when the budget is used up, with every attempt and the last cause", async () => {
    const failures = [refused(), refused({ kind: "network" }), refused({ status: 502 })];
    const clock = createTestClock();
    const pager = createScripted(failures, { maxRetries: 2 });
    const error = await sendErrorOf(send(pager.open, "hi", { clock, random: middle }));
    expect(error).toMatchObject({
      name: "SendError",
      code: "SEND_FAILED",
      message: "pager.ops: not delivered after 3 attempts: the pager said no",
      decision: { action: "give_up", reason: "exhausted" },
    });
    expect(error.attempts.map(({ failure, waitMs }) => [failure, waitMs])).toEqual([
      [failures[0], 500],
      [failures[1], 1_000],
      [failures[2], undefined],
    ]);
    expect(error.cause).toBe(failures[2]);
    expect(error.sent).toBe(pager.messages[0]);
    expect(clock.waits).toEqual([500, 1_000]);
  });

  test("speaks of one attempt when there was one", async () => {
    const pager = createScripted([refused()], { maxRetries: 0 });
    const error = await sendErrorOf(send(pager.open, "hi", { clock: createTestClock() }));
    expect(error.message).toBe("pager.ops: not delivered after 1 attempt: the pager said no");
  });

  test("happens at once when no attempt would help", async () => {
    const pager = createScripted([refused({ kind: "rejected", status: 404 })]);
    const error = await sendErrorOf(send(pager.open, "hi", { clock: createTestClock() }));
    expect(error.decision).toEqual({ action: "give_up", reason: "final" });
    expect(pager.attempts).toHaveLength(1);
  });

  test("happens at once, as a pause, when a person has to act", async () => {
    const pager = createScripted([refused({ kind: "auth_required", status: 401 })]);
    const error = await sendErrorOf(send(pager.open, "hi", { clock: createTestClock() }));
    expect(error.decision).toEqual({ action: "pause" });
    expect(pager.attempts).toHaveLength(1);
  });

  test("a message that does not fit is blocked before the channel is asked", async () => {
    const pager = createScripted([]);
    const error = await sendErrorOf(send(pager.open, { content: "hi", subject: "re" }));
    expect(error.cause.kind).toBe("blocked");
    expect(error.decision).toEqual({ action: "give_up", reason: "final" });
    expect(pager.attempts).toHaveLength(0);
  });
});

describe("what a channel throws that is no DeliveryError", () => {
  test("is unknown and in doubt, and retried", async () => {
    const thrown = new TypeError("x is not a function");
    const pager = createScripted([thrown, {}]);
    const { attempts } = await send(pager.open, "hi", { clock: createTestClock() });
    expect(attempts[0]?.failure).toMatchObject({ kind: "unknown", ambiguous: true, message: thrown.message });
    expect(attempts[0]?.failure?.cause).toBe(thrown);
    expect(pager.attempts[1]).toEqual({ number: 2, maybeArrived: true });
  });

  test("may be thrown before there is a promise", async () => {
    const { open } = createScripted([]);
    const channel = {
      ...open.channel,
      deliver: () => {
        throw new Error("not even a promise");
      },
    };
    const policy = createRetryPolicy({ maxRetries: 0 });
    const error = await sendErrorOf(send({ ...open, channel, retryPolicy: policy }, "hi"));
    expect(error.cause).toMatchObject({ kind: "unknown", message: "not even a promise" });
  });
});

describe("maybeArrived", () => {
  const seen = async (...script: (Receipt | Error)[]) => {
    const pager = createScripted(script);
    await send(pager.open, "hi", { clock: createTestClock() });
    return pager.attempts.map((attempt) => attempt.maybeArrived);
  };
  const clear = refused();
  const doubtful = refused({ kind: "timeout", ambiguous: true });

  test("stays false while no attempt leaves doubt", async () => {
    expect(await seen(clear, clear, {})).toEqual([false, false, false]);
  });

  test("is true from the attempt after a doubtful one, whatever comes between", async () => {
    expect(await seen(clear, doubtful, clear, {})).toEqual([false, false, true, true]);
  });
});

describe("the observer", () => {
  test("sees every attempt with what follows from it, as soon as it is over", async () => {
    const seen: [...Parameters<NonNullable<SendOptions["onAttempt"]>>, number][] = [];
    const clock = createTestClock();
    const pager = createScripted([refused(), { status: 200 }]);
    const { attempts } = await send(pager.open, "hi", {
      clock,
      random: middle,
      onAttempt: (attempt, decision) => seen.push([attempt, decision, clock.waits.length]),
    });
    expect(seen).toEqual([
      [attempts[0], { action: "retry", delayMs: 500 }, 0],
      [attempts[1], undefined, 1],
    ]);
  });

  test("sees the last failure with the decision to end", async () => {
    const decisions: unknown[] = [];
    const pager = createScripted([refused()], { maxRetries: 0 });
    const sending = send(pager.open, "hi", { onAttempt: (_, decision) => decisions.push(decision) });
    await sendErrorOf(sending);
    expect(decisions).toEqual([{ action: "give_up", reason: "exhausted" }]);
  });

  test("that throws touches no delivery, and what it throws is an uncaught exception", async () => {
    const uncaught: unknown[] = [];
    process.setUncaughtExceptionCaptureCallback((error) => uncaught.push(error));
    onTestFinished(() => process.setUncaughtExceptionCaptureCallback(null));
    const mistake = new Error("the observer is broken");
    const pager = createScripted([refused(), { remoteId: "r1" }]);
    const { receipt } = await send(pager.open, "hi", {
      clock: createTestClock(),
      onAttempt: () => {
        throw mistake;
      },
    });
    await new Promise(setImmediate);
    expect(receipt).toEqual({ remoteId: "r1" });
    expect(uncaught).toEqual([mistake, mistake]);
  });
});

describe("an abort", () => {
  const reason = new Error("shutting down");

  test("before the start sends nothing", async () => {
    const pager = createScripted([]);
    const error = await errorOf(send(pager.open, "hi", { signal: AbortSignal.abort(reason) }));
    expect(error).toBe(reason);
    expect(pager.attempts).toHaveLength(0);
  });

  test("during an attempt reaches the channel, rejects with its reason, and nothing more is sent", async () => {
    const controller = new AbortController();
    const pager = createScripted([
      ({ signal }) =>
        new Promise((_, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason));
          controller.abort(reason);
        }),
    ]);
    expect(await errorOf(send(pager.open, "hi", { signal: controller.signal }))).toBe(reason);
    expect(pager.attempts).toEqual([{ number: 1, maybeArrived: false, signal: controller.signal }]);
  });

  test("during an attempt that then fails in its own way rejects with its reason all the same", async () => {
    const controller = new AbortController();
    const pager = createScripted([
      async () => {
        controller.abort(reason);
        throw refused({ kind: "rejected", status: 404 });
      },
    ]);
    expect(await errorOf(send(pager.open, "hi", { signal: controller.signal }))).toBe(reason);
    expect(pager.attempts).toHaveLength(1);
  });

  test("during an attempt that delivers all the same is a delivery", async () => {
    const controller = new AbortController();
    const pager = createScripted([
      async () => {
        controller.abort(reason);
        return { remoteId: "r1" };
      },
    ]);
    const { receipt } = await send(pager.open, "hi", { signal: controller.signal });
    expect(receipt).toEqual({ remoteId: "r1" });
  });

  test("during a wait rejects with its reason, and nothing more is sent", async () => {
    const controller = new AbortController();
    const sleeps: [number, AbortSignal | undefined][] = [];
    const clock: Clock = {
      ...createTestClock(),
      sleep: (ms, signal) =>
        new Promise((_, reject) => {
          sleeps.push([ms, signal]);
          signal?.addEventListener("abort", () => reject(signal.reason));
          controller.abort(reason);
        }),
    };
    const pager = createScripted([refused()]);
    const options = { signal: controller.signal, clock, random: middle };
    expect(await errorOf(send(pager.open, "hi", options))).toBe(reason);
    expect(sleeps).toEqual([[500, controller.signal]]);
    expect(pager.attempts).toHaveLength(1);
  });

  test("by the observer comes before the next wait", async () => {
    const controller = new AbortController();
    const clock = createTestClock();
    const pager = createScripted([refused()]);
    const options = { signal: controller.signal, clock, onAttempt: () => controller.abort(reason) };
    expect(await errorOf(send(pager.open, "hi", options))).toBe(reason);
    expect(clock.waits).toEqual([]);
    expect(pager.attempts).toHaveLength(1);
  });
});

describe("what other people's channels and programs do", () => {
  test("a receipt that could not be kept is cut down to what can be", async () => {
    const odd = { remoteId: 1n, status: "OK", duplicate: "yes", response: "thanks" } as unknown as Receipt;
    const { open } = createScripted([odd]);
    expect((await send(open, "hi")).receipt).toEqual({ response: "thanks" });
  });

  test("a channel that resolves with nothing has delivered", async () => {
    const { open, attempts } = createScripted([async () => undefined as unknown as Receipt]);
    expect((await send(open, "hi")).receipt).toEqual({});
    expect(attempts).toHaveLength(1);
  });

  test("data that its sender changes afterwards is sent as it was", async () => {
    const clock = createTestClock();
    const down = new DeliveryError("down", { kind: "network", ambiguous: false });
    const { open, messages } = createScripted([down, {}], {}, { carries: ["data"], members: [] });
    const data = { step: 1 };
    const sending = send(open, { content: "hi", data }, { clock });
    data.step = 2;
    await sending;
    expect(messages.map((message) => message.data)).toEqual([{ step: 1 }, { step: 1 }]);
  });
});
