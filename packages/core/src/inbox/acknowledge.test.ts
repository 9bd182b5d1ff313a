import { expect, test } from "vitest";
import { acknowledge } from "./acknowledge.ts";
import type { Received } from "./inbox.ts";

const cases: readonly [Received, number, object][] = [
  [{ outcome: "accepted", id: "inb_1", state: "waiting" }, 202, { id: "inb_1" }],
  [{ outcome: "accepted", id: "inb_1", state: "dropped" }, 202, { id: "inb_1", dropped: true }],
  [{ outcome: "accepted", id: "inb_1", state: "refused" }, 403, { error: "this sender may not speak here" }],
  [{ outcome: "duplicate", id: "inb_1", state: "handled" }, 202, { id: "inb_1", duplicate: true }],
  [{ outcome: "duplicate", id: "inb_1", state: "refused" }, 403, { error: "this sender may not speak here" }],
  [{ outcome: "own" }, 202, { ignored: true }],
  [{ outcome: "conflict", id: "inb_1" }, 409, { error: "this id stands for another message already" }],
  [{ outcome: "unstorable", problem: "too big" }, 422, { error: "this message cannot be kept" }],
];

test.each(cases)("%j is answered with %i", async (received, status, body) => {
  const response = acknowledge(received);
  expect(response.status).toBe(status);
  expect(await response.json()).toEqual(body);
});

test.each([
  [1, "1"],
  [1000, "1"],
  [1001, "2"],
  [0, "1"],
])("a thread that is too fast by %i ms is told to wait %s s", (retryAfterMs, seconds) => {
  const response = acknowledge({ outcome: "rate_limited", retryAfterMs });
  expect(response.status).toBe(429);
  expect(response.headers.get("retry-after")).toBe(seconds);
});
