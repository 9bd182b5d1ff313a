import { expect, test } from "vitest";
import { parseThreadKey, threadKey, threadNameOf } from "./thread-key.ts";

test("a thread's id is its channel and its name", () => {
  expect(threadKey("webhook.ops", "incident-7")).toBe("webhook.ops/incident-7");
});

test("a name may have slashes", () => {
  expect(parseThreadKey("webhook.ops/a/b/c")).toEqual({ channel: "webhook.ops", name: "a/b/c" });
});

test("a text without a channel is no thread's id", () => {
  expect([parseThreadKey("incident"), parseThreadKey("/incident")]).toEqual([undefined, undefined]);
});

test("what is outside of any thread is the sender's own", () => {
  expect([threadNameOf("t", "alice"), threadNameOf(undefined, "alice")]).toEqual(["t", "@alice"]);
});
