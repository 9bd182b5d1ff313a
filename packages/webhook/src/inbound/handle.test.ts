import { createHmac } from "node:crypto";
import { request as httpRequest } from "node:http";
import { createConnection } from "node:net";
import { serve } from "@hono/node-server";
import { createInbound, type InboundDraft, openChannel, type Received, StoreError } from "@jackfield/core";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, test } from "vitest";
import { createStandardSigner } from "../signing/signer.ts";
import { type ConfigInput, createInstantClock, testSecret, testTime } from "../test-support.ts";
import { webhook } from "../webhook.ts";

const plainSecret = "a plain secret of more than sixteen characters";
const seconds = Math.floor(testTime / 1000);
const body = JSON.stringify({ content: "hello", sender: "alice" });

interface Gateway {
  readonly url: string;
  readonly port: number;
  readonly accepted: InboundDraft[];
  readonly turnedAway: string[];
}

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A channel behind a real server; what it accepts is kept in a list. */
async function listen(config: ConfigInput, answer?: (draft: InboundDraft) => Received): Promise<Gateway> {
  const { channel } = await openChannel(webhook, "ops", config, { clock: createInstantClock() });
  const accepted: InboundDraft[] = [];
  const turnedAway: string[] = [];
  const sink = {
    accept: async (draft: InboundDraft): Promise<Received> => {
      accepted.push(draft);
      return (
        answer?.(draft) ?? {
          outcome: "accepted",
          id: createInbound(draft, "webhook.ops", 0).id,
          state: "waiting",
        }
      );
    },
    turnedAway: (reason: string) => void turnedAway.push(reason),
  };
  const listening = Promise.withResolvers<number>();
  const server = serve(
    {
      fetch: (request) => channel.handle?.(request, sink) ?? new Response(null, { status: 404 }),
      port: 0,
      hostname: "127.0.0.1",
    },
    ({ port }) => listening.resolve(port),
  );
  closing.push(async () => {
    await new Promise((resolve) => server.close(resolve));
    await channel.close?.();
  });
  const port = await listening.promise;
  return { url: `http://127.0.0.1:${port}/webhook/ops`, port, accepted, turnedAway };
}

const json = { "content-type": "application/json", connection: "close" };

async function post(
  url: string,
  text: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
) {
  const response = await fetch(url, { method: "POST", body: text, headers: { ...json, ...headers } });
  return { status: response.status, answer: await response.text() };
}

function standard(text: string, at = seconds, id = "msg-1"): Record<string, string> {
  const signature = new Webhook(testSecret).sign(id, new Date(at * 1000), text);
  return { "webhook-id": id, "webhook-timestamp": String(at), "webhook-signature": signature };
}

const hex = (text: string | Uint8Array) => createHmac("sha256", plainSecret).update(text).digest("hex");

const schemes: Readonly<Record<string, (text: string, at?: number) => Record<string, string>>> = {
  standard,
  "hmac-sha256": (text) => ({ "x-webhook-signature": `sha256=${hex(text)}` }),
  github: (text) => ({ "x-hub-signature-256": `sha256=${hex(text)}` }),
  slack: (text, at = seconds) => ({
    "x-slack-request-timestamp": String(at),
    "x-slack-signature": `v0=${hex(`v0:${at}:${text}`)}`,
  }),
  stripe: (text, at = seconds) => ({
    "stripe-signature": `t=${at},v0=${"0".repeat(64)},v1=${hex(`${at}.${text}`)}`,
  }),
};
const configOf = (verify: string): ConfigInput => ({
  verify: verify as NonNullable<ConfigInput["verify"]>,
  verifySecret: verify === "standard" ? testSecret : plainSecret,
});

describe.each(Object.entries(schemes))("%s", (scheme, sign) => {
  test("accepts what is signed", async () => {
    const { url, accepted } = await listen(configOf(scheme));
    expect((await post(url, body, sign(body))).status).toBe(202);
    expect(accepted).toMatchObject([{ content: "hello", sender: "alice" }]);
  });

  test("refuses what was changed by one byte, and says no more than that", async () => {
    const { url, accepted, turnedAway } = await listen(configOf(scheme));
    expect(await post(url, body.replace("hello", "hallo"), sign(body))).toEqual({
      status: 401,
      answer: '{"error":"not verified"}',
    });
    expect([accepted, turnedAway.length]).toEqual([[], 1]);
  });

  test("refuses what is not signed, before it looks at it", async () => {
    const { url, accepted } = await listen(configOf(scheme));
    expect((await post(url, "{ not JSON")).status).toBe(401);
    expect(accepted).toEqual([]);
  });

  test("accepts the secret from before a rotation", async () => {
    const other =
      scheme === "standard"
        ? `whsec_${Buffer.alloc(32, "other").toString("base64")}`
        : "another secret, long enough";
    const { verifySecret = "", ...config } = configOf(scheme);
    const { url } = await listen({ ...config, verifySecret: other, previousVerifySecrets: [verifySecret] });
    expect((await post(url, body, sign(body))).status).toBe(202);
  });
});

describe.each(["standard", "slack", "stripe"])("%s timestamps", (scheme) => {
  const sign = schemes[scheme];
  test.each([
    [-300, 202],
    [-301, 401],
    [300, 202],
    [301, 401],
  ])("%i seconds from our clock: %i", async (distance, status) => {
    const { url } = await listen(configOf(scheme));
    expect((await post(url, body, sign?.(body, seconds + distance))).status).toBe(status);
  });

  test("are strict integers", async () => {
    const { url } = await listen(configOf(scheme));
    for (const bad of [`${seconds}abc`, `${seconds}.0`, ` ${seconds}x`, "1e9", "-1", "0x10"]) {
      const headers = Object.fromEntries(
        Object.entries(sign?.(body) ?? {}).map(([name, value]) => [
          name,
          value.replace(String(seconds), bad),
        ]),
      );
      expect((await post(url, body, headers)).status, bad).toBe(401);
    }
  });
});

describe("several signatures", () => {
  const good = standard(body)["webhook-signature"] ?? "";
  const bad = `v1,${Buffer.alloc(32, 1).toString("base64")}`;

  test.each([0, 10, 19])("a good one at place %i among twenty is found", async (place) => {
    const { url } = await listen(configOf("standard"));
    const signatures = Array.from({ length: 20 }, (_, index) => (index === place ? good : bad)).join(" ");
    expect((await post(url, body, { ...standard(body), "webhook-signature": signatures })).status).toBe(202);
  });

  test("ten thousand entries are turned away", async () => {
    const { url, accepted } = await listen(configOf("standard"));
    const signatures = `${"v1,AA ".repeat(10_000)}${good}`;
    const { status } = await post(url, body, { ...standard(body), "webhook-signature": signatures });
    // Node's own limit for headers, 16 KiB, comes first; the verifier's is in its own test.
    expect(status).toBe(431);
    expect(accepted).toEqual([]);
  });

  test("v1a is verified with a public key", async () => {
    const seed = Buffer.alloc(32, 7);
    const { createPrivateKey, createPublicKey } = await import("node:crypto");
    const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
    const key = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
    const raw = key.export({ format: "der", type: "spki" }).subarray(-32);
    const { url } = await listen({ verify: "standard", verifySecret: `whpk_${raw.toString("base64")}` });
    const signer = createStandardSigner([`whsk_${seed.toString("base64")}`]);
    const pairs = signer({ id: "m", timestamp: seconds, body });
    const headers = {
      [pairs[0] ?? ""]: pairs[1] ?? "",
      [pairs[2] ?? ""]: pairs[3] ?? "",
      [pairs[4] ?? ""]: pairs[5] ?? "",
    };
    expect((await post(url, body, headers)).status).toBe(202);
  });
});

test.each(["SHA256=", "sha256=", ""])("hmac-sha256 takes hex behind %j, in any casing", async (prefix) => {
  const { url } = await listen(configOf("hmac-sha256"));
  const headers = { "x-webhook-signature": `${prefix}${hex(body).toUpperCase()}` };
  expect((await post(url, body, headers)).status).toBe(202);
});

test("any v1 of stripe may fit", async () => {
  const { url } = await listen(configOf("stripe"));
  const signature = `t=${seconds},v1=${"0".repeat(64)},v1=${hex(`${seconds}.${body}`)}`;
  expect((await post(url, body, { "stripe-signature": signature })).status).toBe(202);
});

describe("a body", () => {
  test("larger than the limit is 413, announced or in chunks, and never cut short", async () => {
    const { url, accepted } = await listen({ verify: "none", maxBodyBytes: 100 });
    const large = JSON.stringify({ content: "x".repeat(200), sender: "alice" });
    expect((await post(url, large)).status).toBe(413);
    expect(await chunked(url, large)).toBe(413);
    expect(accepted).toEqual([]);
  });

  test("announced as larger is 413 before a byte of it is sent", async () => {
    const { port, turnedAway } = await listen({ ...configOf("standard"), maxBodyBytes: 100 });
    const answer = await raw(port, "content-type: application/json\r\ncontent-length: 101\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(turnedAway).toEqual(["its body is larger than maxBodyBytes = 100"]);
  });

  test.each([
    ["two lengths", "content-length: 29\r\ncontent-length: 30\r\n"],
    ["a length and chunks", "content-length: 29\r\ntransfer-encoding: chunked\r\n"],
    ["a length that is no number", "content-length: 2x\r\n"],
  ])("that contradicts itself (%s) never gets this far", async (_name, headers) => {
    const { port, accepted, turnedAway } = await listen({ verify: "none" });
    const answer = await raw(port, `content-type: application/json\r\n${headers}\r\n${body}`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect([accepted, turnedAway]).toEqual([[], []]);
  });

  test("that goes on behind its length is no message", async () => {
    const { port, accepted } = await listen(configOf("hmac-sha256"));
    const headers = `content-type: application/json\r\nx-webhook-signature: ${hex(body)}\r\n`;
    const answer = await raw(port, `${headers}content-length: ${body.length - 1}\r\n\r\n${body}`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(accepted).toEqual([]);
  });

  test.each([
    [256, 202],
    [257, 400],
    [100_000, 400],
  ])("with data of %i levels: %i", async (levels, status) => {
    const { url } = await listen({ verify: "none" });
    const data = "[".repeat(levels) + "]".repeat(levels);
    expect((await post(url, `{"content":"x","sender":"a","data":${data}}`)).status).toBe(status);
  });

  test("of exactly the limit is taken, announced or in chunks", async () => {
    const { url, accepted } = await listen({ verify: "none", maxBodyBytes: body.length });
    expect((await post(url, body)).status).toBe(202);
    expect(await chunked(url, body)).toBe(202);
    expect(accepted).toHaveLength(2);
  });

  test.each([
    ["is not JSON", "{"],
    ["is no object", "42"],
    ["lacks its sender", '{"content":"x"}'],
    ["has an empty sender", '{"content":"x","sender":""}'],
    ["has a number as content", '{"content":1,"sender":"a"}'],
    ["has something behind it", `${body} x`],
  ])("that %s is 400", async (_name, text) => {
    const { url, accepted } = await listen({ verify: "none" });
    expect((await post(url, text)).status).toBe(400);
    expect(accepted).toEqual([]);
  });

  test("that is not UTF-8 is 400", async () => {
    const { url } = await listen({ verify: "none" });
    const bytes = new Uint8Array([...Buffer.from('{"content":"'), 0xff, ...Buffer.from('","sender":"a"}')]);
    expect((await post(url, bytes)).status).toBe(400);
  });

  test("is verified over its exact bytes, whatever its keys, numbers and blanks", async () => {
    const { url, accepted } = await listen(configOf("standard"));
    const text = ' {"sender":"alice", "data":{"b":1e308,"a":[1.0],"__proto__":{"x":1}},\n"content":"é"}';
    expect((await post(url, text, standard(text))).status).toBe(202);
    expect(JSON.stringify(accepted[0]?.data)).toBe('{"b":1e+308,"a":[1],"__proto__":{"x":1}}');
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  test.each([
    [{ "content-type": "text/plain" }],
    [{ "content-type": "application/json; charset=latin1" }],
    [{ "content-encoding": "gzip" }],
  ])("with %j is 415, and 401 where it is not signed", async (headers) => {
    const { url } = await listen(configOf("standard"));
    expect((await post(url, body, { ...standard(body), ...headers })).status).toBe(415);
    expect((await post(url, body, headers)).status).toBe(401);
  });

  test.each([
    "application/json; charset=utf-8",
    "application/problem+json",
    'Application/JSON;charset="UTF-8"',
  ])("of type %s is JSON", async (type) => {
    const { url } = await listen({ verify: "none" });
    expect((await post(url, body, { "content-type": type })).status).toBe(202);
  });
});

describe("a header that comes twice", () => {
  const twice = (url: string, headers: Record<string, string>, name: string) =>
    postRaw(url, body, { ...headers, [name]: [headers[name] ?? "", headers[name] ?? ""] });

  test.each(
    Object.entries(schemes).flatMap(([scheme, sign]) =>
      Object.keys(sign(body)).map((name) => [scheme, name]),
    ),
  )("does not verify: %s, %s", async (scheme = "", name = "") => {
    const { url, accepted } = await listen(configOf(scheme));
    expect(await twice(url, schemes[scheme]?.(body) ?? {}, name)).toBe(401);
    expect(accepted).toEqual([]);
  });

  test("does not verify with one good copy, in either place", async () => {
    const { url } = await listen(configOf("standard"));
    const headers = standard(body);
    const good = headers["webhook-signature"] ?? "";
    const bad = `v1,${Buffer.alloc(32, 1).toString("base64")}`;
    for (const copies of [
      [good, bad],
      [bad, good],
    ]) {
      expect(await postRaw(url, body, { ...headers, "webhook-signature": copies })).toBe(401);
    }
  });

  test("does not verify where a copy of stripe's only adds a signature", async () => {
    const { url } = await listen(configOf("stripe"));
    const copies = [`t=${seconds},v1=${"0".repeat(64)}`, `v1=${hex(`${seconds}.${body}`)}`];
    expect(await postRaw(url, body, { "stripe-signature": copies })).toBe(401);
  });
});

test.each(["GET", "PUT", "DELETE"])("%s is 405", async (method) => {
  const { url } = await listen({ verify: "none" });
  const response = await fetch(url, { method, headers: { connection: "close" } });
  expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
});

describe("the id of a message", () => {
  const remoteIdOf = async (config: ConfigInput, text: string, headers: Record<string, string>) => {
    const { url, accepted } = await listen(config);
    expect((await post(url, text, headers)).status).toBe(202);
    return accepted[0]?.remoteId;
  };
  const withId = JSON.stringify({ content: "hello", sender: "alice", id: "a.b.c" });

  test("is the body's own", async () => {
    expect(await remoteIdOf(configOf("standard"), withId, standard(withId))).toBe("a.b.c");
  });
  test("is the one that it is signed with, dots and all", async () => {
    expect(await remoteIdOf(configOf("standard"), body, standard(body, seconds, "x.y.z"))).toBe("x.y.z");
  });
  test("is made of the bytes where the signature covers neither id nor time", async () => {
    const ids = await Promise.all(
      ["hmac-sha256", "github"].map((scheme) =>
        remoteIdOf(configOf(scheme), body, schemes[scheme]?.(body) ?? {}),
      ),
    );
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^sha256:[\da-f]{64}$/);
  });
  test("is none where anybody may speak", async () => {
    expect(await remoteIdOf({ verify: "none" }, body, {})).toBeUndefined();
  });
});

describe("receiveFormat", () => {
  const read = async (config: ConfigInput, payload: object, headers: Record<string, string> = {}) => {
    const { url, accepted } = await listen({ verify: "none", ...config });
    const answer = await post(url, JSON.stringify(payload), headers);
    return { ...answer, draft: accepted[0] };
  };

  test("zeroclaw goes with the format of that name", async () => {
    const config = { format: "zeroclaw", sendUrl: "http://localhost/" } as const;
    const { draft } = await read(config, { content: "x", sender: "a", thread_id: "t" });
    expect(draft).toMatchObject({ content: "x", sender: "a", threadId: "t" });
  });
  test("github has a thread for each issue", async () => {
    const payload = {
      action: "created",
      sender: { login: "octocat" },
      repository: { full_name: "o/r" },
      issue: { number: 7, title: "Broken", body: "all of it" },
      comment: { body: "still" },
    };
    const { draft } = await read({ receiveFormat: "github" }, payload, { "x-github-event": "issue_comment" });
    expect(draft).toEqual({
      sender: "octocat",
      threadId: "o/r#7",
      content: "issue_comment created: Broken\nstill",
      data: payload,
    });
  });
  test("slack has its challenge answered, and knows its own bots", async () => {
    const { answer } = await read({ receiveFormat: "slack" }, { type: "url_verification", challenge: "abc" });
    expect(answer).toBe("abc");
    const event = { type: "message", bot_id: "B1", text: "hi", channel: "C1", thread_ts: "1.2" };
    const { draft } = await read({ receiveFormat: "slack" }, { event_id: "Ev1", event });
    expect(draft).toMatchObject({ isOwn: true, threadId: "1.2", remoteId: "Ev1", content: "hi" });
  });
  test("slack has its challenge answered only where it is signed", async () => {
    const { url } = await listen({ ...configOf("slack"), receiveFormat: "slack" });
    const challenge = JSON.stringify({ type: "url_verification", challenge: "abc" });
    expect((await post(url, challenge)).status).toBe(401);
    expect(await post(url, challenge, schemes.slack?.(challenge))).toEqual({ status: 200, answer: "abc" });
  });
  test("slack has a person's message, in its channel where there is no thread", async () => {
    const event = { type: "message", subtype: "file_share", user: "U1", text: "hi", channel: "C1" };
    const { draft } = await read({ receiveFormat: "slack" }, { event_id: "Ev1", event });
    expect(draft).toEqual({
      sender: "U1",
      threadId: "C1",
      remoteId: "Ev1",
      content: "hi",
      data: { event_id: "Ev1", event },
    });
  });
  test.each([
    ["an edit, be it our own", { type: "message", subtype: "message_changed", message: { bot_id: "B1" } }],
    ["a deletion", { type: "message", subtype: "message_deleted", channel: "C1" }],
    ["a reaction", { type: "reaction_added", user: "U1" }],
  ])("slack has %s acknowledged, and no message made of it", async (_name, event) => {
    const { url, accepted, turnedAway } = await listen({ verify: "none", receiveFormat: "slack" });
    const { status, answer } = await post(url, JSON.stringify({ event_id: "Ev1", event }));
    expect([status, answer]).toEqual([202, '{"ignored":true}']);
    expect([accepted, turnedAway]).toEqual([[], ["its event is no message"]]);
  });
  test("stripe has the event's type as text", async () => {
    const { draft } = await read({ receiveFormat: "stripe" }, { id: "evt_1", type: "charge.failed" });
    expect(draft).toMatchObject({ sender: "stripe", content: "charge.failed", remoteId: "evt_1" });
  });
  test("json takes anything", async () => {
    const { draft } = await read({ receiveFormat: "json" }, [1, 2]);
    expect(draft).toMatchObject({ sender: "webhook.ops", content: "[1,2]", data: [1, 2] });
  });
});

describe("what became of it is the answer", () => {
  test.each<[Received, number]>([
    [{ outcome: "duplicate", id: "inb_1", state: "handled" }, 202],
    [{ outcome: "conflict", id: "inb_1" }, 409],
    [{ outcome: "rate_limited", retryAfterMs: 1500 }, 429],
    [{ outcome: "unstorable", problem: "its text" }, 422],
    [{ outcome: "accepted", id: "inb_1", state: "refused" }, 403],
  ])("%j: %i", async (received, status) => {
    const { url } = await listen({ verify: "none" }, () => received);
    expect((await post(url, body)).status).toBe(status);
  });
});

test("what the store could not keep is for the gateway to answer", async () => {
  const { channel } = await openChannel(webhook, "ops", { verify: "none" });
  const error = new StoreError("STORE_FAILED", "the disk is full");
  const sink = { accept: () => Promise.reject(error), turnedAway: () => undefined };
  const request = new Request("http://localhost/", { method: "POST", body, headers: json });
  await expect(channel.handle?.(request, sink)).rejects.toBe(error);
});

test("the reason for turning something away has no word of its content", async () => {
  const { url, turnedAway } = await listen({ verify: "none" });
  for (const text of ['{"sender":"hunter22","content":["hunter22"]}', '{"hunter22":', '"hunter22"']) {
    expect((await post(url, text)).status).toBe(400);
  }
  expect(turnedAway).toHaveLength(3);
  expect(turnedAway.join()).not.toContain("hunter22");
});

test("a body that is shorter than it was announced is no message", async () => {
  const { port, accepted } = await listen({ verify: "none" });
  const socket = createConnection(port, "127.0.0.1");
  socket.end(
    `POST /webhook/ops HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n${body}`,
  );
  await new Promise((resolve) => socket.on("close", resolve).on("error", resolve).resume());
  expect(accepted).toEqual([]);
});

test("a channel that only takes requests says so when it is to send", async () => {
  const { channel } = await openChannel(webhook, "ops", { verify: "none" });
  expect(channel.capabilities.members).toEqual(["handle"]);
  const message = { id: "msg_1", idempotencyKey: "msg_1", createdAt: 0, content: "x" };
  await expect(channel.deliver(message, { number: 1, maybeArrived: false })).rejects.toMatchObject({
    kind: "blocked",
  });
});

test("a channel without verify takes no requests", async () => {
  const { channel, listenPath } = await openChannel(webhook, "ops", { sendUrl: "https://example.com/" });
  expect([channel.handle, listenPath, channel.capabilities.members]).toEqual([
    undefined,
    undefined,
    ["probe"],
  ]);
  await channel.close?.();
});

describe("the configuration", () => {
  const problemOf = (config: Record<string, unknown>) => {
    const { issues = [] } = webhook.config.safeParse(config).error ?? {};
    return issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n");
  };

  test.each([
    [{}, "sendUrl: is missing"],
    [{ verify: "standard" }, 'verifySecret: is missing: verify = "standard" needs it'],
    [{ verify: "github", secret: testSecret }, 'verifySecret: is missing: verify = "github" needs it'],
    [{ verify: "sha1", verifySecret: plainSecret }, "verify: Invalid option"],
    [{ verify: "slack", verifySecret: "short" }, "verifySecret: is too short"],
    [{ verify: "standard", verifySecret: plainSecret }, "verifySecret: must begin with"],
    [{ verify: "standard", verifySecret: "whpk_short" }, 'verifySecret: must be "whpk_"'],
    [{ verify: "none", verifySecret: plainSecret }, "verifySecret: verifies nothing"],
    [{ sendUrl: "https://example.com", listenPath: "/x" }, "verify: is missing: listenPath is for requests"],
    [
      { sendUrl: "https://example.com", previousVerifySecrets: [plainSecret] },
      "verify: is missing: previousVerifySecrets is for requests",
    ],
    [
      { verify: "none", previousVerifySecrets: [plainSecret] },
      "previousVerifySecrets: verifies nothing with",
    ],
    [{ verify: "none", listenPath: "/a/../b" }, 'listenPath: must not have "." or ".."'],
    [{ verify: "none", listenPath: "/a/." }, 'listenPath: must not have "." or ".."'],
    [{ verify: "none", listenPath: "x" }, "listenPath: must begin with"],
    [{ verify: "none", listenPath: "/api/v1/x" }, "listenPath: is a path of the gateway itself"],
    [{ verify: "none", listenPath: "/a?b" }, "listenPath: must be names"],
  ])("%j is refused", (config, problem) => {
    expect(problemOf(config)).toContain(problem);
  });

  test("standard verifies with the channel's own secret", () => {
    expect(problemOf({ sendUrl: "https://example.com", verify: "standard", secret: testSecret })).toBe("");
  });
});

/** What a server answers to a POST that is written by hand. */
function raw(port: number, rest: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, "127.0.0.1");
    socket.once("data", (bytes) => {
      socket.destroy();
      resolve(bytes.toString());
    });
    socket.on("error", reject);
    socket.write(`POST /webhook/ops HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${rest}`);
  });
}

/** Sends headers as they are, several of one name one by one; fetch joins them. */
function postRaw(url: string, text: string, headers: Record<string, string | string[]>): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: "POST", headers: { ...json, ...headers } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on("error", reject);
    request.end(text);
  });
}

/** Sends a body in chunks, with no length announced. */
function chunked(url: string, text: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: "POST", headers: json }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on("error", reject);
    for (let from = 0; from < text.length; from += 20) request.write(text.slice(from, from + 20));
    request.end();
  });
}
