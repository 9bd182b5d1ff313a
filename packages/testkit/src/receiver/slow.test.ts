import { once } from "node:events";
import { expect, test } from "vitest";
import { connectRaw, converse, post } from "./raw-client.ts";
import { createReceiver } from "./receiver.ts";
import { drip, silence, slowHeaders } from "./slow.ts";

/** Never waits, and remembers how long it was asked to. */
function recordingSleep() {
  const waits: number[] = [];
  return { waits, sleep: async (ms: number) => void waits.push(ms) };
}

test("silence sends nothing and keeps the connection open", async () => {
  await using receiver = await createReceiver({ script: [silence()] });
  using client = connectRaw(receiver.url, post("hi"));
  await receiver.nextRequest();
  using second = connectRaw(receiver.url, post("hi"));
  await second.ending;
  expect(second.received()).toMatch(/^HTTP\/1\.1 200 /);
  expect(client.received()).toBe("");
  expect(client.socket.readableEnded).toBe(false);
});

test("a silent connection is no longer open once the client has left", async () => {
  await using receiver = await createReceiver({ script: [silence()] });
  {
    using _client = connectRaw(receiver.url, post("hi"));
    await receiver.nextRequest();
    expect(receiver.openSockets).toBe(1);
  }
  await expect.poll(() => receiver.openSockets, { interval: 1 }).toBe(0);
});

test("drip sends a chunk for each byte and waits before each", async () => {
  const { waits, sleep } = recordingSleep();
  await using receiver = await createReceiver({ script: [drip({ bytes: 3, intervalMs: 40 })], sleep });
  const { text, ending } = await converse(receiver.url);
  expect(text).toMatch(/transfer-encoding: chunked\r\n/i);
  expect(text.endsWith("\r\n\r\n1\r\n.\r\n1\r\n.\r\n1\r\n.\r\n0\r\n\r\n")).toBe(true);
  expect(ending).toBe("closed");
  expect(waits).toEqual([40, 40, 40]);
});

test("drip sends its head before its first byte is due", async () => {
  const sleep = (_ms: number, signal: AbortSignal) => once(signal, "abort");
  await using receiver = await createReceiver({
    script: [drip({ bytes: 1, intervalMs: 40, status: 500 })],
    sleep,
  });
  using client = connectRaw(receiver.url, post("hi"));
  await client.until("\r\n\r\n");
  expect(client.received()).toMatch(/^HTTP\/1\.1 500 /);
  expect(client.received().endsWith("\r\n\r\n")).toBe(true);
});

test("drip completes a content-length of as many bytes", async () => {
  const { sleep } = recordingSleep();
  const script = [drip({ bytes: 3, intervalMs: 40, contentLength: 3 })];
  await using receiver = await createReceiver({ script, sleep });
  const { text, ending } = await converse(receiver.url);
  expect(text).toMatch(/content-length: 3\r\n/);
  expect(text.endsWith("\r\n\r\n...")).toBe(true);
  expect(ending).toBe("closed");
});

test("drip falls silent when the content-length promises more", async () => {
  const { sleep } = recordingSleep();
  const script = [drip({ bytes: 3, intervalMs: 40, contentLength: 4 })];
  await using receiver = await createReceiver({ script, sleep });
  using client = connectRaw(receiver.url, post("hi"));
  await client.until("\r\n\r\n...");
  await converse(receiver.url);
  expect(client.received().endsWith("\r\n\r\n...")).toBe(true);
  expect(client.socket.readableEnded).toBe(false);
});

test("drip refuses a content-length that is too short for it", () => {
  expect(() => drip({ bytes: Infinity, intervalMs: 1, contentLength: 10 })).toThrow(
    "A drip of Infinity bytes does not fit a contentLength of 10: raise it, or leave it out for a chunked body.",
  );
});

test("an endless drip ends in real time when the client leaves", async () => {
  await using receiver = await createReceiver({ script: [drip({ bytes: Infinity, intervalMs: 2 })] });
  {
    using client = connectRaw(receiver.url, post("hi"));
    await client.until("1\r\n.\r\n1\r\n.\r\n");
  }
  await expect.poll(() => receiver.openSockets, { interval: 1 }).toBe(0);
  await expect(receiver.close()).resolves.toBeUndefined();
});

test("slowHeaders sends the status line at once and then never ends the head", async () => {
  await using receiver = await createReceiver({ script: [slowHeaders({ intervalMs: 1, status: 202 })] });
  using client = connectRaw(receiver.url, post("hi"));
  await client.until("x-drip: ...");
  expect(client.received()).toMatch(/^HTTP\/1\.1 202 /);
  expect(client.received()).not.toContain("\r\n\r\n");
});

test("slowHeaders ends its head after as many bytes as it is told", async () => {
  const { waits, sleep } = recordingSleep();
  await using receiver = await createReceiver({ script: [slowHeaders({ bytes: 2, intervalMs: 70 })], sleep });
  using client = connectRaw(receiver.url, post("hi"));
  await once(client.socket, "end");
  expect(client.received().endsWith("x-drip: ..\r\n\r\n")).toBe(true);
  expect(waits).toEqual([70, 70]);
});
