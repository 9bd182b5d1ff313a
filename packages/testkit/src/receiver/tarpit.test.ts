import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { expect, test } from "vitest";
import { connectRaw, post } from "./raw-client.ts";
import { tarpit } from "./tarpit.ts";

test("a tarpit sends nothing for as long as the client stays", async () => {
  await using pit = await tarpit();
  using client = connectRaw(pit.url, post("hi"));
  client.socket.end();
  expect(await client.ending).toBe("closed");
  expect(client.received()).toBe("");
  expect(pit.connections).toBe(1);
});

test("a tarpit never answers a TLS handshake", async () => {
  const pit = await tarpit();
  const client = connectTls({ port: Number(new URL(pit.tlsUrl).port), host: "127.0.0.1" });
  const failed = expect(once(client, "secureConnect")).rejects.toMatchObject({ code: "ECONNRESET" });
  await expect.poll(() => pit.openSockets, { interval: 1 }).toBe(1);
  await pit.close();
  await failed;
});

test("a tarpit notices a client that resets", async () => {
  await using pit = await tarpit();
  using client = connectRaw(pit.url, post("hi"));
  await expect.poll(() => pit.openSockets, { interval: 1 }).toBe(1);
  client.socket.resetAndDestroy();
  await expect.poll(() => pit.openSockets, { interval: 1 }).toBe(0);
  expect(pit.connections).toBe(1);
});

test("closing a tarpit ends its connections", async () => {
  const pit = await tarpit();
  using client = connectRaw(pit.url);
  await expect.poll(() => pit.openSockets, { interval: 1 }).toBe(1);
  await pit.close();
  await pit.close();
  expect(await client.ending).toBe("closed");
  expect(pit.openSockets).toBe(0);
});
