import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Deployment, loadConfig } from "@jackfield/config";
import type { InboundSink, OpenChannel, Store } from "@jackfield/core";
import { defineChannel, ListenerError, receiveFields, retryFields, StoreError } from "@jackfield/core";
import { createMemoryStore, createReceiver } from "@jackfield/testkit";
import { webhook } from "@jackfield/webhook";
import { afterEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { type Gateway, openGateway } from "./gateway.ts";
import type { GatewayEvent } from "./gateway-event.ts";

/** Sinks of the channels that keep a connection of their own, by channel. */
const sinks = new Map<string, InboundSink>();
const closed: string[] = [];

const radio = defineChannel({
  contract: 1,
  type: "radio",
  description: "Keeps a connection of its own.",
  config: z.strictObject({ ...retryFields, ...receiveFields, credential: z.string().optional() }),
  capabilities: { carries: ["recipient"], members: ["receive"] },
  create: ({ credential }, { id }): OpenChannel["channel"] => ({
    id,
    capabilities: radio.capabilities,
    deliver: async () => ({}),
    async receive(sink, signal) {
      if (credential === undefined) throw new ListenerError("credential is missing: set it");
      sinks.set(id, sink);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    },
    async close() {
      closed.push(id);
    },
  }),
});

interface World {
  readonly gateway: Gateway;
  readonly store: Store;
  readonly events: GatewayEvent[];
  readonly directory: string;
  url(path: string): string;
  deployment(toml: string): Promise<Deployment>;
  stop(): Promise<void>;
}

const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
  closed.splice(0);
});

const echo = 'export const agent = ({ content }) => "You said: " + content;';
const base = '[gateway]\nport = 0\n[agent]\nmodule = "./agent.mjs"\n';

async function start(toml: string, store: Store = createMemoryStore()): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), "jackfield-gateway-"));
  ending.push(async () => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "agent.mjs"), echo);
  const path = join(directory, "jackfield.toml");
  const deployment = async (text: string) => {
    writeFileSync(path, `version = 1\n${text}`);
    return (await loadConfig({ path, types: [webhook, radio], env: {} })).deployment;
  };
  const events: GatewayEvent[] = [];
  const onEvent = (event: GatewayEvent) => void events.push(event);
  const gateway = await openGateway({ deployment: await deployment(toml), directory, store, onEvent });
  const stopping = new AbortController();
  const ended = gateway.run(stopping.signal);
  const stop = async () => {
    stopping.abort();
    await ended;
  };
  ending.push(stop);
  await expect.poll(() => events.some(({ type }) => type === "dispatching")).toBe(true);
  const url = (at: string) => `${gateway.address?.url}${at}`;
  return { gateway, store, events, directory, url, deployment, stop };
}

async function post(url: string, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", connection: "close", ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    answer: text === "" ? undefined : JSON.parse(text),
    headers: response.headers,
  };
}

async function get(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers: { connection: "close", ...headers } });
  return { status: response.status, text: await response.text() };
}

const box = (name: string, url: string, more = "") =>
  `[channels.webhook.${name}]\nsendUrl = "${url}"\nallowPrivateNetwork = true\nverify = "none"\n${more}\n`;

describe("a message", () => {
  test("is stored, answered and delivered", async () => {
    await using receiver = await createReceiver();
    const world = await start(base + box("ops", receiver.url));
    const { status, answer } = await post(world.url("/webhook/ops"), { content: "hello", sender: "alice" });
    expect(status).toBe(202);
    const { body } = await receiver.nextRequest();
    expect(JSON.parse(String(body))).toEqual({ content: "You said: hello", recipient: "alice" });
    expect((await world.store.inbox.get(answer.id))?.state).toBe("handled");
  });

  test("that comes twice at once is kept once", async () => {
    await using receiver = await createReceiver();
    const world = await start(base + box("ops", receiver.url));
    const message = { content: "hello", sender: "alice", id: "1" };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post(world.url("/webhook/ops"), message)),
    );
    expect(answers.filter(({ answer }) => answer.duplicate !== true)).toHaveLength(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect((await post(world.url("/webhook/ops"), { ...message, content: "other" })).status).toBe(409);
  });

  test("of two channels side by side never crosses over", async () => {
    await using a = await createReceiver();
    await using b = await createReceiver();
    const world = await start(base + box("a", a.url) + box("b", b.url));
    const send = (alias: string, number: number) =>
      post(world.url(`/webhook/${alias}`), {
        content: alias,
        sender: "alice",
        id: String(number),
        threadId: String(number),
      });
    await Promise.all(
      Array.from({ length: 40 }, (_, number) => send(number % 2 === 0 ? "a" : "b", number >> 1)),
    );
    await expect.poll(() => [a.requests.length, b.requests.length], { timeout: 10_000 }).toEqual([20, 20]);
    const contents = (receiver: typeof a) =>
      new Set(receiver.requests.map(({ body }) => JSON.parse(String(body)).content));
    expect([contents(a), contents(b)]).toEqual([new Set(["You said: a"]), new Set(["You said: b"])]);
  });

  test("in a thread that is too fast is 429, with the time to wait", async () => {
    await using receiver = await createReceiver();
    const world = await start(base + box("ops", receiver.url, "threadRateLimit = 2"));
    const send = () => post(world.url("/webhook/ops"), { content: "x", sender: "alice", threadId: "t" });
    expect([(await send()).status, (await send()).status]).toEqual([202, 202]);
    const third = await send();
    expect(third.status).toBe(429);
    expect(Number(third.headers.get("retry-after"))).toBeGreaterThan(8);
  });

  test("of a sender who may not speak is refused, on record, and never answered", async () => {
    await using receiver = await createReceiver();
    const world = await start(base + box("ops", receiver.url, 'allowSenders = ["alice"]'));
    expect((await post(world.url("/webhook/ops"), { content: "x", sender: "mallory" })).status).toBe(403);
    const { entries } = await world.store.threads.timeline("webhook.ops/@mallory", { limit: 9 });
    expect(entries).toMatchObject([
      { type: "inbound", state: "refused", reason: expect.stringContaining("allowSenders") },
    ]);
    expect(world.events).toContainEqual(
      expect.objectContaining({ type: "received", refusal: expect.any(String) }),
    );
  });

  test("that cannot be stored is 503, and says no more", async () => {
    await using receiver = await createReceiver();
    const store = createMemoryStore();
    const inbox = new Proxy(store.inbox, {
      get: (target, key) =>
        key === "accept"
          ? () => Promise.reject(new StoreError("STORE_FULL", "the disk is full"))
          : Reflect.get(target, key).bind(target),
    });
    const world = await start(base + box("ops", receiver.url), { ...store, inbox });
    const { status, answer, headers } = await post(world.url("/webhook/ops"), {
      content: "x",
      sender: "alice",
    });
    expect([status, answer, headers.get("retry-after")]).toEqual([503, { error: "not stored" }, "1"]);
  });
});

describe("the server", () => {
  const ask = (world: World, lines: readonly string[]) =>
    new Promise<string>((resolve, reject) => {
      const socket = createConnection(Number(new URL(world.url("/")).port), "127.0.0.1", () =>
        socket.write(lines.join("\r\n")),
      );
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk;
      });
      socket.on("close", () => resolve(text)).on("error", reject);
      setTimeout(() => socket.destroy(), 1500);
    });

  test("refuses Content-Length beside Transfer-Encoding", async () => {
    await using receiver = await createReceiver();
    const world = await start(base + box("ops", receiver.url));
    const head = ["POST /webhook/ops HTTP/1.1", "host: x", "content-type: application/json"];
    const answer = await ask(world, [
      ...head,
      "content-length: 5",
      "transfer-encoding: chunked",
      "",
      "0",
      "",
      "",
    ]);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  test("answers 404 with nothing for a path that it does not know", async () => {
    const world = await start(base);
    expect(await get(world.url("/webhook/ops"))).toEqual({ status: 404, text: "" });
  });

  test("lives, and is ready with what it found", async () => {
    await using receiver = await createReceiver();
    const world = await start(base + box("ops", receiver.url));
    expect(await get(world.url("/health"))).toEqual({ status: 200, text: '{"status":"ok"}' });
    const { status, text } = await get(world.url("/ready"));
    expect([status, JSON.parse(text)]).toMatchObject([
      200,
      {
        status: "ready",
        store: { ok: true },
        channels: [{ id: "webhook.ops", ok: true }],
        listeners: [{ id: "http", state: "up" }],
      },
    ]);
  });

  test("is not ready where a channel's other side is not there", async () => {
    const world = await start(base + box("ops", "http://127.0.0.1:1/"));
    expect((await get(world.url("/ready"))).status).toBe(503);
  });

  test("shows its metrics", async () => {
    await using receiver = await createReceiver();
    const world = await start(base + box("ops", receiver.url));
    await post(world.url("/webhook/ops"), { content: "x", sender: "alice" });
    const { text } = await get(world.url("/metrics"));
    expect(text).toContain('jackfield_inbound_total{channel="webhook.ops",outcome="waiting"} 1');
  });

  test("is parked where its port is taken, and deliveries go on", async () => {
    await using receiver = await createReceiver();
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as { port: number };
    const world = await start(base.replace("port = 0", `port = ${port}`) + box("ops", receiver.url));
    await expect.poll(() => world.events.filter(({ type }) => type === "listener_parked")).toHaveLength(1);
    taken.close();
    await world.gateway.reload(
      await world.deployment(base.replace("port = 0", `port = ${port}`) + box("ops", receiver.url)),
    );
    await expect.poll(() => world.gateway.address?.port).toBe(port);
  });
});

describe("the API", () => {
  test("sends, lists and shows", async () => {
    await using receiver = await createReceiver();
    const world = await start(base + box("ops", receiver.url));
    const sent = await post(world.url("/api/v1/messages"), { channel: "webhook.ops", content: "hello" });
    expect([sent.status, sent.answer.duplicate]).toEqual([202, false]);
    await receiver.nextRequest();
    const id = sent.answer.id;
    await expect
      .poll(async () => JSON.parse((await get(world.url(`/api/v1/deliveries/${id}`))).text).state)
      .toBe("delivered");
    const { deliveries } = JSON.parse((await get(world.url("/api/v1/deliveries?state=delivered,dead"))).text);
    expect(deliveries).toMatchObject([{ id, createdAt: expect.stringMatching(/^\d{4}-.*Z$/) }]);
  });

  test.each([
    [{ channel: "webhook.ops" }, 400, "BAD_REQUEST"],
    [{ channel: "webhook.no", content: "x" }, 404, "CHANNEL_UNKNOWN"],
    [{ channel: "webhook.ops", content: "x", idempotencyKey: "msg_x" }, 422, "IDEMPOTENCY_KEY_RESERVED"],
    [{ channel: "webhook.ops", content: "x", colour: "red" }, 400, "BAD_REQUEST"],
  ])("refuses %j with %i", async (body, status, code) => {
    await using receiver = await createReceiver();
    const world = await start(base + box("ops", receiver.url));
    const refused = await post(world.url("/api/v1/messages"), body);
    expect([refused.status, refused.answer.error.code]).toEqual([status, code]);
  });

  test("describes itself, every path of it", async () => {
    const world = await start(base);
    const document = JSON.parse((await get(world.url("/api/v1/openapi.json"))).text);
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths)).toContain("/api/v1/deliveries/{id}");
    expect(Object.keys(document.paths)).toHaveLength(12);
  });

  test("asks for a token where there is one, and lets the read-only one only read", async () => {
    const tokens = 'token = "tok-aaaaaaaaaaaaaaaa"\nreadOnlyToken = "tok-bbbbbbbbbbbbbbbb"\n';
    const world = await start(base.replace("port = 0\n", `port = 0\n${tokens}`));
    const url = world.url("/api/v1/deliveries");
    const as = (token: string) => ({ authorization: `Bearer ${token}` });
    const write = (token: string) => post(world.url("/api/v1/inbound/resume"), { ids: ["inb_1"] }, as(token));
    expect((await get(url)).status).toBe(401);
    expect((await get(url, as("tok-cccccccccccccccc"))).status).toBe(401);
    expect((await get(url, as("tok-bbbbbbbbbbbbbbbb"))).status).toBe(200);
    expect((await write("tok-bbbbbbbbbbbbbbbb")).status).toBe(403);
    expect((await write("tok-aaaaaaaaaaaaaaaa")).status).toBe(200);
    expect((await get(world.url("/metrics"))).status).toBe(401);
    expect(JSON.parse((await get(world.url("/ready"))).text).store).toBeUndefined();
  });

  test("is closed to a browser's pages from elsewhere", async () => {
    const world = await start(base);
    const url = world.url("/api/v1/deliveries");
    expect((await get(url, { origin: "https://evil.example" })).status).toBe(401);
    expect((await get(url, { origin: new URL(url).origin })).status).toBe(200);
  });
});

describe("a reload", () => {
  test("leaves alone what is the same, lets go what is gone, and takes in what is new", async () => {
    await using receiver = await createReceiver();
    const one = (credential: string) => `[channels.radio.one]\ncredential = "${credential}"\n`;
    const world = await start(base + one("a") + box("ops", receiver.url));
    await expect.poll(() => sinks.has("radio.one")).toBe(true);
    const next = base + one("a") + box("new", receiver.url);
    const changes = await world.gateway.reload(await world.deployment(next));
    expect(changes).toMatchObject({
      added: ["webhook.new"],
      removed: ["webhook.ops"],
      changed: [],
      agent: false,
      server: false,
    });
    expect(closed).toEqual([]);
    expect((await get(world.url("/webhook/ops"))).status).toBe(404);
    expect((await post(world.url("/webhook/new"), { content: "x", sender: "alice" })).status).toBe(202);
    await receiver.nextRequest();
    await world.gateway.reload(await world.deployment(base + one("b") + box("new", receiver.url)));
    expect(closed).toEqual(["radio.one"]);
  });

  test("that cannot be taken into force changes nothing", async () => {
    await using receiver = await createReceiver();
    const world = await start(base + box("ops", receiver.url));
    writeFileSync(join(world.directory, "agent.mjs"), "export const = 1");
    await expect(world.gateway.reload(await world.deployment(base))).rejects.toMatchObject({
      code: "AGENT_INVALID",
    });
    expect((await post(world.url("/webhook/ops"), { content: "x", sender: "alice" })).status).toBe(202);
    expect(JSON.parse(String((await receiver.nextRequest()).body)).content).toBe("You said: x");
  });

  test("has the agent of the changed file answer from then on", async () => {
    await using receiver = await createReceiver();
    const world = await start(base + box("ops", receiver.url));
    writeFileSync(join(world.directory, "agent.mjs"), 'export const agent = () => "another one";');
    expect((await world.gateway.reload(await world.deployment(base + box("ops", receiver.url)))).agent).toBe(
      true,
    );
    await post(world.url("/webhook/ops"), { content: "x", sender: "alice" });
    expect(JSON.parse(String((await receiver.nextRequest()).body)).content).toBe("another one");
  });
});

test("a listener without its credential is parked, and the others work", async () => {
  const world = await start(`${base}[channels.radio.one]\n`);
  await expect.poll(() => world.events.filter(({ type }) => type === "listener_parked")).toHaveLength(1);
  expect((await get(world.url("/health"))).status).toBe(200);
});

test("a stop closes what was opened", async () => {
  const world = await start(`${base}[channels.radio.one]\ncredential = "a"\n`);
  await world.stop();
  expect(closed).toEqual(["radio.one"]);
  expect(world.gateway.address).toBeUndefined();
});
