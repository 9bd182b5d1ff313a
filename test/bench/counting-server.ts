import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

const answerBody = '{"ok":true}';
const answer = Buffer.from(
  [
    "HTTP/1.1 200 OK",
    "content-type: application/json",
    `content-length: ${answerBody.length}`,
    "",
    answerBody,
  ].join("\r\n"),
);

const headEnd = Buffer.from("\r\n\r\n");

/** What has come in since the server was started. */
export interface Counts {
  readonly requests: number;
  readonly bodyBytes: number;
}

export interface CountingServer extends AsyncDisposable {
  readonly url: string;
  counts(): Counts;
}

/**
 * A plain server that cannot be the bottleneck: it answers each request with the same bytes and counts it by its
 * content-length. It knows no chunked bodies: a request without a length is answered by the end of the connection, so that
 * the client's error shows it.
 */
export async function createCountingServer(): Promise<CountingServer> {
  let requests = 0;
  let bodyBytes = 0;
  const sockets = new Set<Socket>();

  const server = createServer({ noDelay: true }, (socket) => {
    let pending: Buffer | undefined;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // A client that goes away in mid-request is no failure of the server; the counts show what came.
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      const bytes = pending ? Buffer.concat([pending, chunk]) : chunk;
      let at = 0;
      let complete = 0;
      while (at < bytes.length) {
        const end = bytes.indexOf(headEnd, at);
        if (end === -1) break;
        const length = contentLength(bytes.toString("latin1", at, end));
        if (length === undefined) {
          socket.destroy();
          return;
        }
        const next = end + headEnd.length + length;
        if (next > bytes.length) break;
        complete += 1;
        bodyBytes += length;
        at = next;
      }
      requests += complete;
      pending = at < bytes.length ? bytes.subarray(at) : undefined;
      if (complete === 1) socket.write(answer);
      else if (complete > 1) socket.write(Buffer.concat(Array(complete).fill(answer)));
    });
  });

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    counts: () => ({ requests, bodyBytes }),
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function contentLength(head: string): number | undefined {
  const value = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  return value === undefined ? undefined : Number(value);
}
