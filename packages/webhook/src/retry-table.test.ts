import { HttpRequestInterceptor } from "@mswjs/interceptors/http";
import { HttpResponse, http } from "msw";
import { defineNetwork, InterceptorSource } from "msw/experimental";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { sendTo, testTime } from "./test-support.ts";

// Every branch of the retry table, through the real undici pool: msw answers where the socket would be.

const url = "http://receiver.test/hook";
const network = defineNetwork({
  sources: [new InterceptorSource({ interceptors: [new HttpRequestInterceptor()] })],
});
let requests: Request[] = [];

beforeAll(() => network.enable());
afterEach(() => network.resetHandlers());
afterAll(() => network.disable());

type Answer =
  | number
  | { readonly status: number; readonly headers?: [string, string][]; readonly body?: string };

/** Answers one request after the other; the last answer stays. */
function answering(...answers: Answer[]): string {
  requests = [];
  network.use(
    http.all(url, ({ request }) => {
      requests.push(request.clone());
      const answer = answers[Math.min(requests.length, answers.length) - 1] ?? 200;
      const { status, headers = [], body = "" } = typeof answer === "number" ? { status: answer } : answer;
      return new HttpResponse(status === 204 || status === 304 ? null : body, { status, headers });
    }),
  );
  return url;
}

const asking = (status: number, ...values: string[]): Answer => ({
  status,
  headers: values.map((value) => ["retry-after", value]),
});

describe("a 2xx", () => {
  test.each([200, 201, 202, 204, 299])("%i is delivered at once", async (status) => {
    const { delivered, waits } = await sendTo(answering(status));
    expect(delivered?.receipt.status).toBe(status);
    expect(requests).toHaveLength(1);
    expect(waits).toEqual([]);
  });
});

describe("a 5xx", () => {
  test("503 and then 200 is delivered by the second attempt", async () => {
    const { delivered, waits } = await sendTo(answering(503, 200));
    expect(delivered?.attempts.map(({ number, status }) => [number, status])).toEqual([
      [1, 503],
      [2, 200],
    ]);
    expect(waits).toEqual([500]);
  });

  test.each([500, 502, 504, 599])(
    "%i is retried with a doubling wait until the budget is used up",
    async (status) => {
      const { error, waits } = await sendTo(answering(status));
      expect(error?.cause).toMatchObject({ kind: "server_error", status });
      expect(requests).toHaveLength(4);
      expect(waits).toEqual([500, 1000, 2000]);
    },
  );
});

describe("a 4xx that is final", () => {
  test.each([400, 404, 410, 422])(
    "%i is tried once, and the error names it and a piece of the body",
    async (status) => {
      const { error, waits } = await sendTo(answering({ status, body: "no such hook" }));
      expect(error?.message).toBe(
        `webhook.test: not delivered after 1 attempt: POST http://receiver.test answered ${status}: no such hook`,
      );
      expect(error?.cause.kind).toBe("rejected");
      expect(requests).toHaveLength(1);
      expect(waits).toEqual([]);
    },
  );
});

describe("a status that waits for a person", () => {
  test.each([401, 402, 403])("%i is tried once, as auth_required", async (status) => {
    const { error } = await sendTo(answering(status));
    expect(error?.cause).toMatchObject({ kind: "auth_required", status });
    expect(error?.decision).toEqual({ action: "pause" });
    expect(requests).toHaveLength(1);
  });
});

describe("a status that says too fast", () => {
  test.each([408, 425, 429])("%i is retried by backoff", async (status) => {
    const { delivered, waits } = await sendTo(answering(status, 200));
    expect(delivered?.attempts).toHaveLength(2);
    expect(waits).toEqual([500]);
  });

  test("429 until the budget is used up names the number of attempts and the last cause", async () => {
    const { error } = await sendTo(answering({ status: 429, body: "slow down" }));
    expect(error?.message).toBe(
      "webhook.test: not delivered after 4 attempts: POST http://receiver.test answered 429: slow down",
    );
    expect(error?.decision).toEqual({ action: "give_up", reason: "exhausted" });
    expect(error?.cause.kind).toBe("rate_limited");
  });

  test("maxRetries = 0 is one attempt", async () => {
    const { error } = await sendTo(answering(429), { maxRetries: 0 });
    expect(error?.attempts).toHaveLength(1);
    expect(requests).toHaveLength(1);
  });
});

describe("Retry-After", () => {
  const inTenSeconds = new Date(testTime + 10_000);
  const asctime = `${inTenSeconds.toUTCString().slice(0, 3)} Jan  1 00:00:10 2026`;

  test.each([
    ["seconds", "7", 7000],
    ["a decimal", "1.5", 1500],
    ["an IMF-fixdate", inTenSeconds.toUTCString(), 10_000],
    ["an RFC 850 date", "Thursday, 01-Jan-26 00:00:10 GMT", 10_000],
    ["an asctime date", asctime, 10_000],
    ["zero", "0", 1],
    ["a past date", new Date(testTime - 60_000).toUTCString(), 1],
    ["a wait beyond the cap", "3600", 30_000],
  ])("as %s is honoured on 429, without jitter", async (_, value, wait) => {
    expect((await sendTo(answering(asking(429, value), 200))).waits).toEqual([wait]);
  });

  test("is honoured on 503", async () => {
    expect((await sendTo(answering(asking(503, "7"), 200))).waits).toEqual([7000]);
  });

  test("is honoured up to retryAfterMaxMs where that is set", async () => {
    expect((await sendTo(answering(asking(429, "3600"), 200), { retryAfterMaxMs: 60_000 })).waits).toEqual([
      60_000,
    ]);
  });

  test.each([408, 500, 502])("is ignored on %i", async (status) => {
    expect((await sendTo(answering(asking(status, "7"), 200))).waits).toEqual([500]);
  });

  test.each(["", "abc", "-1", "1e3", "Infinity", "NaN", "1e20", "5.abc", "99999999999999"])(
    "that is malformed (%j) is as if absent",
    async (value) => {
      expect((await sendTo(answering(asking(429, value), 200))).waits).toEqual([500]);
    },
  );

  test("that comes twice is as if absent", async () => {
    expect((await sendTo(answering(asking(429, "7", "9"), 200))).waits).toEqual([500]);
  });
});

describe("a redirect", () => {
  test.each([301, 302, 303, 304, 307, 308])("%i is never followed", async (status) => {
    const { error } = await sendTo(answering({ status, headers: [["location", "http://elsewhere.test/"]] }));
    expect(error?.cause).toMatchObject({ kind: "rejected", status });
    expect(requests).toHaveLength(1);
  });
});

describe("the retry fields", () => {
  test("retryStatuses are exactly the statuses that are retried", async () => {
    const { error } = await sendTo(answering(502), { retryStatuses: [503] });
    expect(error?.decision).toEqual({ action: "give_up", reason: "final" });
    expect((await sendTo(answering(404, 200), { retryStatuses: [404] })).delivered?.attempts).toHaveLength(2);
  });

  test("pauseStatuses are the statuses that wait for a person, and go before retryStatuses", async () => {
    expect((await sendTo(answering(503), { pauseStatuses: [503] })).error?.decision).toEqual({
      action: "pause",
    });
  });

  test("retrySchedule gives one retry an entry", async () => {
    const { error, waits } = await sendTo(answering(503), { retrySchedule: [5, 50, 500_000, 7] });
    expect(error?.attempts).toHaveLength(5);
    expect(waits).toEqual([5, 50, 500_000, 7]);
  });
});

describe("409", () => {
  test("is a rejection where nothing can have arrived before", async () => {
    expect((await sendTo(answering(409))).error?.cause).toMatchObject({ kind: "rejected", status: 409 });
    expect((await sendTo(answering(503, 409))).error?.cause).toMatchObject({ kind: "rejected", status: 409 });
  });

  test("is delivered on a retry whose earlier attempt may have arrived", async () => {
    const { delivered } = await sendTo(answering(504, 409));
    expect(delivered?.receipt).toMatchObject({ status: 409, duplicate: true });
  });

  test("is what duplicateStatuses says it is", async () => {
    expect((await sendTo(answering(504, 409), { duplicateStatuses: [422] })).error).toBeDefined();
    expect((await sendTo(answering(504, 422), { duplicateStatuses: [422] })).delivered).toBeDefined();
  });
});
