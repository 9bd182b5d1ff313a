import { once } from "node:events";
import { type Behaviour, closedPort, createReceiver, retryAfter, status } from "@jackfield/testkit";
import { verifyStandard } from "@jackfield/webhook";
import { expect, test } from "vitest";
import { collect, openTestAgent } from "./test-support.ts";

const secret = `whsec_${Buffer.alloc(32, "agent").toString("base64")}`;
const json = (body: unknown) =>
  status(200, { headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

test("an endpoint is asked by a signed POST, and its JSON is the answer", async () => {
  await using receiver = await createReceiver({ script: [json({ content: "hi" })] });
  await using opened = await openTestAgent({}, { url: `${receiver.url}?key=canary`, secret });
  expect(await opened.ask()).toEqual({ content: "hi" });
  const [request] = receiver.requests;
  const header = (name: string) => request?.headers[name];
  expect(verifyStandard({ body: request?.body ?? Buffer.of(), header }, [secret], Date.now())).toEqual({
    ok: true,
  });
  expect(header("idempotency-key")).toBe("inb_1");
  expect(header("webhook-id")).toBe("inb_1");
  expect(JSON.parse(String(request?.body))).toMatchObject({
    message: { content: "hello", sender: "alice" },
    thread: { id: "box.one/@alice" },
    turn: { number: 1, operationId: "inb_1" },
  });
});

test("plain text is an answer in pieces", async () => {
  const body = status(200, { headers: { "content-type": "text/plain; charset=utf-8" }, body: "héllo" });
  await using receiver = await createReceiver({ script: [body] });
  await using opened = await openTestAgent({}, { url: receiver.url });
  expect((await collect(await opened.ask())).join("")).toBe("héllo");
});

test("a piece of text is there before the next one is made", async () => {
  const heard = Promise.withResolvers<void>();
  const inPieces: Behaviour = async ({ response }) => {
    response.writeHead(200, { "content-type": "text/plain" });
    response.write("Hel");
    await heard.promise;
    response.end("lo");
  };
  await using receiver = await createReceiver({ script: [inPieces] });
  await using opened = await openTestAgent({}, { url: receiver.url });
  const pieces: string[] = [];
  for await (const piece of (await opened.ask()) as AsyncIterable<string>) {
    pieces.push(piece);
    heard.resolve();
  }
  expect(pieces).toEqual(["Hel", "lo"]);
});

test("a text that ends in the middle of a character shows it", async () => {
  const torn: Behaviour = async ({ response }) => {
    response.writeHead(200, { "content-type": "text/plain" }).end(Buffer.of(0x68, 0xc3));
  };
  await using receiver = await createReceiver({ script: [torn] });
  await using opened = await openTestAgent({}, { url: receiver.url });
  expect((await collect(await opened.ask())).join("")).toBe("h\ufffd");
});

test("a text without end is cut, and so is its connection", async () => {
  const closed = Promise.withResolvers<void>();
  const endless: Behaviour = async ({ response }) => {
    response.on("close", () => closed.resolve());
    response.writeHead(200, { "content-type": "text/plain" }).write("x".repeat(1_100_000));
    await closed.promise;
  };
  await using receiver = await createReceiver({ script: [endless] });
  await using opened = await openTestAgent({}, { url: receiver.url });
  await expect(opened.ask().then(collect)).rejects.toMatchObject({ kind: "rejected" });
  await closed.promise;
});

test("a failure is told by its status, though its body never ends", async () => {
  const dripping: Behaviour = async ({ response }) => {
    response.writeHead(503, { "retry-after": "3" }).write("x");
    await once(response, "close");
  };
  await using receiver = await createReceiver({ script: [dripping] });
  await using opened = await openTestAgent({}, { url: receiver.url });
  await expect(opened.ask()).rejects.toMatchObject({ status: 503, retryAfterMs: 3000 });
});

test.each([
  ["an address that is none", { url: "nowhere" }, "agent.url is no URL"],
  ["a secret that is none", { url: "http://127.0.0.1:1", secret: "canary" }, "agent.secret is no key"],
  ["a secret of no bytes", { url: "http://127.0.0.1:1", secret: "whsec_" }, "agent.secret is no key"],
])("%s is told in words", async (_name, config, words) => {
  const error = await openTestAgent({}, config).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ code: "AGENT_INVALID", message: expect.stringContaining(words) });
  expect(String(error)).not.toContain("canary");
});

test("204 is no answer", async () => {
  await using receiver = await createReceiver({ script: [status(204)] });
  await using opened = await openTestAgent({}, { url: receiver.url });
  expect(await opened.ask()).toBeUndefined();
});

test.each([
  [status(500), { kind: "server_error", status: 500 }],
  [status(401), { kind: "auth_required" }],
  [retryAfter(429, 7), { kind: "rate_limited", retryAfterMs: 7000 }],
  [status(200, { body: "<html>" }), { kind: "unknown" }],
  [json(42), { code: "AGENT_ANSWER_INVALID" }],
  [status(200, { body: `"${"x".repeat(1_100_000)}"` }), { kind: "rejected" }],
])("an answer that is none is a failure of its kind: %#", async (behaviour, failure) => {
  await using receiver = await createReceiver({ script: [behaviour] });
  await using opened = await openTestAgent({}, { url: receiver.url });
  await expect(opened.ask()).rejects.toMatchObject(failure);
});

test("an endpoint that is not there is told without its query", async () => {
  await using port = await closedPort();
  await using opened = await openTestAgent({}, { url: `${port.url}?key=canary` });
  const error = await opened.ask().catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ kind: "network", message: expect.stringContaining("ECONNREFUSED") });
  expect(String(error)).not.toContain("canary");
});

test("a turn that is aborted ends its request", async () => {
  await using receiver = await createReceiver({ afterScript: ({ sleep }) => sleep(60_000) });
  await using opened = await openTestAgent({}, { url: receiver.url });
  const stopping = new AbortController();
  const turn = opened.ask("hello", stopping.signal);
  await receiver.nextRequest();
  stopping.abort(new Error("its time is over"));
  await expect(turn).rejects.toThrow("its time is over");
});
