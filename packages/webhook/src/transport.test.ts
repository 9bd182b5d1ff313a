import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import {
  closedPort,
  createReceiver,
  delay,
  type Exchange,
  silence,
  status,
  tarpit,
  testCertificate,
} from "@jackfield/testkit";
import { describe, expect, test, vi } from "vitest";
import { deliver, failed, failureOf, openTestChannel, sendTo } from "./test-support.ts";

// How connections are made, kept, shared and given up, over real sockets.

describe("a connection that cannot be made", () => {
  test("because nothing listens is a failure of the network, and nothing has arrived", async () => {
    await using port = await closedPort();
    const failure = await failureOf(port.url);
    expect(failure).toMatchObject({ kind: "network", ambiguous: false });
    expect(failure.message).toBe(
      `POST ${new URL(port.url).origin} could not connect: nothing listens there: check the host and port of sendUrl, and that the receiver runs (ECONNREFUSED)`,
    );
  });

  test("because nothing listens is tried again until the budget is used up", async () => {
    await using port = await closedPort();
    const { error, waits } = await sendTo(port.url);
    expect(error?.attempts).toHaveLength(4);
    expect(waits).toEqual([500, 1000, 2000]);
  });

  // RFC 6761: no name below .invalid exists. Without a network the name service says that it cannot say.
  test("because the host has no address is a failure of the network, and nothing has arrived", async () => {
    const failure = await failureOf("http://receiver.invalid/hook");
    expect(failure).toMatchObject({ kind: "network", ambiguous: false });
    expect(failure.message).toMatch(/could not connect: .*(ENOTFOUND|EAI_AGAIN)/);
  });

  test("within connectTimeoutMs is a timeout, long before timeoutMs, and nothing has arrived", async () => {
    await using hole = await tarpit();
    const started = performance.now();
    const failure = await failureOf(hole.tlsUrl, { connectTimeoutMs: 50 });
    expect(performance.now() - started).toBeLessThan(450);
    expect(failure).toMatchObject({ kind: "timeout", ambiguous: false });
    expect(failure.message).toMatch(
      /could not connect: no connection came within connectTimeoutMs \(UND_ERR_CONNECT_TIMEOUT\)$/,
    );
  });
});

describe("TLS", () => {
  test("to a certificate that is signed by itself fails, says what to do, and nothing has arrived", async () => {
    await using receiver = await createReceiver({ tls: testCertificate });
    const failure = await failureOf(receiver.url);
    expect(failure).toMatchObject({ kind: "network", ambiguous: false });
    expect(failure.message).toMatch(
      /its certificate is signed by itself: put that certificate into ca \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
    );
    expect(receiver.requests).toHaveLength(0);
  });

  test("to a certificate that ca has delivers", async () => {
    await using receiver = await createReceiver({ tls: testCertificate });
    const { delivered } = await sendTo(receiver.url, { ca: testCertificate.cert });
    expect(delivered?.receipt.status).toBe(200);
  });

  test("to a port that does not speak it says so", async () => {
    await using receiver = await createReceiver();
    const failure = await failureOf(receiver.url.replace("http:", "https:"));
    expect(failure).toMatchObject({ kind: "network", ambiguous: false });
    expect(failure.message).toContain("the other side does not speak TLS: check the port of sendUrl");
  });

  test("shows the certificate of cert and key to a server that asks for one", async () => {
    const shown: string[] = [];
    const server = createTlsServer(
      { ...testCertificate, requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        shown.push((request.socket as TLSSocket).getPeerCertificate().serialNumber);
        response.end();
      },
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { cert, key } = testCertificate;
    await sendTo(`https://127.0.0.1:${port}/`, { ca: cert, cert, key });
    server.close();
    expect(shown).toEqual([new X509Certificate(cert).serialNumber]);
  });
});

describe("keep-alive", () => {
  test("sends one message after the other over one connection", async () => {
    await using receiver = await createReceiver();
    await using open = await openTestChannel(receiver.url, { maxConcurrency: 1 });
    for (let i = 0; i < 5; i += 1) await deliver(open.channel);
    expect(receiver.requests).toHaveLength(5);
    expect(receiver.connections).toBe(1);
  });

  test("survives an error's answer", async () => {
    await using receiver = await createReceiver({ script: [status(500), status(404)] });
    await using open = await openTestChannel(receiver.url, { maxConcurrency: 1 });
    await failed(deliver(open.channel));
    await failed(deliver(open.channel));
    await deliver(open.channel);
    expect(receiver.connections).toBe(1);
  });

  test("does not cost an attempt when the server has closed the connection meanwhile", async () => {
    const idle: Exchange[] = [];
    await using receiver = await createReceiver({
      afterScript: async (exchange) => {
        idle.push(exchange);
        await status(200)(exchange);
      },
    });
    await using open = await openTestChannel(receiver.url, { maxConcurrency: 1 });
    await deliver(open.channel);
    idle[0]?.socket.end();
    await vi.waitUntil(() => receiver.openSockets === 0, { interval: 1 });
    await deliver(open.channel);
    expect(receiver.requests).toHaveLength(2);
    expect(receiver.connections).toBe(2);
  });

  test("costs one attempt when the server closes the connection as the next request comes", async () => {
    await using receiver = await createReceiver({
      script: [status(200), ({ socket }) => void socket.destroy()],
    });
    await using open = await openTestChannel(receiver.url, { maxConcurrency: 1 });
    await deliver(open.channel);
    expect(await failed(deliver(open.channel))).toMatchObject({ kind: "network", ambiguous: true });
    expect(await deliver(open.channel)).toEqual({ status: 200 });
  });
});

describe("maxConcurrency", () => {
  test("is the most requests that the receiver sees at a time", async () => {
    let present = 0;
    let most = 0;
    await using receiver = await createReceiver({
      afterScript: async (exchange) => {
        present += 1;
        most = Math.max(most, present);
        await delay(5, status(200))(exchange);
        present -= 1;
      },
    });
    await using open = await openTestChannel(receiver.url, { maxConcurrency: 3 });
    await Promise.all(Array.from({ length: 20 }, () => deliver(open.channel)));
    expect(receiver.requests).toHaveLength(20);
    expect(most).toBe(3);
    expect(receiver.connections).toBe(3);
  });

  test("makes the deadline run while an attempt waits: what was overdue in the queue is never sent", async () => {
    await using receiver = await createReceiver({ script: [silence()] });
    await using open = await openTestChannel(receiver.url, { maxConcurrency: 1 });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const attempts = ["first", "second", "third"].map((text) => failed(deliver(open.channel, text)));
    await receiver.nextRequest();
    vi.advanceTimersByTime(10_000);
    vi.useRealTimers();
    const [first, ...others] = await Promise.all(attempts);
    expect(first).toMatchObject({ kind: "timeout", ambiguous: true });
    for (const other of others) {
      expect(other).toMatchObject({ kind: "timeout", ambiguous: false });
      expect(other.message).toContain("a connection did not come");
    }
    await deliver(open.channel, "fourth");
    expect(receiver.requests.map(({ body }) => JSON.parse(body.toString()).content)).toEqual([
      "first",
      "fourth",
    ]);
  });

  test("does not spend a connection on an attempt that ended in the queue", async () => {
    await using receiver = await createReceiver({ script: [delay(30, status(200))] });
    await using open = await openTestChannel(receiver.url, { maxConcurrency: 1 });
    const first = deliver(open.channel);
    const ended = new AbortController();
    const waiting = Array.from({ length: 10 }, () =>
      deliver(open.channel, "never", { signal: ended.signal }),
    );
    const last = deliver(open.channel, "last");
    ended.abort(new Error("no longer"));
    for (const attempt of waiting) await expect(attempt).rejects.toThrow("no longer");
    await Promise.all([first, last]);
    expect(receiver.requests).toHaveLength(2);
    expect(receiver.connections).toBe(1);
  });
});

describe("an abort", () => {
  test("before the attempt sends nothing and opens no socket", async () => {
    await using receiver = await createReceiver();
    await using open = await openTestChannel(receiver.url);
    const attempt = deliver(open.channel, "hello", { signal: AbortSignal.abort(new Error("too late")) });
    await expect(attempt).rejects.toThrow("too late");
    expect(receiver.connections).toBe(0);
  });

  test("during the connection sends nothing", async () => {
    await using receiver = await createReceiver();
    await using open = await openTestChannel(receiver.url, { maxConcurrency: 1 });
    const ended = new AbortController();
    const attempt = deliver(open.channel, "never", { signal: ended.signal });
    ended.abort(new Error("changed my mind"));
    await expect(attempt).rejects.toThrow("changed my mind");
    await deliver(open.channel, "sent");
    expect(receiver.requests).toHaveLength(1);
    expect(receiver.requests[0]?.body.toString()).toBe('{"content":"sent"}');
  });

  test.each([
    ["an answer", silence()],
    [
      "the end of an answer",
      ({ writeRaw }: Exchange) => writeRaw("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"),
    ],
  ])("during the wait for %s closes the socket and sends nothing more", async (_, behaviour) => {
    await using receiver = await createReceiver({ script: [behaviour] });
    await using open = await openTestChannel(receiver.url);
    const ended = new AbortController();
    const attempt = deliver(open.channel, "hello", { signal: ended.signal });
    await receiver.nextRequest();
    ended.abort(new Error("changed my mind"));
    await expect(attempt).rejects.toThrow("changed my mind");
    await vi.waitUntil(() => receiver.openSockets === 0, { interval: 1 });
    expect(receiver.requests).toHaveLength(1);
  });

  test("during a request ends send() with its reason and without another attempt", async () => {
    const ended = new AbortController();
    await using receiver = await createReceiver({
      script: [silence()],
      onRequest: () => ended.abort(new Error("changed my mind")),
    });
    await expect(sendTo(receiver.url, {}, { signal: ended.signal })).rejects.toThrow("changed my mind");
    expect(receiver.requests).toHaveLength(1);
  });

  test("leaves no listener behind on a signal that outlives the attempt", async () => {
    await using receiver = await createReceiver({ script: [status(200), status(500)] });
    await using open = await openTestChannel(receiver.url);
    const { signal } = new AbortController();
    const removed = vi.spyOn(signal, "removeEventListener");
    const added = vi.spyOn(signal, "addEventListener");
    await deliver(open.channel, "hello", { signal });
    await failed(deliver(open.channel, "hello", { signal }));
    expect(added).toHaveBeenCalledTimes(2);
    expect(removed.mock.calls).toEqual(added.mock.calls);
  });
});

describe("close", () => {
  test("gives idle connections back", async () => {
    await using receiver = await createReceiver();
    const open = await openTestChannel(receiver.url);
    await deliver(open.channel);
    await open.channel.close?.();
    await vi.waitUntil(() => receiver.openSockets === 0, { interval: 1 });
  });

  test("does not wait for a connection that nobody waits for any more", async () => {
    await using hole = await tarpit();
    const open = await openTestChannel(hole.tlsUrl, { timeoutMs: 20 });
    await failed(deliver(open.channel));
    const started = performance.now();
    await open.channel.close?.();
    expect(performance.now() - started).toBeLessThan(500);
  });
});
