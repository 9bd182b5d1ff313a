import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { type Clock, ListenerError, startTimer } from "@jackfield/core";

/** Where a server listens. */
export interface HttpAddress {
  readonly host: string;
  readonly port: number;
  /** `http://127.0.0.1:8787`. */
  readonly url: string;
}

export interface HttpOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** The most requests in hand at the same time; beyond it the answer is 503, at once. */
  readonly maxConcurrentRequests: number;
  /** How long requests that are under way may take to end, in milliseconds. */
  readonly drainTimeoutMs: number;
  readonly clock: Clock;
  readonly onListening: (address: HttpAddress) => void;
}

/** What slow clients are allowed; a client that is slower holds a socket and nothing else until then. In milliseconds. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 16_384,
};

/** Errors of listening that no restart mends, and what to do. */
const advice: Readonly<Record<string, string>> = {
  EADDRINUSE: "is taken by another process: end that one, or set gateway.port",
  EACCES: "needs rights that this process does not have: set gateway.port to 1024 or above",
  EADDRNOTAVAIL: "is no address of this machine: set gateway.host",
  ENOTFOUND: "is no address of this machine: set gateway.host",
};

/**
 * Serves HTTP until the signal is aborted; then requests that are under way may end within `drainTimeoutMs`.
 *
 * @throws ListenerError for an address that cannot be listened on
 */
export async function listenHttp(options: HttpOptions, signal: AbortSignal): Promise<void> {
  const { host, port, maxConcurrentRequests, drainTimeoutMs, clock, onListening } = options;
  const listener = getRequestListener(options.fetch, { overrideGlobalObjects: false });
  let inHand = 0;
  let isDraining = false;
  const server = createServer(limits, (request, response) => {
    if (isDraining) response.setHeader("connection", "close");
    if (inHand >= maxConcurrentRequests) {
      response.writeHead(503, { "retry-after": "1", connection: "close" }).end();
      return;
    }
    inHand++;
    response.once("close", () => inHand--);
    void listener(request, response);
  });
  const closed = new Promise<void>((resolve) => server.once("close", resolve));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
  // Without a listener an error of a connection that was just accepted would end the process.
  const failed = new Promise<never>((_resolve, reject) => server.on("error", reject));
  const address = server.address();
  const bound = typeof address === "object" && address ? address.port : port;
  onListening({ host, port: bound, url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}` });
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  try {
    await Promise.race([aborted, failed]);
  } finally {
    isDraining = true;
    server.close();
    server.closeIdleConnections();
    const stopTimer = startTimer(clock, drainTimeoutMs, () => server.closeAllConnections());
    await closed;
    stopTimer();
  }
}

function listenError(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const text = advice[code];
  return text === undefined ? error : new ListenerError(`${host}:${port} ${text}`, { cause: error });
}
