import { once } from "node:events";
import type { Server, Socket } from "node:net";

/** One accepted TCP connection. */
export interface Connection {
  /** Aborted when the connection is closed. */
  readonly signal: AbortSignal;
  /** Ends it with RST instead of FIN. */
  reset(): void;
}

/** A listening server that knows its sockets, so that it can count them and be rid of them at once. */
export interface LoopbackServer {
  readonly port: number;
  /** Sockets accepted so far. */
  readonly connections: number;
  /** Sockets open now. */
  readonly openSockets: number;
  /** The connection below `socket`, which may be a TLS socket; nothing when its peer has gone. */
  connectionOf(socket: Socket): Connection | undefined;
  /** Stops listening and destroys every socket; resolves when all of them are closed. Idempotent. */
  close(): Promise<void>;
}

/** Lets `server` listen on a free port of 127.0.0.1. */
export async function listenOnLoopback(server: Server): Promise<LoopbackServer> {
  const open = new Map<Socket, Connection>();
  let connections = 0;
  let closing: Promise<void> | undefined;

  server.on("connection", (socket: Socket) => {
    connections += 1;
    const closed = new AbortController();
    open.set(socket, { signal: closed.signal, reset: () => socket.resetAndDestroy() });
    socket.once("close", () => {
      open.delete(socket);
      closed.abort();
    });
  });

  async function shutDown(): Promise<void> {
    const serverClosed = once(server, "close");
    server.close();
    // A server says that it is closed before the last of its sockets does.
    const socketsClosed = [...open.keys()].map(
      (socket) => new Promise((resolve) => socket.once("close", resolve)),
    );
    for (const socket of open.keys()) socket.destroy();
    await Promise.all([serverClosed, ...socketsClosed]);
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: portOf(server),
    get connections() {
      return connections;
    },
    get openSockets() {
      return open.size;
    },
    connectionOf(socket) {
      const { remotePort } = socket;
      if (open.has(socket) || remotePort === undefined) return open.get(socket);
      // A TLS socket wraps the accepted one, and what the two share is the port of the peer.
      for (const [accepted, connection] of open) {
        if (accepted.remotePort === remotePort) return connection;
      }
      return undefined;
    },
    close() {
      closing ??= shutDown();
      return closing;
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new TypeError(`A server on 127.0.0.1 has a port, and this one reports its address as ${address}.`);
  }
  return address.port;
}
