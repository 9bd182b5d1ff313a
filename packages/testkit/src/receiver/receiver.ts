import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleepFor } from "node:timers/promises";
import { status } from "./answers.ts";
import {
  type Behaviour,
  ConnectionClosedError,
  createExchange,
  type ReceivedRequest,
  type Sleep,
} from "./exchange.ts";
import { type LoopbackServer, listenOnLoopback } from "./loopback-server.ts";
import { createRequestLog } from "./request-log.ts";

/** What a receiver does; every field is optional. */
export interface ReceiverOptions {
  /** One behaviour a request, in the order in which the requests have arrived in full. */
  readonly script?: readonly Behaviour[];
  /** Answers every request that the script has no behaviour for. Default: `status(200)`. */
  readonly afterScript?: Behaviour;
  /** Serves HTTPS with this PEM pair; see `testCertificate`. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Called with each request before it is answered. What it throws comes back from `close()`. */
  readonly onRequest?: (request: ReceivedRequest) => void;
  /** Milliseconds since the Unix epoch, for `ReceivedRequest.at`. Default: `Date.now`. */
  readonly now?: () => number;
  /** How `delay`, `drip` and `slowHeaders` wait. Default: real time. */
  readonly sleep?: Sleep;
}

/** An HTTP server on 127.0.0.1 that misbehaves as told. */
export interface Receiver extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/hook`, or `https:`; every other path is answered alike. */
  readonly url: string;
  /** Every request that has arrived in full, oldest first; grows while the receiver is open. */
  readonly requests: readonly ReceivedRequest[];
  /** Sockets accepted so far. */
  readonly connections: number;
  /** Sockets open now. */
  readonly openSockets: number;
  /** Appends to the script. */
  respond(...behaviours: Behaviour[]): void;
  /**
   * The oldest request that no earlier call has taken; waits for it when there is none. Rejects with the reason of
   * `signal` when that is aborted, and with an Error when the receiver is closed.
   */
  nextRequest(options?: { readonly signal?: AbortSignal }): Promise<ReceivedRequest>;
  /**
   * Stops listening, destroys every socket and resolves when all behaviours have ended. Idempotent. Rejects with
   * what a behaviour or `onRequest` threw, as an AggregateError if there were several.
   */
  close(): Promise<void>;
}

/**
 * Starts a receiver on a free port. It never closes an idle connection and has no deadline of its own, so whatever
 * ends early was ended by the client or by a behaviour.
 *
 * @example
 * await using receiver = await createReceiver({ script: [status(503), retryAfter(429, 2)] });
 * await send(receiver.url);
 * expect(receiver.requests).toHaveLength(3);
 */
export async function createReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const { afterScript = status(200), tls, onRequest, now = Date.now, sleep = sleepInRealTime } = options;
  const script = [...(options.script ?? [])];
  const log = createRequestLog();
  const answering = new Set<Promise<void>>();
  const failures: unknown[] = [];

  const server = tls ? createTlsServer({ ...serverOptions, ...tls }) : createServer(serverOptions);
  const loopback = await listenOnLoopback(server);

  server.on("request", (message, response) => {
    const answered = answer(message, response)
      .catch((error) => {
        failures.push(error);
        message.socket.destroy();
      })
      .finally(() => answering.delete(answered));
    answering.add(answered);
  });

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const connection = loopback.connectionOf(message.socket);
    const body = await readBody(message);
    // The client has left, and nobody is there to misbehave to.
    if (connection === undefined || body === undefined) return;

    const request = describe(message, body, log.requests.length + 1, now());
    const behave = script.shift() ?? afterScript;
    log.add(request);
    onRequest?.(request);
    try {
      await behave(createExchange(request, response, message.socket, connection, sleep));
    } catch (error) {
      if (!(error instanceof ConnectionClosedError)) throw error;
    }
  }

  async function close(): Promise<void> {
    await loopback.close();
    await Promise.all(answering);
    log.close();
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1)
      throw new AggregateError(failures, `${failures.length} answers of the receiver failed`);
  }

  return {
    url: urlOf(loopback, tls ? "https" : "http"),
    requests: log.requests,
    get connections() {
      return loopback.connections;
    },
    get openSockets() {
      return loopback.openSockets;
    },
    respond: (...behaviours) => void script.push(...behaviours),
    nextRequest: log.next,
    close,
    [Symbol.asyncDispose]: close,
  };
}

const serverOptions = {
  maxHeaderSize: 4 * 1024 * 1024,
  headersTimeout: 0,
  requestTimeout: 0,
  keepAliveTimeout: 0,
} as const;

const sleepInRealTime: Sleep = (ms, signal) => sleepFor(ms, undefined, { signal });

/** Nothing when the client left before the end of its body. */
async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  try {
    return await buffer(message);
  } catch (error) {
    if (message.complete) throw error;
    return undefined;
  }
}

function describe(message: IncomingMessage, body: Buffer, number: number, at: number): ReceivedRequest {
  const headers: Record<string, string> = {};
  for (const [name, values] of Object.entries(message.headersDistinct)) {
    if (values) headers[name] = values.join(", ");
  }
  const { method = "", url: path = "", rawHeaders } = message;
  return { number, method, path, headers, rawHeaders, body, at };
}

function urlOf({ port }: LoopbackServer, scheme: "http" | "https"): string {
  return `${scheme}://127.0.0.1:${port}/hook`;
}
