import type { Socket } from "node:net";
import { gunzipSync } from "node:zlib";
import { errors, request } from "undici";
import { expect, test } from "vitest";
import { endlessBody, gzipBomb, hugeHeaders } from "./oversized.ts";
import { connectRaw, post } from "./raw-client.ts";
import { createReceiver } from "./receiver.ts";
import { withAgent } from "./with-agent.ts";

test("endlessBody sends for as long as the client reads", async () => {
  await using receiver = await createReceiver({ script: [endlessBody()] });
  await using agent = withAgent();
  const { body } = await request(receiver.url, { dispatcher: agent.dispatcher });
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > 8 * 1024 * 1024) break;
  }
  expect(length).toBeGreaterThan(8 * 1024 * 1024);
});

test("endlessBody waits for a client that does not read", async () => {
  const sockets: Socket[] = [];
  const endless = endlessBody();
  await using receiver = await createReceiver({
    script: [
      (exchange) => {
        sockets.push(exchange.socket);
        return endless(exchange);
      },
    ],
  });
  using client = connectRaw(receiver.url);
  client.socket.pause();
  client.socket.write(post("hi"));
  await receiver.nextRequest();
  // The buffers of the operating system are full when a write stays with the process.
  await expect.poll(() => sockets[0]?.writableNeedDrain, { interval: 1 }).toBe(true);
  expect(sockets[0]?.writableLength).toBeLessThan(128 * 1024);
});

test("endlessBody stops when the client leaves", async () => {
  await using receiver = await createReceiver({ script: [endlessBody()] });
  {
    using client = connectRaw(receiver.url, post("hi"));
    await client.until("....");
  }
  await expect.poll(() => receiver.openSockets, { interval: 1 }).toBe(0);
});

test("gzipBomb is a kilobyte a megabyte on the wire and a thousand times that inside", async () => {
  await using receiver = await createReceiver({ script: [gzipBomb({ megabytes: 4, status: 500 })] });
  await using agent = withAgent();
  const { statusCode, headers, body } = await request(receiver.url, { dispatcher: agent.dispatcher });
  const wire = Buffer.from(await body.arrayBuffer());
  expect(statusCode).toBe(500);
  expect(headers["content-encoding"]).toBe("gzip");
  expect(wire.length).toBeLessThan(5 * 1024);
  expect(gunzipSync(wire).equals(Buffer.alloc(4 * 1024 * 1024))).toBe(true);
});

test("gzipBomb refuses a part of a megabyte", () => {
  expect(() => gzipBomb({ megabytes: 1.5 })).toThrow(
    "A gzip bomb has 1 to 4095 whole megabytes, and this one has 1.5.",
  );
});

test("hugeHeaders is more than a client takes by default", async () => {
  await using receiver = await createReceiver({ script: [hugeHeaders()] });
  await using agent = withAgent();
  await expect(request(receiver.url, { dispatcher: agent.dispatcher })).rejects.toThrow(
    errors.HeadersOverflowError,
  );
});

test("hugeHeaders sends exactly as many bytes of values as it is told", async () => {
  await using receiver = await createReceiver({ script: [hugeHeaders({ bytes: 1_000_001 })] });
  await using agent = withAgent({ maxHeaderSize: 2 * 1024 * 1024 });
  const { headers } = await request(receiver.url, { dispatcher: agent.dispatcher });
  const values = [headers["x-filler"]].flat();
  expect(values.join("").length).toBe(1_000_001);
  expect(values).toHaveLength(977);
});
