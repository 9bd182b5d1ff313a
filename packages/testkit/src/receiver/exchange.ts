import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Writable } from "node:stream";
import type { Connection } from "./loopback-server.ts";

/** A request that has arrived in full. */
export interface ReceivedRequest {
  /** 1 for the first request of this receiver, then 2, 3, ... */
  readonly number: number;
  readonly method: string;
  /** The request target as it was sent: path and query string. */
  readonly path: string;
  /** Names in lower case; a header that was sent several times has its values joined by `", "`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Name, value, name, value, ... with the case, the order and the repetitions of the wire. */
  readonly rawHeaders: readonly string[];
  /** The exact bytes, with a chunked framing removed and nothing else. */
  readonly body: Buffer;
  /** When the last byte of the body was there, in milliseconds since the Unix epoch. */
  readonly at: number;
}

/**
 * How one request is answered. The ready-made ones are functions of this module's neighbours (`status`, `drip`,
 * `resetInBody`, ...); any function of this shape will do.
 *
 * A behaviour may leave the request unanswered. It must settle once `exchange.signal` is aborted, which `sleep`,
 * `writeBody` and `writeRaw` see to by rejecting; whatever else it throws is a mistake in the test and comes back
 * from `receiver.close()`.
 */
export type Behaviour = (exchange: Exchange) => void | Promise<void>;

/** One request, and everything that can be done to the one who sent it. */
export interface Exchange {
  readonly request: ReceivedRequest;
  readonly response: ServerResponse;
  /** Below HTTP, above TLS: what is written here reaches the client as it is. */
  readonly socket: Socket;
  /** Aborted when the connection is closed, by either side. */
  readonly signal: AbortSignal;
  /** Rejects when the connection closes first. */
  sleep(ms: number): Promise<void>;
  /** Resolves when the operating system has taken the bytes; rejects when the connection closes first. */
  writeBody(bytes: Uint8Array): Promise<void>;
  /** As `writeBody`, but past HTTP: no framing is added. */
  writeRaw(bytes: Uint8Array | string): Promise<void>;
  /** Ends the TCP connection with RST instead of FIN. */
  reset(): void;
}

/** A wait that is over because the signal was aborted; it rejects with the reason of the signal. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<unknown>;

/** The connection closed while a behaviour was at work: the expected end of an endless one, and never an error. */
export class ConnectionClosedError extends Error {
  override readonly name = "ConnectionClosedError";
}

export function createExchange(
  request: ReceivedRequest,
  response: ServerResponse,
  socket: Socket,
  connection: Connection,
  sleep: Sleep,
): Exchange {
  const { signal } = connection;
  return {
    request,
    response,
    socket,
    signal,
    async sleep(ms) {
      try {
        await sleep(ms, signal);
      } catch (error) {
        throw signal.aborted ? new ConnectionClosedError("closed during a wait", { cause: error }) : error;
      }
    },
    writeBody: (bytes) => writeUnlessClosed(response, bytes, signal),
    writeRaw: (bytes) => writeUnlessClosed(socket, bytes, signal),
    reset: () => connection.reset(),
  };
}

function writeUnlessClosed(stream: Writable, bytes: Uint8Array | string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // A ServerResponse whose socket is gone drops the bytes and never calls back, so the signal has to be heard too.
    const abandon = () => reject(new ConnectionClosedError("closed during a write"));
    if (signal.aborted) return abandon();
    if (stream.writableEnded) {
      return reject(
        new Error("The receiver was told to write after the end of its answer: write first, then end it."),
      );
    }
    signal.addEventListener("abort", abandon, { once: true });
    stream.write(bytes, (cause) => {
      signal.removeEventListener("abort", abandon);
      if (cause) reject(new ConnectionClosedError("closed during a write", { cause }));
      else resolve();
    });
  });
}
