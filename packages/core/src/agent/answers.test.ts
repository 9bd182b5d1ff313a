import { expect, test } from "vitest";
import type { InboundMessage } from "../inbox/inbound-message.ts";
import { messagesOf } from "./answers.ts";
import { mergedMessage } from "./turn-view.ts";

const inbound = (id: string, more: Partial<InboundMessage> = {}): InboundMessage => ({
  id,
  channel: "box.one",
  sender: "alice",
  content: id,
  receivedAt: 0,
  ...more,
});

test.each([
  ["text", ["text"], [{ content: "text" }]],
  ["a message", { content: "x", threadId: "t" }, [{ content: "x", threadId: "t" }]],
  ["several of either", ["a", { content: "b" }], [{ content: "a" }, { content: "b" }]],
  ["nothing", undefined, []],
  ["null", null, []],
  ["an empty list", [], []],
])("an answer may be %s", (_name, answer, messages) => {
  expect(messagesOf(answer)).toEqual(messages);
});

test.each([
  [42, "a number"],
  [{ text: "x" }, "an object without content"],
  [{ content: 1 }, "an object without content"],
  [[["x"]], "a list in a list"],
  [true, "a boolean"],
])("an answer of %j is named in the error", (answer, name) => {
  expect(() => messagesOf(answer as unknown as string)).toThrow(
    expect.objectContaining({
      code: "AGENT_ANSWER_INVALID",
      message: expect.stringContaining(`answered with ${name}:`),
    }),
  );
});

test("a message that nothing was merged into is itself", () => {
  const message = inbound("a");
  expect(mergedMessage({ message, merged: [] })).toBe(message);
});

test("merged messages keep every text and every attachment, under the newest id", () => {
  const file = (name: string) => ({ name, contentType: "text/plain", data: "" });
  expect(
    mergedMessage({
      message: inbound("a", { attachments: [file("1")] }),
      merged: [inbound("b"), inbound("c", { attachments: [file("2"), file("3")], sender: "bob" })],
    }),
  ).toEqual(
    inbound("c", { content: "a\nb\nc", sender: "bob", attachments: [file("1"), file("2"), file("3")] }),
  );
});
