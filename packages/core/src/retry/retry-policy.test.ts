import { expect, test } from "vitest";
import * as z from "zod";
import { createRetryPolicy, retryFields } from "./retry-policy.ts";

test("every default is what the reference says", () => {
  expect(createRetryPolicy()).toEqual({
    maxRetries: 3,
    retryBaseDelayMs: 500,
    retryMaxDelayMs: 30_000,
    retryJitter: 0.25,
    retryStatuses: [408, 425, 429, "5xx"],
    pauseStatuses: [401, 402, 403],
    retryKinds: ["rate_limited", "server_error", "timeout", "network", "unknown"],
  });
});

test("what is given stays, and the rest is at its default", () => {
  const policy = createRetryPolicy({ maxRetries: 0, retryJitter: 1, retrySchedule: [1, 2 ** 31 - 1] });
  expect(policy).toMatchObject({ maxRetries: 0, retryJitter: 1, retrySchedule: [1, 2 ** 31 - 1] });
  expect(policy.retryBaseDelayMs).toBe(500);
});

test("a parsed policy parses to itself", () => {
  const policy = createRetryPolicy({ retryAfterMaxMs: 60_000, retrySchedule: [5] });
  expect(createRetryPolicy(policy)).toEqual(policy);
});

test("the whole configuration of a channel gives its policy and nothing more", () => {
  const config = { maxRetries: 1, token: "t0ken" };
  expect(createRetryPolicy(config)).toEqual(createRetryPolicy({ maxRetries: 1 }));
});

test("every field says what it is for", () => {
  const { properties = {} } = z.toJSONSchema(z.object(retryFields), { io: "input" });
  const silent = Object.entries(properties).filter(
    ([, field]) => typeof field === "boolean" || !field.description,
  );
  expect(silent).toEqual([]);
  expect(Object.keys(properties)).toHaveLength(9);
});

test.each<[keyof typeof retryFields, unknown]>([
  ["maxRetries", -1],
  ["maxRetries", 1.5],
  ["maxRetries", 1_000_001],
  ["maxRetries", "3"],
  ["maxRetries", Number.NaN],
  ["retryBaseDelayMs", 0],
  ["retryBaseDelayMs", -1],
  ["retryBaseDelayMs", 0.5],
  ["retryBaseDelayMs", 2 ** 31],
  ["retryBaseDelayMs", Number.POSITIVE_INFINITY],
  ["retryMaxDelayMs", 0],
  ["retryMaxDelayMs", 2 ** 31],
  ["retryMaxDelayMs", Number.NaN],
  ["retryJitter", -0.01],
  ["retryJitter", 1.01],
  ["retryJitter", Number.NaN],
  ["retryAfterMaxMs", 0],
  ["retryAfterMaxMs", 2 ** 31],
  ["retrySchedule", []],
  ["retrySchedule", [0]],
  ["retrySchedule", [1.5]],
  ["retrySchedule", Array(1_001).fill(1)],
  ["retryStatuses", [200]],
  ["retryStatuses", [299]],
  ["retryStatuses", [600]],
  ["retryStatuses", ["2xx"]],
  ["retryStatuses", ["429"]],
  ["retryStatuses", 429],
  ["pauseStatuses", ["2xx"]],
  ["pauseStatuses", [100]],
  ["retryKinds", ["blocked"]],
  ["retryKinds", ["rejected"]],
  ["retryKinds", ["auth_required"]],
  ["retryKinds", ["Timeout"]],
])("%s = %j is refused, by its name", (field, value) => {
  const result = z.safeParse(z.object(retryFields), { [field]: value });
  expect(result.error?.issues.map((issue) => issue.path[0])).toEqual([field]);
});
