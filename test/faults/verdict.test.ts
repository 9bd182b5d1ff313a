import type { Delivery, StoredAttempt } from "@jackfield/core";
import { expect, test } from "vitest";
import type { Answer, Arrival } from "./unreliable-receiver.ts";
import { type Evidence, judge } from "./verdict.ts";

const arrival = (content: string, life: number, answer: Answer): Arrival => ({
  id: `id-${content}`,
  content,
  body: content,
  life,
  at: 0,
  answer,
});
const attempts = (count: number): StoredAttempt[] =>
  Array.from({ length: count }, (_, index) => ({ number: index + 1, at: 0, durationMs: 1 }));
const delivery = (content: string, state: Delivery["state"], made: number): [string, Delivery] => [
  `id-${content}`,
  {
    id: `id-${content}`,
    channel: "webhook.ops",
    state,
    message: { id: `id-${content}`, content, idempotencyKey: `id-${content}`, createdAt: 0 },
    updatedAt: 0,
    attempts: attempts(made),
  } as Delivery,
];

/** One message, taken at its first attempt; each test spoils one thing. */
function evidence(changes: Partial<Evidence> = {}): Evidence {
  return {
    accepted: [{ id: "id-#1", content: "#1" }],
    arrivals: [arrival("#1", 1, "accepted")],
    inFlight: new Map(),
    deliveries: new Map([delivery("#1", "delivered", 1)]),
    budget: 2,
    ...changes,
  };
}

test("a message that was taken once is as it should be", () => {
  expect(judge(evidence())).toMatchObject({ delivered: 1, unreported: 0, lost: [], problems: [] });
});

test("a message that the store has forgotten is lost", () => {
  const { lost } = judge(evidence({ arrivals: [], deliveries: new Map() }));
  expect(lost).toEqual(["id-#1 was accepted, and the store does not know it"]);
});

test("a message that is delivered by the store's word alone is lost", () => {
  const { lost } = judge(evidence({ arrivals: [arrival("#1", 1, "refused")] }));
  expect(lost).toEqual(["id-#1 is delivered by the store's word, and the receiver never took it"]);
});

test("a message that still waits at the end is lost", () => {
  const { lost } = judge(evidence({ deliveries: new Map([delivery("#1", "queued", 0)]) }));
  expect(lost).toEqual(["id-#1 was accepted, and at the end it is queued"]);
});

test("a dead letter that did not use its budget is lost", () => {
  const { lost } = judge(evidence({ deliveries: new Map([delivery("#1", "dead", 1)]) }));
  expect(lost).toEqual(["id-#1 was given up after 1 of 2"]);
});

test("a repetition of what was in flight at a kill is a duplicate, by what the receiver had made of the first", () => {
  const { duplicates, problems } = judge(
    evidence({
      arrivals: [arrival("#1", 1, "accepted"), arrival("#1", 2, "accepted")],
      inFlight: new Map([[1, new Set(["id-#1"])]]),
    }),
  );
  expect(duplicates).toEqual({ accepted: 1, refused: 0, reset: 0, unanswered: 0 });
  expect(problems).toEqual([]);
});

test("a repetition of what was taken and not in flight at the kill is a problem", () => {
  const { problems } = judge(
    evidence({
      arrivals: [arrival("#1", 1, "accepted"), arrival("#1", 2, "accepted")],
      inFlight: new Map([[1, new Set(["another"])]]),
      deliveries: new Map([delivery("#1", "delivered", 2)]),
    }),
  );
  expect(problems).toEqual(["id-#1 came again after it was taken, with no kill between"]);
});

test("a request that no attempt and no kill accounts for is a problem", () => {
  const { problems } = judge(
    evidence({ arrivals: [arrival("#1", 1, "refused"), arrival("#1", 1, "accepted")] }),
  );
  expect(problems).toEqual(["id-#1 came 2 times, with 1 attempts on record and 0 interrupted"]);
});

test("more attempts than the budget are a problem", () => {
  const { problems } = judge(evidence({ deliveries: new Map([delivery("#1", "delivered", 3)]) }));
  expect(problems).toEqual(["id-#1 has 3 attempts, and its budget is 2"]);
});

test("a duplicate under another id is a problem", () => {
  const other = { ...arrival("#1", 2, "accepted"), id: "id-#2" };
  const { problems } = judge(
    evidence({
      arrivals: [arrival("#1", 1, "accepted"), other],
      deliveries: new Map([delivery("#1", "delivered", 1), delivery("#2", "delivered", 1)]),
    }),
  );
  expect(problems).toEqual(['"#1" came under 2 ids: id-#1, id-#2']);
});

test("a duplicate with another body is a problem", () => {
  const { problems } = judge(
    evidence({
      arrivals: [arrival("#1", 1, "accepted"), { ...arrival("#1", 2, "accepted"), body: "changed" }],
      inFlight: new Map([[1, new Set(["id-#1"])]]),
    }),
  );
  expect(problems).toEqual(["id-#1 came with another body than at first"]);
});

test("a message that comes after its successor in the thread is a problem", () => {
  const { problems } = judge(
    evidence({
      accepted: [],
      arrivals: [arrival("t1#2", 1, "accepted"), arrival("t1#1", 1, "accepted")],
      deliveries: new Map([delivery("t1#1", "delivered", 1), delivery("t1#2", "delivered", 1)]),
    }),
  );
  expect(problems).toEqual(["in thread t1 number 1 came after number 2"]);
});
