import { expect, test } from "vitest";
import { delay, interim, redirect, retryAfter, status } from "./answers.ts";
import { converse, post } from "./raw-client.ts";
import { createReceiver } from "./receiver.ts";

function linesOf(text: string, name: string): string[] {
  return text.split("\r\n").filter((line) => line.toLowerCase().startsWith(`${name}:`));
}

test("status answers with the code, the body and its length in bytes", async () => {
  await using receiver = await createReceiver({ script: [status(418, { body: "téa" })] });
  const { text } = await converse(receiver.url);
  expect(text).toMatch(/^HTTP\/1\.1 418 /);
  expect(linesOf(text, "content-length")).toEqual(["content-length: 4"]);
  expect(Buffer.from(text.slice(text.indexOf("\r\n\r\n") + 4), "latin1").toString()).toBe("téa");
});

test("status sends several values of a header as several fields", async () => {
  await using receiver = await createReceiver({
    script: [status(200, { headers: { "X-Tag": ["a", "b"] } })],
  });
  const { text } = await converse(receiver.url);
  expect(linesOf(text, "x-tag")).toEqual(["X-Tag: a", "X-Tag: b"]);
});

test("status leaves a content-length of the caller alone", async () => {
  const lying = status(200, { headers: { "Content-Length": "1000" }, body: "short" });
  await using receiver = await createReceiver({ script: [lying] });
  const { text } = await converse(receiver.url);
  expect(linesOf(text, "content-length")).toEqual(["Content-Length: 1000"]);
});

test("status sends no content-length with 204", async () => {
  await using receiver = await createReceiver({ script: [status(204)] });
  const { text } = await converse(receiver.url);
  expect(linesOf(text, "content-length")).toEqual([]);
  expect(text.endsWith("\r\n\r\n")).toBe(true);
});

test("status refuses an interim code and names the function for it", () => {
  expect(() => status(103)).toThrow(
    new RangeError(
      "The code of status() is a whole number from 200 to 999, and this one is 103. For 1xx use interim().",
    ),
  );
});

test("retryAfter sends its value as it is given", async () => {
  const values = [2, "inf", "-1", "1e13", "soon", "", "1.5", "Wed, 21 Oct 2015 07:28:00 GMT"];
  await using receiver = await createReceiver({ script: values.map((value) => retryAfter(429, value)) });
  const sent: string[] = [];
  for (const _ of values) sent.push(...linesOf((await converse(receiver.url)).text, "retry-after"));
  expect(sent).toEqual(values.map((value) => `retry-after: ${value}`));
});

test("retryAfter sends several values as several fields", async () => {
  await using receiver = await createReceiver({ script: [retryAfter(503, [1, "3600"])] });
  const { text } = await converse(receiver.url);
  expect(text).toMatch(/^HTTP\/1\.1 503 /);
  expect(linesOf(text, "retry-after")).toEqual(["retry-after: 1", "retry-after: 3600"]);
});

test("redirect sends the location as it is given", async () => {
  await using receiver = await createReceiver({ script: [redirect(307, "//elsewhere.example/?a=1")] });
  const { text } = await converse(receiver.url);
  expect(text).toMatch(/^HTTP\/1\.1 307 /);
  expect(linesOf(text, "location")).toEqual(["location: //elsewhere.example/?a=1"]);
});

test("redirect refuses a code that is none", () => {
  expect(() => redirect(200, "/")).toThrow(RangeError);
});

test("interim sends its head before the answer", async () => {
  const hints = interim(103, status(200, { body: "done" }), { link: ["</a>", "</b>"] });
  await using receiver = await createReceiver({ script: [hints] });
  const { text } = await converse(receiver.url);
  expect(text).toMatch(/^HTTP\/1\.1 103 [^\r]*\r\nlink: <\/a>\r\nlink: <\/b>\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  expect(text.endsWith("\r\n\r\ndone")).toBe(true);
});

test("interim responses can follow each other", async () => {
  await using receiver = await createReceiver({ script: [interim(102, interim(103, status(204)))] });
  const { text } = await converse(receiver.url);
  expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 102", "HTTP/1.1 103", "HTTP/1.1 204"]);
});

test("delay answers only when its wait is over", async () => {
  const wait = Promise.withResolvers<void>();
  const waits: number[] = [];
  const sleep = (ms: number) => {
    waits.push(ms);
    return wait.promise;
  };
  let answered = false;
  const behaviour = delay(250, ({ response }) => {
    answered = true;
    response.end();
  });
  await using receiver = await createReceiver({ script: [behaviour], sleep });
  const conversation = converse(receiver.url, post(""));
  await receiver.nextRequest();
  expect(waits).toEqual([250]);
  expect(answered).toBe(false);
  wait.resolve();
  expect((await conversation).text).toMatch(/^HTTP\/1\.1 200 /);
});
