import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** For the tests of this folder: a client that sees the bytes and how the connection ended, and knows nothing of HTTP. */
export interface RawClient extends Disposable {
  readonly socket: Socket;
  /** Everything received so far, a character a byte. */
  received(): string;
  /** Resolves when `text` has been received. */
  until(text: string): Promise<void>;
  /** How the server ended the connection: with FIN or with RST. */
  readonly ending: Promise<"closed" | "reset">;
}

export function connectRaw(url: string, firstBytes = ""): RawClient {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let received = "";
  socket.setEncoding("latin1");
  socket.on("data", (text) => {
    received += text;
  });
  const ending = new Promise<"closed" | "reset">((resolve, reject) => {
    socket.once("end", () => resolve("closed"));
    socket.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" ? resolve("reset") : reject(error),
    );
  });
  if (firstBytes !== "") socket.write(firstBytes);
  return {
    socket,
    received: () => received,
    async until(text) {
      while (!received.includes(text)) await once(socket, "data");
    },
    ending,
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

/** Sends the request and reads until the server ends the connection. */
export async function converse(url: string, request = post("hi")): Promise<{ text: string; ending: string }> {
  using client = connectRaw(url, request);
  const ending = await client.ending;
  return { text: client.received(), ending };
}

/** A POST whose answer ends the connection, unless the headers (`"name: value"`) say otherwise. */
export function post(body: string, ...headers: string[]): string {
  const all = ["host: test", `content-length: ${Buffer.byteLength(body)}`, ...headers];
  if (!headers.some((header) => header.startsWith("connection:"))) all.push("connection: close");
  return `POST /hook HTTP/1.1\r\n${all.join("\r\n")}\r\n\r\n${body}`;
}
