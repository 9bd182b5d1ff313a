import { expect, test } from "vitest";
import { createMessage } from "./message.ts";

test("a string is a message with nothing but content", () => {
  const message = createMessage("hello", 42);
  expect(message).toEqual({
    content: "hello",
    id: expect.stringMatching(/^msg_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    createdAt: 42,
    idempotencyKey: message.id,
  });
});

test("a draft keeps its fields and its idempotency key", () => {
  const draft = { content: "hello", recipient: "room", data: [1], idempotencyKey: "order-1" };
  expect(createMessage(draft, 42)).toMatchObject({ ...draft, createdAt: 42 });
});

test("two messages of one draft are two messages", () => {
  const draft = { content: "hello" };
  const [first, second] = [createMessage(draft, 1), createMessage(draft, 1)];
  expect(first.id).not.toBe(second.id);
  expect(first.idempotencyKey).not.toBe(second.idempotencyKey);
});

test("a message that is sent on as a draft becomes a new one, with the key of the old", () => {
  const first = createMessage("hello", 1);
  const second = createMessage(first, 2);
  expect(second.id).not.toBe(first.id);
  expect(second).toMatchObject({ createdAt: 2, idempotencyKey: first.id });
});
