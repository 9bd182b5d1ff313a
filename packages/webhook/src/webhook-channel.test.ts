import { createHash, createHmac } from "node:crypto";
import { createMessage, type JsonValue, type MessageDraft, send, version } from "@jackfield/core";
import { closedPort, createReceiver, type ReceivedRequest, silence, status } from "@jackfield/testkit";
import { describe, expect, test } from "vitest";
import { verifyHmac, verifyStandard } from "./signing/verifier.ts";
import {
  type ConfigInput,
  createInstantClock,
  deliver,
  failed,
  openTestChannel,
  sendTo,
  testSecret,
  testTime,
} from "./test-support.ts";

// What a receiver gets, byte for byte, and what a message must not be.

const previousSecret = `whsec_${Buffer.alloc(24, "before").toString("base64")}`;

/** The one request that a message makes. */
async function requestFor(
  config: ConfigInput = {},
  draft: MessageDraft | string = "hello",
  query = "",
): Promise<ReceivedRequest> {
  await using receiver = await createReceiver();
  await sendTo(receiver.url + query, config, {}, draft);
  expect(receiver.requests).toHaveLength(1);
  const [request] = receiver.requests;
  if (!request) throw new Error("no request came");
  return request;
}

const signed = (request: ReceivedRequest) => ({
  body: request.body,
  header: (name: string) => request.headers[name],
});

describe("the request", () => {
  test("has these headers, in this order, and no others", async () => {
    const { headers, rawHeaders } = await requestFor();
    expect(rawHeaders).toEqual([
      "host",
      headers.host,
      "connection",
      "keep-alive",
      "user-agent",
      `jackfield/${version}`,
      "content-type",
      "application/json",
      "idempotency-key",
      headers["idempotency-key"],
      "content-length",
      "19",
    ]);
  });

  test("has the path and the query string of sendUrl, and not its fragment", async () => {
    const request = await requestFor({}, "hello", "/a%20b?token=%C3%A9&x#here");
    expect(request.path).toBe("/hook/a%20b?token=%C3%A9&x");
  });

  test.each(["POST", "PUT", "PATCH"] as const)("has sendMethod (%s)", async (sendMethod) => {
    expect((await requestFor({ sendMethod })).method).toBe(sendMethod);
  });

  test("has authHeader as authorization, and the configured headers as they are written", async () => {
    const { rawHeaders } = await requestFor({
      authHeader: "Bearer abc",
      headers: { "X-Team": "ops", "x-caf\u0065": "caf\u00e9" },
    });
    expect(rawHeaders.slice(6, 12)).toEqual([
      "authorization",
      "Bearer abc",
      "X-Team",
      "ops",
      "x-cafe",
      "caf\u00e9",
    ]);
  });

  test("has the content type of its format", async () => {
    const { headers, body } = await requestFor({ format: "text" }, "gr\u00fc\u00dfe");
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(body.toString("utf8")).toBe("gr\u00fc\u00dfe");
  });

  test("has the message's id as its idempotency key, unless the message has one", async () => {
    expect((await requestFor()).headers["idempotency-key"]).toMatch(/^msg_[\da-f-]{36}$/);
    const request = await requestFor({}, { content: "hello", idempotencyKey: "build 7 ~ green" });
    expect(request.headers["idempotency-key"]).toBe("build 7 ~ green");
  });
});

describe("a signed request", () => {
  test("verifies as a Standard Webhook, with the message's id and the time in seconds", async () => {
    const request = await requestFor({ secret: testSecret }, "gr\u00fc\u00dfe \u{1f44b}");
    expect(request.headers["webhook-id"]).toBe(request.headers["idempotency-key"]);
    expect(request.headers["webhook-timestamp"]).toBe(String(testTime / 1000));
    expect(request.headers["webhook-signature"]).toMatch(/^v1,[A-Za-z\d+/]{43}=$/);
    expect(verifyStandard(signed(request), [testSecret], testTime)).toEqual({ ok: true });
  });

  test("has one signature for each secret during a rotation, the present one first", async () => {
    const request = await requestFor({ secret: testSecret, previousSecrets: [previousSecret] });
    expect(request.headers["webhook-signature"]?.split(" ")).toHaveLength(2);
    expect(verifyStandard(signed(request), [testSecret], testTime)).toEqual({ ok: true });
    expect(verifyStandard(signed(request), [previousSecret], testTime)).toEqual({ ok: true });
  });

  test("has the HMAC of its exact bytes and no Standard Webhooks headers with hmac-sha256", async () => {
    const secret = "a plain secret of words";
    const request = await requestFor({ secret, signing: "hmac-sha256" }, "gr\u00fc\u00dfe");
    const hex = createHmac("sha256", secret).update(request.body).digest("hex");
    expect(request.headers["x-webhook-signature"]).toBe(`sha256=${hex}`);
    expect(Object.keys(request.headers).filter((name) => name.startsWith("webhook-"))).toEqual([]);
    expect(verifyHmac(signed(request), [secret])).toEqual({ ok: true });
  });

  test("is not one with signing = none, whatever the secret", async () => {
    const { headers } = await requestFor({ secret: "x", signing: "none" });
    expect(Object.keys(headers).filter((name) => name.includes("webhook"))).toEqual([]);
  });
});

describe("the attempts of one message", () => {
  const slow = { secret: testSecret, retryBaseDelayMs: 2000 };

  test("have the same bytes and the same id", async () => {
    await using receiver = await createReceiver({ script: [status(503), status(503)] });
    await sendTo(receiver.url, slow, {}, { content: "gr\u00fc\u00dfe", data: { z: 1, a: [2, { b: 3 }] } });
    const identities = receiver.requests.map(({ body, headers }) =>
      [
        createHash("sha256").update(body).digest("hex"),
        headers["webhook-id"],
        headers["idempotency-key"],
      ].join(),
    );
    expect(identities).toHaveLength(3);
    expect(new Set(identities).size).toBe(1);
  });

  test("have the same bytes even where the sender changes its data between them", async () => {
    await using receiver = await createReceiver({ script: [status(503)] });
    const data = { step: 1 };
    const onAttempt = () => {
      data.step = 2;
    };
    await sendTo(receiver.url, {}, { onAttempt }, { content: "hello", data });
    const bodies = receiver.requests.map(({ body }) => body.toString());
    expect(bodies).toEqual(Array(2).fill('{"content":"hello","data":{"step":1}}'));
  });

  test("have each a new timestamp and a signature that fits it", async () => {
    await using receiver = await createReceiver({ script: [status(503), status(503)] });
    await sendTo(receiver.url, slow);
    const second = testTime / 1000;
    expect(receiver.requests.map(({ headers }) => Number(headers["webhook-timestamp"]))).toEqual([
      second,
      second + 2,
      second + 6,
    ]);
    expect(new Set(receiver.requests.map(({ headers }) => headers["webhook-signature"])).size).toBe(3);
    for (const request of receiver.requests) {
      expect(verifyStandard(signed(request), [testSecret], testTime)).toEqual({ ok: true });
    }
  });
});

describe("a message of unusual text", () => {
  test("that is empty is sent as empty", async () => {
    expect((await requestFor({}, "")).body.toString()).toBe('{"content":""}');
  });

  test("that is an empty body has a length of 0 and a signature that fits it", async () => {
    const request = await requestFor({ format: "text", secret: testSecret }, "");
    expect(request.headers["content-length"]).toBe("0");
    expect(verifyStandard(signed(request), [testSecret], testTime)).toEqual({ ok: true });
  });

  test("with half a surrogate pair is escaped in JSON", async () => {
    expect((await requestFor({}, "a\ud800b")).body.toString()).toBe('{"content":"a\\ud800b"}');
  });

  test.each(["standard", "hmac-sha256"] as const)(
    "with half a surrogate pair is signed as it is sent (%s)",
    async (signing) => {
      const request = await requestFor({ format: "text", secret: testSecret, signing }, "a\ud800b");
      expect(request.body.toString()).toBe("a\ufffdb");
      const verification =
        signing === "standard"
          ? verifyStandard(signed(request), [testSecret], testTime)
          : verifyHmac(signed(request), [testSecret]);
      expect(verification).toEqual({ ok: true });
    },
  );
});

describe("a message that is blocked sends nothing, once:", () => {
  async function blocked(draft: MessageDraft | string, config: ConfigInput = {}): Promise<string> {
    await using receiver = await createReceiver();
    const { error } = await sendTo(receiver.url, config, {}, draft);
    expect(error?.cause).toMatchObject({ kind: "blocked", ambiguous: false });
    expect(error?.attempts).toHaveLength(1);
    expect(receiver.connections).toBe(0);
    return error?.cause.message.replace(new URL(receiver.url).origin, "ORIGIN") ?? "";
  }

  test.each([
    ["a line break", "a\r\nx-evil: 1"],
    ["a character beyond Latin-1", "\u20ac"],
    ["half a surrogate pair", "\ud800"],
    ["a NUL", "a\0b"],
    ["nothing", ""],
    ["a blank at its end", "a "],
    ["a tab at its beginning", "\ta"],
  ])("an idempotency key with %s", async (_, idempotencyKey) => {
    expect(await blocked({ content: "hello", idempotencyKey })).toBe(
      "POST ORIGIN is blocked: the idempotency key is empty, or has blanks around it or characters that a header cannot carry; use printable ASCII",
    );
  });

  test("one byte more than maxRequestBytes", async () => {
    // {"content":"..."} is 14 bytes, and each of these characters three.
    expect(await blocked("\u20ac".repeat(10), { maxRequestBytes: 43 })).toBe(
      "POST ORIGIN is blocked: the body has 44 bytes, maxRequestBytes allows 43",
    );
    expect(await blocked("x".repeat(30), { maxRequestBytes: 43 })).toContain("44 bytes");
  });

  test("data that JSON cannot write", async () => {
    const ring: { self?: JsonValue } = {};
    ring.self = ring;
    expect(await blocked({ content: "hello", data: ring })).toBe(
      "POST ORIGIN is blocked: the message cannot be written as JSON",
    );
  });

  test("a field that the format has no place for", async () => {
    expect(await blocked({ content: "hello", subject: "hi" }, { format: "slack" })).toMatch(
      /^webhook\.test cannot carry "subject"/,
    );
  });

  test("more text than the platform takes", async () => {
    expect(await blocked("x".repeat(2001), { format: "discord" })).toMatch(
      /2001 characters, .* at most 2000/,
    );
  });
});

test.each(["\u20ac".repeat(10), "x".repeat(30)])(
  "a body of exactly maxRequestBytes is sent",
  async (content) => {
    expect((await requestFor({ maxRequestBytes: 44 }, content)).body).toHaveLength(44);
  },
);

test("an id that no header can carry is blocked", async () => {
  await using receiver = await createReceiver();
  await using open = await openTestChannel(receiver.url);
  const message = { ...createMessage("hello", testTime), id: "a\nb", idempotencyKey: "a\nb" };
  expect(await failed(open.channel.deliver(message, { number: 1, maybeArrived: false }))).toMatchObject({
    kind: "blocked",
    ambiguous: false,
  });
  expect(receiver.connections).toBe(0);
});

test("the receipt has the status and a piece of the answer", async () => {
  await using receiver = await createReceiver({
    script: [status(202, { body: '{"id":\n "7"}' }), status(204)],
  });
  await using open = await openTestChannel(receiver.url);
  expect(await deliver(open.channel)).toEqual({ status: 202, response: '{"id": "7"}' });
  expect(await deliver(open.channel)).toEqual({ status: 204 });
});

test("two messages at the same time keep their identities", async () => {
  await using receiver = await createReceiver();
  const clock = createInstantClock();
  await using open = await openTestChannel(receiver.url, { secret: testSecret }, clock);
  await Promise.all(["a", "b", "c", "d"].map((content) => send(open, content, { clock })));
  for (const request of receiver.requests) {
    expect(verifyStandard(signed(request), [testSecret], testTime)).toEqual({ ok: true });
  }
  expect(new Set(receiver.requests.map(({ headers }) => headers["webhook-id"])).size).toBe(4);
});

describe("probe", () => {
  async function probe(code: number, config: ConfigInput = {}) {
    await using receiver = await createReceiver({ script: [status(code, { body: "why" })] });
    await using open = await openTestChannel(receiver.url, config);
    const result = await open.channel.probe?.();
    return { result, origin: new URL(receiver.url).origin, request: receiver.requests[0] };
  }

  test("asks by OPTIONS, with the credentials and without a message", async () => {
    const { request } = await probe(200, { authHeader: "Bearer abc", secret: testSecret });
    expect(request?.method).toBe("OPTIONS");
    expect(request?.headers.authorization).toBe("Bearer abc");
    expect(request?.body).toHaveLength(0);
    expect(Object.keys(request?.headers ?? {}).sort()).toEqual([
      "authorization",
      "connection",
      "host",
      "user-agent",
    ]);
  });

  test.each([200, 204, 302, 404, 405])("takes %i for a good sign", async (code) => {
    expect((await probe(code)).result).toEqual({ ok: true, detail: `answered ${code} to OPTIONS` });
  });

  test.each([401, 403, 429, 500, 503])("takes %i for a bad one, and says what was answered", async (code) => {
    const { result, origin } = await probe(code);
    expect(result).toEqual({ ok: false, detail: `OPTIONS ${origin} answered ${code}: why` });
  });

  test("says why the endpoint cannot be reached", async () => {
    await using port = await closedPort();
    await using open = await openTestChannel(port.url);
    expect(await open.channel.probe?.()).toMatchObject({
      ok: false,
      detail: expect.stringContaining("nothing listens there"),
    });
  });

  test("says that the guard refuses the endpoint", async () => {
    await using receiver = await createReceiver();
    await using open = await openTestChannel(receiver.url, { allowPrivateNetwork: false });
    expect(await open.channel.probe?.()).toMatchObject({
      ok: false,
      detail: expect.stringContaining("refused as Loopback"),
    });
    expect(receiver.connections).toBe(0);
  });

  test("ends with its signal", async () => {
    await using receiver = await createReceiver({ script: [silence()] });
    await using open = await openTestChannel(receiver.url);
    const ended = new AbortController();
    const probing = open.channel.probe?.(ended.signal);
    await receiver.nextRequest();
    ended.abort(new Error("never mind"));
    await expect(probing).rejects.toThrow("never mind");
  });

  test("does not begin under a signal that is aborted", async () => {
    await using receiver = await createReceiver();
    await using open = await openTestChannel(receiver.url);
    await expect(open.channel.probe?.(AbortSignal.abort(new Error("never mind")))).rejects.toThrow(
      "never mind",
    );
    expect(receiver.connections).toBe(0);
  });
});
