import { request } from "undici";
import { expect, test } from "vitest";
import { status } from "./answers.ts";
import { connectRaw, converse, post } from "./raw-client.ts";
import { createReceiver } from "./receiver.ts";
import { drip, silence } from "./slow.ts";
import { testCertificate } from "./test-certificate.ts";
import { withAgent } from "./with-agent.ts";

async function statusOf(url: string): Promise<string> {
  return (await converse(url)).text.slice(9, 12);
}

test("a request is recorded as it was sent", async () => {
  await using receiver = await createReceiver({ now: () => 1_700_000_000_000 });
  const bytes =
    "PUT /a/b?c=%64 HTTP/1.1\r\nHost: test\r\nX-Key: 1\r\nx-key: 2\r\ncontent-length: 4\r\nconnection: close\r\n\r\n";
  await converse(receiver.url, `${bytes}{"}\n`);
  expect(receiver.requests).toEqual([
    {
      number: 1,
      method: "PUT",
      path: "/a/b?c=%64",
      headers: { host: "test", "x-key": "1, 2", "content-length": "4", connection: "close" },
      rawHeaders: [
        ...["Host", "test", "X-Key", "1", "x-key", "2"],
        ...["content-length", "4", "connection", "close"],
      ],
      body: Buffer.from('{"}\n'),
      at: 1_700_000_000_000,
    },
  ]);
});

test("headers show a repetition that HTTP libraries usually drop", async () => {
  await using receiver = await createReceiver();
  await converse(receiver.url, post("hi", "user-agent: a", "user-agent: b"));
  expect(receiver.requests[0]?.headers["user-agent"]).toBe("a, b");
});

test("the script is followed one behaviour a request, then afterScript repeats", async () => {
  await using receiver = await createReceiver({
    script: [status(503), status(429)],
    afterScript: status(202),
  });
  const codes: string[] = [];
  for (let i = 0; i < 4; i += 1) codes.push(await statusOf(receiver.url));
  expect(codes).toEqual(["503", "429", "202", "202"]);
});

test("without a script every answer is 200", async () => {
  await using receiver = await createReceiver();
  expect([await statusOf(receiver.url), await statusOf(receiver.url)]).toEqual(["200", "200"]);
});

test("respond appends to the script", async () => {
  await using receiver = await createReceiver({ script: [status(500)] });
  receiver.respond(status(501), status(502));
  const codes: string[] = [];
  for (let i = 0; i < 4; i += 1) codes.push(await statusOf(receiver.url));
  expect(codes).toEqual(["500", "501", "502", "200"]);
});

test("the script of the caller stays as it was", async () => {
  const script = [status(500)];
  await using receiver = await createReceiver({ script });
  await statusOf(receiver.url);
  expect(script).toHaveLength(1);
});

test("a request without the end of its body is neither recorded nor answered", async () => {
  await using receiver = await createReceiver({ script: [status(503)] });
  {
    using client = connectRaw(receiver.url, post("whole").slice(0, -1));
    await expect.poll(() => receiver.openSockets, { interval: 1 }).toBe(1);
    client.socket.destroy();
  }
  await expect.poll(() => receiver.openSockets, { interval: 1 }).toBe(0);
  expect(receiver.requests).toHaveLength(0);
  expect(await statusOf(receiver.url)).toBe("503");
});

test("onRequest sees a request before it is answered", async () => {
  const seen: string[] = [];
  await using receiver = await createReceiver({
    onRequest: ({ number }) => seen.push(`request ${number}`),
    afterScript: ({ response }) => {
      seen.push("answer");
      response.end();
    },
  });
  await converse(receiver.url);
  await converse(receiver.url);
  expect(seen).toEqual(["request 1", "answer", "request 2", "answer"]);
});

test("connections counts sockets, not requests", async () => {
  await using receiver = await createReceiver();
  await using agent = withAgent({ connections: 1, pipelining: 1 });
  for (let i = 0; i < 3; i += 1) {
    const { body } = await request(receiver.url, { dispatcher: agent.dispatcher });
    await body.dump();
  }
  expect(receiver.requests).toHaveLength(3);
  expect(receiver.connections).toBe(1);
  expect(receiver.openSockets).toBe(1);
});

test("a large request head is accepted", async () => {
  await using receiver = await createReceiver();
  await converse(receiver.url, post("hi", `x-large: ${"a".repeat(1_000_000)}`));
  expect(receiver.requests[0]?.headers["x-large"]).toHaveLength(1_000_000);
});

test("a receiver with a certificate speaks HTTPS", async () => {
  await using receiver = await createReceiver({ tls: testCertificate, script: [status(201)] });
  await using agent = withAgent({ connect: { ca: testCertificate.cert } });
  const { statusCode } = await request(receiver.url, { dispatcher: agent.dispatcher });
  expect(statusCode).toBe(201);
  expect(new URL(receiver.url).protocol).toBe("https:");
});

test("a client that does not trust the certificate sends nothing", async () => {
  await using receiver = await createReceiver({ tls: testCertificate });
  await using agent = withAgent();
  await expect(request(receiver.url, { dispatcher: agent.dispatcher })).rejects.toMatchObject({
    code: "DEPTH_ZERO_SELF_SIGNED_CERT",
  });
  expect(receiver.connections).toBe(1);
  expect(receiver.requests).toHaveLength(0);
});

test("nextRequest rejects when the receiver closes", async () => {
  const receiver = await createReceiver();
  const next = receiver.nextRequest();
  await receiver.close();
  await expect(next).rejects.toThrow("the receiver is closed after 0 of them");
});

test("close destroys sockets that wait for an answer", async () => {
  const receiver = await createReceiver({ afterScript: silence() });
  using client = connectRaw(receiver.url, post("hi"));
  await receiver.nextRequest();
  await receiver.close();
  expect(receiver.openSockets).toBe(0);
  expect(await client.ending).toBe("closed");
});

test("close may be called again", async () => {
  const receiver = await createReceiver();
  await receiver.close();
  await expect(receiver.close()).resolves.toBeUndefined();
});

test.for([{ tls: undefined }, { tls: testCertificate }])(
  "close leaves no open handle (%o)",
  async ({ tls }) => {
    const handles = () =>
      process
        .getActiveResourcesInfo()
        .filter((name) => /TCP|TLS|Timeout|Immediate/.test(name))
        .sort();
    // The clients of the tests before this one may still be closing.
    await expect.poll(handles, { interval: 1 }).not.toContainEqual(expect.stringMatching(/TCP/));
    const before = handles();
    const receiver = await createReceiver({
      ...(tls ? { tls } : {}),
      script: [drip({ bytes: Infinity, intervalMs: 60_000 })],
    });
    const agent = withAgent({ connect: { ca: testCertificate.cert } });
    const answer = await request(receiver.url, { dispatcher: agent.dispatcher });
    const broken = expect(answer.body.text()).rejects.toThrow();
    await receiver.close();
    await broken;
    await agent[Symbol.asyncDispose]();
    await expect.poll(handles, { interval: 1 }).toEqual(before);
  },
);

test("what a behaviour throws ends the connection and comes back from close", async () => {
  const mistake = new Error("a mistake in a test");
  const receiver = await createReceiver({
    afterScript: () => {
      throw mistake;
    },
  });
  expect(await converse(receiver.url)).toEqual({ text: "", ending: "closed" });
  await expect(receiver.close()).rejects.toBe(mistake);
});

test("what onRequest throws comes back from close", async () => {
  const mistake = new Error("a failed expectation");
  const receiver = await createReceiver({
    onRequest: () => {
      throw mistake;
    },
  });
  await converse(receiver.url);
  await converse(receiver.url);
  await expect(receiver.close()).rejects.toMatchObject({ errors: [mistake, mistake] });
});
