import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { createCountingServer } from "./counting-server.ts";

const answer = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"ok":true}';
const request = (body: string) => `POST / HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

async function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  await once(socket, "connect");
  return socket;
}

async function read(socket: Socket, length: number): Promise<string> {
  let text = "";
  while (text.length < length) text += (await once(socket, "data"))[0];
  return text;
}

test("a request is answered and counted with the bytes of its body", async () => {
  await using server = await createCountingServer();
  const socket = await open(server.url);
  socket.write(request("hello"));
  expect(await read(socket, answer.length)).toBe(answer);
  expect(server.counts()).toEqual({ requests: 1, bodyBytes: 5 });
});

test("two requests in one piece are two", async () => {
  await using server = await createCountingServer();
  const socket = await open(server.url);
  socket.write(request("hello") + request("you"));
  expect(await read(socket, 2 * answer.length)).toBe(answer + answer);
  expect(server.counts()).toEqual({ requests: 2, bodyBytes: 8 });
});

test("a request in two pieces is one, and counts when it is whole", async () => {
  await using server = await createCountingServer();
  const [first, second] = [await open(server.url), await open(server.url)];
  first.write(request("hello").slice(0, -2));
  // Its answer shows that the server has had the time to read the first one's piece.
  second.write(request(""));
  await read(second, answer.length);
  expect(server.counts()).toEqual({ requests: 1, bodyBytes: 0 });
  first.write("lo");
  await read(first, answer.length);
  expect(server.counts()).toEqual({ requests: 2, bodyBytes: 5 });
});

test("a request without a length ends the connection instead of being counted wrong", async () => {
  await using server = await createCountingServer();
  const socket = await open(server.url);
  socket.write("POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n");
  await once(socket.resume(), "close");
  expect(server.counts()).toEqual({ requests: 0, bodyBytes: 0 });
});
