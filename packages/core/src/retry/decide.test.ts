import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Failure, FailureKind } from "../failure/delivery-error.ts";
import { type Decision, decide } from "./decide.ts";
import { createRetryPolicy, type RetryPolicy } from "./retry-policy.ts";

const middle = () => 0.5;
const unavailable: Failure = { kind: "server_error", status: 503, ambiguous: false };

function failure(kind: FailureKind, status?: number): Failure {
  return { kind, ambiguous: false, ...(status === undefined ? {} : { status }) };
}

function delayOf(policy: RetryPolicy, cause: Failure, attempt: number, random = middle): number {
  const decision = decide(policy, cause, attempt, random);
  if (decision.action !== "retry") throw new Error(`no retry: ${JSON.stringify(decision)}`);
  return decision.delayMs;
}

/** The decision in one word. */
function verdict(decision: Decision): string {
  return decision.action === "give_up" ? decision.reason : decision.action;
}

describe("what follows from a failure", () => {
  const policies = [
    createRetryPolicy(),
    createRetryPolicy({ retryStatuses: [404, "3xx"] }),
    createRetryPolicy({ pauseStatuses: [429, "5xx"] }),
    createRetryPolicy({ retryKinds: [] }),
    createRetryPolicy({ retryStatuses: ["4xx"], pauseStatuses: ["4xx"], retryKinds: ["network"] }),
  ];
  test.each<[Failure, string[]]>([
    //                               default  404,3xx  pause 429,5xx  no kinds  pause 4xx, only network
    [failure("rejected", 301), ["final", "retry", "final", "final", "final"]],
    [failure("rejected", 304), ["final", "retry", "final", "final", "final"]],
    [failure("rejected", 399), ["final", "retry", "final", "final", "final"]],
    [failure("rejected", 400), ["final", "final", "final", "final", "pause"]],
    [failure("auth_required", 401), ["pause", "pause", "final", "pause", "pause"]],
    [failure("auth_required", 402), ["pause", "pause", "final", "pause", "pause"]],
    [failure("auth_required", 403), ["pause", "pause", "final", "pause", "pause"]],
    [failure("rejected", 404), ["final", "retry", "final", "final", "pause"]],
    [failure("rate_limited", 408), ["retry", "final", "retry", "retry", "pause"]],
    [failure("rejected", 409), ["final", "final", "final", "final", "pause"]],
    [failure("rejected", 410), ["final", "final", "final", "final", "pause"]],
    [failure("rate_limited", 425), ["retry", "final", "retry", "retry", "pause"]],
    [failure("rate_limited", 429), ["retry", "final", "pause", "retry", "pause"]],
    [failure("rejected", 499), ["final", "final", "final", "final", "pause"]],
    [failure("server_error", 500), ["retry", "final", "pause", "retry", "final"]],
    [failure("server_error", 501), ["retry", "final", "pause", "retry", "final"]],
    [failure("server_error", 503), ["retry", "final", "pause", "retry", "final"]],
    [failure("server_error", 599), ["retry", "final", "pause", "retry", "final"]],
    [failure("unknown", 600), ["retry", "retry", "retry", "final", "final"]],
    [failure("unknown", 999), ["retry", "retry", "retry", "final", "final"]],
    [failure("unknown"), ["retry", "retry", "retry", "final", "final"]],
    [failure("timeout"), ["retry", "retry", "retry", "final", "final"]],
    [failure("network"), ["retry", "retry", "retry", "final", "retry"]],
    [failure("rate_limited"), ["retry", "retry", "retry", "final", "final"]],
    [failure("server_error"), ["retry", "retry", "retry", "final", "final"]],
    [failure("auth_required"), ["pause", "pause", "pause", "pause", "pause"]],
    [failure("rejected"), ["final", "final", "final", "final", "final"]],
    [failure("blocked"), ["final", "final", "final", "final", "final"]],
    [failure("blocked", 503), ["final", "final", "final", "final", "final"]],
  ])("$kind $status", (cause, expected) => {
    expect(policies.map((policy) => verdict(decide(policy, cause, 1, middle)))).toEqual(expected);
  });
});

describe("the budget", () => {
  test("three retries follow the first attempt by default, and the fourth failure is the last", () => {
    const policy = createRetryPolicy();
    const verdicts = [1, 2, 3, 4, 5].map((attempt) => verdict(decide(policy, unavailable, attempt, middle)));
    expect(verdicts).toEqual(["retry", "retry", "retry", "exhausted", "exhausted"]);
  });

  test("maxRetries = 0 is one attempt", () => {
    const policy = createRetryPolicy({ maxRetries: 0 });
    expect(decide(policy, unavailable, 1, middle)).toEqual({ action: "give_up", reason: "exhausted" });
  });

  test("a pause and a final failure do not depend on the budget", () => {
    const policy = createRetryPolicy({ maxRetries: 0 });
    expect(decide(policy, failure("auth_required", 401), 1, middle)).toEqual({ action: "pause" });
    expect(decide(policy, failure("rejected", 404), 1, middle)).toEqual({
      action: "give_up",
      reason: "final",
    });
  });

  test("Retry-After does not lengthen it", () => {
    const policy = createRetryPolicy({ maxRetries: 1 });
    const cause = { ...unavailable, retryAfterMs: 1 };
    expect(verdict(decide(policy, cause, 2, middle))).toBe("exhausted");
  });
});

describe("the backoff", () => {
  const steady = { retryJitter: 0, maxRetries: 1_000_000 } as const;

  test("begins with the base, doubles, and stops at the cap", () => {
    const policy = createRetryPolicy({ ...steady, retryBaseDelayMs: 500, retryMaxDelayMs: 5_000 });
    const delays = [1, 2, 3, 4, 5, 6, 1_000_000].map((attempt) => delayOf(policy, unavailable, attempt));
    expect(delays).toEqual([500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  });

  test("a cap below the base is the delay", () => {
    const policy = createRetryPolicy({ ...steady, retryBaseDelayMs: 500, retryMaxDelayMs: 20 });
    expect(delayOf(policy, unavailable, 1)).toBe(20);
  });

  test("the cap comes after the jitter", () => {
    const policy = createRetryPolicy({ retryBaseDelayMs: 1_000, retryMaxDelayMs: 1_000, retryJitter: 1 });
    expect(delayOf(policy, unavailable, 1, () => 0.999)).toBe(1_000);
  });

  test("a delay of 1 ms is not jittered down to 0", () => {
    const policy = createRetryPolicy({ retryBaseDelayMs: 1, retryJitter: 1 });
    expect(delayOf(policy, unavailable, 1, () => 0)).toBe(1);
  });

  test("a jitter of 0 takes nothing from chance", () => {
    const policy = createRetryPolicy({ retryJitter: 0 });
    expect([0, 0.3, 0.999].map((random) => delayOf(policy, unavailable, 1, () => random))).toEqual([
      500, 500, 500,
    ]);
  });

  test("both ends of the jitter are reached and never passed", () => {
    const policy = createRetryPolicy({ retryBaseDelayMs: 1_000, retryJitter: 0.25 });
    const random = mulberry32(1);
    const delays = Array.from({ length: 20_000 }, () => delayOf(policy, unavailable, 1, random));
    expect([Math.min(...delays), Math.max(...delays)]).toEqual([751, 1_250]);
  });

  const anyMs = fc.oneof(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.integer({ min: 1, max: 100_000 }));
  const share = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1));
  const uniform = fc.oneof(
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    fc.constantFrom(0, 1 - 2 ** -53),
  );
  const anyAttempt = fc.oneof(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 0, max: 60 }));

  test("no delay passes the cap, and each is a whole number from 1", () => {
    fc.assert(
      fc.property(anyMs, anyMs, share, anyAttempt, uniform, (base, cap, retryJitter, attempt, random) => {
        const policy = createRetryPolicy({
          retryBaseDelayMs: base,
          retryMaxDelayMs: cap,
          retryJitter,
          maxRetries: 1_000_000,
        });
        const delay = delayOf(policy, unavailable, attempt, () => random);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(1);
        expect(delay).toBeLessThanOrEqual(cap);
      }),
      { numRuns: 3_000, examples: [[2 ** 24, 30_000, 1, 1_001, 0]] },
    );
  });

  test("without jitter no delay is shorter than the one before it", () => {
    fc.assert(
      fc.property(anyMs, anyMs, fc.integer({ min: 1, max: 999_999 }), (base, cap, attempt) => {
        const policy = createRetryPolicy({ ...steady, retryBaseDelayMs: base, retryMaxDelayMs: cap });
        const [before, after] = [attempt, attempt + 1].map((number) => delayOf(policy, unavailable, number));
        expect(after).toBeGreaterThanOrEqual(before ?? Number.NaN);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("Retry-After", () => {
  const asked = (retryAfterMs: number): Failure => ({ ...unavailable, retryAfterMs });

  test("is waited instead of the backoff, without jitter", () => {
    const policy = createRetryPolicy({ retryJitter: 1 });
    const delays = [0, 0.5, 0.999].map((random) => delayOf(policy, asked(7_000), 3, () => random));
    expect(delays).toEqual([7_000, 7_000, 7_000]);
  });

  test("is cut to the cap when it has no cap of its own", () => {
    const policy = createRetryPolicy({ retryMaxDelayMs: 10_000 });
    expect(delayOf(policy, asked(10_000), 1)).toBe(10_000);
    expect(delayOf(policy, asked(10_001), 1)).toBe(10_000);
  });

  test("has a cap of its own, above or below the other", () => {
    const longer = createRetryPolicy({ retryMaxDelayMs: 10_000, retryAfterMaxMs: 3_600_000 });
    const shorter = createRetryPolicy({ retryMaxDelayMs: 10_000, retryAfterMaxMs: 1_000 });
    expect(delayOf(longer, asked(600_000), 1)).toBe(600_000);
    expect(delayOf(longer, asked(3_600_001), 1)).toBe(3_600_000);
    expect(delayOf(shorter, asked(5_000), 1)).toBe(1_000);
  });

  test("0 is the shortest delay there is", () => {
    expect(delayOf(createRetryPolicy(), asked(0), 1)).toBe(1);
  });

  test("a part of a millisecond is rounded up, and never down into an early retry", () => {
    expect(delayOf(createRetryPolicy(), asked(1_000.2), 1)).toBe(1_001);
  });

  test("whatever number a channel reports, the delay is a whole number from 1 to the cap", () => {
    fc.assert(
      fc.property(fc.double(), (retryAfterMs) => {
        const delay = delayOf(createRetryPolicy({ retryMaxDelayMs: 9_000 }), asked(retryAfterMs), 1);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(1);
        expect(delay).toBeLessThanOrEqual(9_000);
      }),
      { examples: [[Number.NaN], [Number.POSITIVE_INFINITY], [-5]] },
    );
  });
});

describe("the schedule", () => {
  const retrySchedule = [1_000, 60_000, 3_600_000];

  test("is waited delay by delay, whatever maxRetries, base and cap say", () => {
    const policy = createRetryPolicy({ retrySchedule, retryJitter: 0, maxRetries: 0, retryMaxDelayMs: 5 });
    expect([1, 2, 3].map((attempt) => delayOf(policy, unavailable, attempt))).toEqual(retrySchedule);
    expect(verdict(decide(policy, unavailable, 4, middle))).toBe("exhausted");
  });

  test("has fewer retries than maxRetries when it is shorter", () => {
    const policy = createRetryPolicy({ retrySchedule: [10], maxRetries: 100 });
    expect(verdict(decide(policy, unavailable, 2, middle))).toBe("exhausted");
  });

  test("is jittered", () => {
    const policy = createRetryPolicy({ retrySchedule, retryJitter: 0.25 });
    expect([0, 0.5, 1 - 2 ** -53].map((random) => delayOf(policy, unavailable, 2, () => random))).toEqual([
      45_000, 60_000, 75_000,
    ]);
  });

  test("yields to Retry-After, which keeps its cap", () => {
    const policy = createRetryPolicy({ retrySchedule, retryMaxDelayMs: 30_000 });
    expect(delayOf(policy, { ...unavailable, retryAfterMs: 2_000 }, 3)).toBe(2_000);
    expect(delayOf(policy, { ...unavailable, retryAfterMs: 90_000 }, 3)).toBe(30_000);
  });
});

/** A small generator of good quality, so that a run can be repeated. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
