import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  type Behaviour,
  closeInBody,
  createReceiver,
  delay,
  drip,
  endlessBody,
  garbage,
  gzipBomb,
  hugeHeaders,
  interim,
  rawBytes,
  resetBeforeHeaders,
  resetInBody,
  retryAfter,
  silence,
  slowHeaders,
  status,
  tarpit,
} from "@jackfield/testkit";
import { describe, expect, test, vi } from "vitest";
import { type ConfigInput, deliver, failed, failureOf, openTestChannel, sendTo } from "./test-support.ts";

// One request and its answer over real sockets: how long it takes, how much it is, and how it breaks.

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

const MiB = 1024 * 1024;
const endlessDrip = (code: number) => drip({ bytes: Infinity, intervalMs: 5, status: code });

/** One attempt against a receiver that behaves like this. */
async function failureAgainst(behaviour: Behaviour, config: ConfigInput = {}) {
  await using receiver = await createReceiver({ script: [behaviour] });
  return await failureOf(receiver.url, config);
}

describe("the deadline of an attempt", () => {
  test("covers the connection, and what did not connect cannot have arrived", async () => {
    await using hole = await tarpit();
    const failure = await failureOf(hole.tlsUrl, { timeoutMs: 60 });
    expect(failure).toMatchObject({ kind: "timeout", ambiguous: false });
    expect(failure.message).toBe(
      `POST ${new URL(hole.tlsUrl).origin} timed out: a connection did not come within timeoutMs = 60`,
    );
  });

  test.each([
    ["an answer that never begins", silence(), "an answer did not come"],
    ["headers byte by byte", slowHeaders({ intervalMs: 5 }), "an answer did not come"],
    ["a body byte by byte", endlessDrip(200), "the end of the answer did not come"],
    ["a body that stops", drip({ bytes: 3, intervalMs: 1, contentLength: 9 }), "the end of the answer"],
  ])("covers %s, and the message may have arrived", async (_, behaviour, missing) => {
    const failure = await failureAgainst(behaviour, { timeoutMs: 80 });
    expect(failure).toMatchObject({ kind: "timeout", ambiguous: true });
    expect(failure.message).toContain(missing);
  });

  test("is one for all of it: headers do not begin it anew", async () => {
    await using receiver = await createReceiver({ script: [delay(250, endlessDrip(200))] });
    const started = performance.now();
    const failure = await failureOf(receiver.url, { timeoutMs: 300 });
    expect(failure.kind).toBe("timeout");
    expect(performance.now() - started).toBeLessThan(550);
  });

  test.each([
    [500, { kind: "server_error", ambiguous: true }],
    [503, { kind: "server_error", ambiguous: false }],
    [401, { kind: "auth_required", ambiguous: false }],
    [404, { kind: "rejected", ambiguous: false }],
    [302, { kind: "rejected", ambiguous: false }],
  ])("leaves a %i whose body never ends the failure that its status says", async (code, failure) => {
    expect(await failureAgainst(endlessDrip(code), { timeoutMs: 80 })).toMatchObject({
      ...failure,
      status: code,
    });
  });

  test("keeps the Retry-After of a 429 whose body never ends", async () => {
    const head = "HTTP/1.1 429 Slow down\r\nretry-after: 7\r\ncontent-length: 100\r\n\r\nsoon";
    const failure = await failureAgainst(({ writeRaw }) => writeRaw(head), { timeoutMs: 80 });
    expect(failure).toMatchObject({ kind: "rate_limited", status: 429, retryAfterMs: 7000 });
    expect(failure.message).toMatch(/answered 429: soon$/);
  });

  test("is not met by an interim answer, whose headers say nothing", async () => {
    const hint = interim(103, silence(), { "retry-after": "7" });
    const failure = await failureAgainst(hint, { timeoutMs: 60 });
    expect(failure).toMatchObject({ kind: "timeout", ambiguous: true });
    expect(failure.message).toContain("an answer did not come");
  });

  test("gives the connection up", async () => {
    await using receiver = await createReceiver({ script: [silence()] });
    await using open = await openTestChannel(receiver.url, { timeoutMs: 60 });
    await failed(deliver(open.channel));
    await vi.waitUntil(() => receiver.openSockets === 0, { interval: 2 });
    expect(receiver.connections).toBe(1);
  });
});

describe("an answer that is too long", () => {
  test.each([200, 404])(
    "with status %i is cut at maxResponseBytes, long before the deadline",
    async (code) => {
      let sentBytes = 0;
      const counted: Behaviour = async (exchange) => {
        const { socket } = exchange;
        socket.once("close", () => {
          sentBytes = socket.bytesWritten;
        });
        await endlessBody({ status: code })(exchange);
      };
      const receiver = await createReceiver({ script: [counted] });
      const { delivered, error } = await sendTo(receiver.url, { maxResponseBytes: 1000 });
      await receiver.close();
      expect(delivered?.receipt.status ?? error?.cause.status).toBe(code);
      // What the system's buffers between the two take, and not a byte for each microsecond.
      expect(sentBytes).toBeLessThan(16 * MiB);
    },
  );

  test("is read to maxResponseBytes and not a byte less: the connection serves again", async () => {
    await using receiver = await createReceiver({ afterScript: status(200, { body: "x".repeat(1000) }) });
    await using open = await openTestChannel(receiver.url, { maxResponseBytes: 1000, maxConcurrency: 1 });
    await deliver(open.channel);
    await deliver(open.channel);
    expect(receiver.connections).toBe(1);
  });

  test("by one byte costs its connection, and the message is delivered", async () => {
    await using receiver = await createReceiver({ afterScript: status(200, { body: "x".repeat(1001) }) });
    await using open = await openTestChannel(receiver.url, { maxResponseBytes: 1000, maxConcurrency: 1 });
    expect(await deliver(open.channel)).toMatchObject({ status: 200 });
    expect(await deliver(open.channel)).toMatchObject({ status: 200 });
    expect(receiver.connections).toBe(2);
  });

  test.each([
    ["a body of 32 MiB", `8000\r\n${"x".repeat(32 * 1024)}\r\n`, 1024],
    ["30 MiB between the bytes of a body", `1;${"x".repeat(60 * 1024)}\r\n.\r\n`, 512],
  ])("leaves memory flat: %s is dropped as it comes", async (_, chunk, count) => {
    const sent = Promise.withResolvers<void>();
    await using receiver = await createReceiver({
      script: [
        async ({ writeRaw }) => {
          const bytes = Buffer.from(chunk);
          await writeRaw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
          for (let i = 0; i < count; i += 1) await writeRaw(bytes);
          sent.resolve();
        },
      ],
    });
    await using open = await openTestChannel(receiver.url, { maxResponseBytes: 2 ** 30 });
    const before = bytesInUse();
    const ended = new AbortController();
    const attempt = deliver(open.channel, "hello", { signal: ended.signal });
    await sent.promise;
    // What is still on its way comes and goes; what is kept would stay as long as the attempt does.
    await vi.waitUntil(() => bytesInUse() - before < 8 * MiB, { interval: 5, timeout: 5000 });
    ended.abort(new Error("enough"));
    await expect(attempt).rejects.toThrow("enough");
  });

  test.each([8, 200])("once it is unpacked (%i MiB) is never unpacked", async (megabytes) => {
    await using receiver = await createReceiver({ script: [gzipBomb({ megabytes })] });
    const before = bytesInUse();
    const { delivered } = await sendTo(receiver.url);
    expect(delivered?.receipt).toEqual({ status: 200 });
    expect(bytesInUse() - before).toBeLessThan(24 * MiB);
  });

  test("once it is unpacked leaves no trace in the message of a failure", async () => {
    const failure = await failureAgainst(gzipBomb({ megabytes: 8, status: 404 }));
    expect(failure.message).toMatch(/answered 404$/);
  });

  test("before its body, by a megabyte of headers, fails, and the message may have arrived", async () => {
    const failure = await failureAgainst(hugeHeaders());
    expect(failure).toMatchObject({ kind: "unknown", ambiguous: true });
    expect(failure.message).toMatch(/failed: the answer's headers are too large .*UND_ERR_HEADERS_OVERFLOW/);
  });
});

describe("an answer that breaks off", () => {
  const head = (fields: string) => `HTTP/1.1 200 OK\r\n${fields}\r\n\r\n`;

  test.each<[string, Behaviour]>([
    ["by a reset before its headers", resetBeforeHeaders()],
    ["by a reset inside a chunked body", resetInBody()],
    ["by a reset inside a body of known length", resetInBody({ contentLength: 100 })],
    ["by an end before its headers", rawBytes("")],
    ["by an end inside its status line", rawBytes("HTTP/1.1 20")],
    ["by an end inside a chunked body", closeInBody()],
    ["by an end inside a body of known length", closeInBody({ contentLength: 100 })],
    [
      "by an announced end inside a chunked body",
      rawBytes(`${head("connection: close\r\ntransfer-encoding: chunked")}5\r\nab`),
    ],
    [
      "by an announced end inside a body of known length",
      rawBytes(`${head("connection: close\r\ncontent-length: 9")}ab`),
    ],
  ])("%s is a failure of the network, and the message may have arrived", async (_, behaviour) => {
    expect(await failureAgainst(behaviour)).toMatchObject({ kind: "network", ambiguous: true });
  });

  test.each([
    ["by a reset", resetInBody({ status: 422 })],
    ["by an end", closeInBody({ status: 422 })],
  ])("%s after an error's status has said what happened", async (_, behaviour) => {
    expect(await failureAgainst(behaviour)).toMatchObject({
      kind: "rejected",
      status: 422,
      ambiguous: false,
    });
  });

  test("by an end that is its only frame is whole", async () => {
    await using receiver = await createReceiver({ script: [rawBytes("HTTP/1.1 200 OK\r\n\r\nfine")] });
    expect((await sendTo(receiver.url)).delivered?.receipt).toEqual({ status: 200, response: "fine" });
  });
});

describe("an answer that is no HTTP", () => {
  test.each([
    ["another protocol", garbage()],
    ["HTTP/2", rawBytes("HTTP/2 200 OK\r\n\r\n")],
    ["two lengths", rawBytes("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc")],
  ])("(%s) fails, is retried, and the message may have arrived", async (_, behaviour) => {
    await using receiver = await createReceiver({ script: [behaviour] });
    const { delivered } = await sendTo(receiver.url);
    expect(delivered?.attempts[0]?.failure?.ambiguous).toBe(true);
    expect(receiver.requests).toHaveLength(2);
  });

  test("is said to be none", async () => {
    const failure = await failureAgainst(garbage());
    expect(failure.kind).toBe("unknown");
    expect(failure.message).toMatch(/failed: Response does not match the HTTP\/1\.1 protocol/);
  });

  test.each([700, 999])("(status %i) is unknown, and the message may have arrived", async (code) => {
    expect(await failureAgainst(status(code))).toMatchObject({
      kind: "unknown",
      status: code,
      ambiguous: true,
    });
  });
});

describe("409", () => {
  test("after a real timeout is delivered", async () => {
    await using receiver = await createReceiver({ script: [silence(), status(409, { body: "had it" })] });
    const { delivered } = await sendTo(receiver.url, { timeoutMs: 60 });
    expect(delivered?.receipt).toEqual({ status: 409, duplicate: true, response: "had it" });
    expect(delivered?.attempts.map(({ failure }) => failure?.kind)).toEqual(["timeout", undefined]);
  });

  test("after a real reset is delivered", async () => {
    await using receiver = await createReceiver({ script: [resetBeforeHeaders(), status(409)] });
    expect((await sendTo(receiver.url)).delivered?.receipt).toEqual({ status: 409, duplicate: true });
  });

  test("after a 429 is a rejection", async () => {
    await using receiver = await createReceiver({ script: [retryAfter(429, 0), status(409)] });
    expect((await sendTo(receiver.url)).error?.cause).toMatchObject({ kind: "rejected", status: 409 });
  });
});

/** What is in use once the garbage is gone, in JavaScript's heap and in buffers. */
function bytesInUse(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
