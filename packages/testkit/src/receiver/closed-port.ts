import { once } from "node:events";
import { connect, createServer } from "node:net";
import { listenOnLoopback } from "./loopback-server.ts";

/** An address where every connection is refused. */
export interface ClosedPort extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/hook` */
  readonly url: string;
  /** Gives the port back; from then on anything may listen there. Idempotent. */
  close(): Promise<void>;
}

/**
 * Finds a port that refuses connections, and keeps it so until `close()`: the port is the near end of a connection that
 * is held open, so no other process is given it, as could happen to one that was merely listened on and closed.
 */
export async function closedPort(): Promise<ClosedPort> {
  const server = createServer();
  const loopback = await listenOnLoopback(server);
  const holder = connect(loopback.port, "127.0.0.1");
  await Promise.all([once(holder, "connect"), once(server, "connection")]);

  async function close(): Promise<void> {
    holder.destroy();
    await loopback.close();
  }
  return {
    url: `http://127.0.0.1:${holder.localPort}/hook`,
    close,
    [Symbol.asyncDispose]: close,
  };
}
