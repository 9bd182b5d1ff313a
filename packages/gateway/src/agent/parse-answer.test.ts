import { expect, test } from "vitest";
import { parseAnswer } from "./parse-answer.ts";

test.each([
  ["text", "hello"],
  ["a message", { content: "x", channel: "box.two", threadId: "t", data: { a: [1, null] } }],
  ["several of either", ["a", { content: "b" }]],
  ["null", null],
  ["an empty list", []],
])("an answer may be %s", (_name, answer) => {
  expect(parseAnswer(answer)).toEqual(answer);
});

test("no answer at all is nothing", () => {
  expect(parseAnswer(undefined)).toBeNull();
});

test.each([
  [42, "a number"],
  [true, "a boolean"],
  [{ text: "x" }, "an object"],
  [{ content: "x", threadId: 1 }, "an object"],
  [["a", 1], "a list"],
  [[["a"]], "a list"],
])("an answer of %j is refused in words", (answer, name) => {
  expect(() => parseAnswer(answer)).toThrow(
    expect.objectContaining({
      code: "AGENT_ANSWER_INVALID",
      message: `the agent answered with ${name} that is no answer: it may answer with text, {"content": "..."}, a list of these, or null`,
    }),
  );
});

test("which message an answer replaces is not for the agent to say", () => {
  expect(parseAnswer({ content: "x", replaces: "y" })).toEqual({ content: "x" });
});
