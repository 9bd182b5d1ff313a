import { messageFields } from "@jackfield/core";
import { expect, test } from "vitest";
import { hasArrived, sampleFields } from "./sample-fields.ts";

test("every field of a message has a sample", () => {
  expect(Object.keys(sampleFields(messageFields))).toEqual([...messageFields]);
});

test("there are no samples but those that are asked for", () => {
  expect(Object.keys(sampleFields(["subject"]))).toEqual(["subject"]);
});

test.each([
  ["as it is", 'say "hé" & go'],
  ["as JSON", JSON.stringify({ text: 'say "hé" & go' })],
  ["in a URL", `/?text=${encodeURIComponent('say "hé" & go')}`],
])("content is found %s", (_, arrived) => {
  expect(hasArrived(arrived, { content: 'say "hé" & go' }, "content")).toBe(true);
});

test("content that is cut is not found", () => {
  expect(hasArrived("hell", { content: "hello" }, "content")).toBe(false);
});

test("structured content has arrived when every value in it has", () => {
  const draft = { content: "", data: { a: ["one", { b: "two" }], c: 3 } };
  expect(hasArrived("one two 3", draft, "data")).toBe(true);
  expect(hasArrived("one two", draft, "data")).toBe(false);
});

test("an attachment has arrived when its address or its bytes have, and its name alone is not enough", () => {
  const attachments = [{ name: "a.txt", contentType: "text/plain", url: "https://a", data: "QQ==" }];
  const found = ["https://a", "QQ==", "a.txt"].map((arrived) =>
    hasArrived(arrived, { content: "", attachments }, "attachments"),
  );
  expect(found).toEqual([true, true, false]);
});

test("two attachments have arrived when both have", () => {
  const attachments = ["https://a", "https://b"].map((url) => ({
    name: "n",
    contentType: "text/plain",
    url,
  }));
  expect(hasArrived("https://a", { content: "", attachments }, "attachments")).toBe(false);
});
