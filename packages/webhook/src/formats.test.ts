import { assertFits, messageFields, type OutboundMessage } from "@jackfield/core";
import { describe, expect, test } from "vitest";
import { type Format, type FormatName, formatNames, formats } from "./formats.ts";
import { webhookCapabilities } from "./webhook.ts";

const bare: OutboundMessage = {
  content: 'He said "gr\u00fc\u00df dich" \u{1f44b}',
  id: "msg_1",
  idempotencyKey: "msg_1",
  createdAt: Date.UTC(2026, 0, 1),
};

/** Its fields stand in another order than on the wire. */
const full: OutboundMessage = {
  data: { z: 1, a: [null, true] },
  attachments: [{ name: "a.png", contentType: "image/png", url: "https://files.example/a.png" }],
  subject: "Build",
  threadId: "1712.42",
  recipient: "#ops",
  ...bare,
};

const text = '"He said \\"gr\u00fc\u00df dich\\" \u{1f44b}"';

const wire: Record<FormatName, { contentType: string; bare: string; full: string }> = {
  jackfield: {
    contentType: "application/json",
    bare: `{"content":${text}}`,
    full: `{"content":${text},"recipient":"#ops","threadId":"1712.42","subject":"Build","attachments":[{"name":"a.png","contentType":"image/png","url":"https://files.example/a.png"}],"data":{"z":1,"a":[null,true]}}`,
  },
  standard: {
    contentType: "application/json",
    bare: `{"type":"message.created","timestamp":"2026-01-01T00:00:00.000Z","data":{"content":${text}}}`,
    full: `{"type":"message.created","timestamp":"2026-01-01T00:00:00.000Z","data":{"content":${text},"recipient":"#ops","threadId":"1712.42","subject":"Build","attachments":[{"name":"a.png","contentType":"image/png","url":"https://files.example/a.png"}],"data":{"z":1,"a":[null,true]}}}`,
  },
  zeroclaw: {
    contentType: "application/json",
    bare: `{"content":${text}}`,
    full: `{"content":${text},"thread_id":"1712.42","recipient":"#ops"}`,
  },
  slack: {
    contentType: "application/json",
    bare: `{"text":${text}}`,
    full: `{"text":${text},"thread_ts":"1712.42"}`,
  },
  discord: {
    contentType: "application/json",
    bare: `{"content":${text}}`,
    full: `{"content":${text}}`,
  },
  teams: {
    contentType: "application/json",
    bare: `{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.4","body":[{"type":"TextBlock","text":${text},"wrap":true}]}}]}`,
    full: `{"type":"message","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":{"$schema":"http://adaptivecards.io/schemas/adaptive-card.json","type":"AdaptiveCard","version":"1.4","body":[{"type":"TextBlock","text":"Build","weight":"bolder","wrap":true},{"type":"TextBlock","text":${text},"wrap":true}]}}]}`,
  },
  text: { contentType: "text/plain; charset=utf-8", bare: bare.content, full: bare.content },
};

describe.each(formatNames)("the format %s", (name) => {
  const format: Format = formats[name];

  test("has these bytes for a message of nothing but content", () => {
    expect(format.encode(bare)).toBe(wire[name].bare);
    expect(format.contentType).toBe(wire[name].contentType);
  });

  test("has these bytes for a message with every field, in this order", () => {
    expect(format.encode(full)).toBe(wire[name].full);
  });

  test.each(messageFields)("either has a place for %s or refuses it", (field) => {
    const message: OutboundMessage = { ...bare, [field]: full[field] };
    const isCarried = format.encode(message) !== format.encode(bare);
    expect(isCarried).toBe(format.carries.includes(field));
    const fit = () =>
      assertFits(message, { ...webhookCapabilities, carries: format.carries }, "webhook.test");
    if (isCarried) expect(fit).not.toThrow();
    else expect(fit).toThrow(`cannot carry "${field}"`);
  });

  test("carries no more than the channel type declares", () => {
    expect(format.carries.filter((field) => !webhookCapabilities.carries.includes(field))).toEqual([]);
  });
});
