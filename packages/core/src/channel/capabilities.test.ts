import { expect, test } from "vitest";
import { isDeliveryError } from "../failure/delivery-error.ts";
import { assertFits, type Capabilities, type MessageField, messageFields } from "./capabilities.ts";
import { createMessage, type MessageDraft } from "./message.ts";

const full: Required<Pick<MessageDraft, MessageField>> = {
  recipient: "room",
  threadId: "t1",
  subject: "hello",
  attachments: [{ name: "a.png", contentType: "image/png", url: "https://example.com/a.png" }],
  data: { level: 1 },
};
const nothing: Capabilities = { carries: [], members: [] };

function refusalOf(draft: MessageDraft, capabilities: Capabilities): unknown {
  try {
    assertFits(createMessage(draft, 0), capabilities, "pager.ops");
  } catch (error) {
    return error;
  }
  return undefined;
}

test.each([...messageFields])(
  "a message with %s is blocked where it is not carried, and the field is named",
  (field) => {
    const others = messageFields.filter((other) => other !== field);
    const refusal = refusalOf({ content: "hi", ...full }, { carries: others, members: [] });
    expect(isDeliveryError(refusal) && refusal).toMatchObject({
      kind: "blocked",
      ambiguous: false,
      message: expect.stringContaining(`pager.ops cannot carry "${field}"`),
    });
  },
);

test("a message with every field fits where every field is carried", () => {
  expect(refusalOf({ content: "hi", ...full }, { carries: messageFields, members: [] })).toBeUndefined();
});

test("content alone fits everywhere", () => {
  expect(refusalOf({ content: "" }, nothing)).toBeUndefined();
});

test("an empty list of attachments is no attachment", () => {
  expect(refusalOf({ content: "hi", attachments: [] }, nothing)).toBeUndefined();
});

test.each([
  ["null", null],
  ["an empty list", []],
  ["false", false],
  ["an empty string", ""],
])("data that is %s is data", (_, data) => {
  expect(isDeliveryError(refusalOf({ content: "hi", data }, nothing))).toBe(true);
});

test("an empty subject is a subject", () => {
  expect(isDeliveryError(refusalOf({ content: "hi", subject: "" }, nothing))).toBe(true);
});

test("content fits up to the limit, in UTF-16 code units", () => {
  const capabilities = { ...nothing, maxContentLength: 4 };
  expect(refusalOf({ content: "👍👍" }, capabilities)).toBeUndefined();
  expect(refusalOf({ content: "👍👍!" }, capabilities)).toMatchObject({
    kind: "blocked",
    message: "the content has 5 characters, pager.ops carries at most 4: shorten or split it",
  });
});
