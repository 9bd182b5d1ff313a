import { createServer } from "node:net";
import { listenOnLoopback } from "./loopback-server.ts";

/** A TCP server that accepts, reads, and never answers: no TLS handshake, no HTTP. */
export interface Tarpit extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/hook`, where no answer comes. */
  readonly url: string;
  /** `https://127.0.0.1:PORT/hook`, where the handshake never gets an answer. */
  readonly tlsUrl: string;
  /** Sockets accepted so far. */
  readonly connections: number;
  /** Sockets open now. */
  readonly openSockets: number;
  /** Stops listening and destroys every socket. Idempotent. */
  close(): Promise<void>;
}

/** Starts a tarpit on a free port of 127.0.0.1. */
export async function tarpit(): Promise<Tarpit> {
  const server = createServer((socket) => {
    // Read, so that a client that leaves is noticed; how it leaves, with FIN or RST, is its own affair.
    socket.resume();
    socket.on("error", () => socket.destroy());
  });
  const loopback = await listenOnLoopback(server);
  return {
    url: `http://127.0.0.1:${loopback.port}/hook`,
    tlsUrl: `https://127.0.0.1:${loopback.port}/hook`,
    get connections() {
      return loopback.connections;
    },
    get openSockets() {
      return loopback.openSockets;
    },
    close: loopback.close,
    [Symbol.asyncDispose]: loopback.close,
  };
}
