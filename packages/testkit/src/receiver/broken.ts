import type { Behaviour, Exchange } from "./exchange.ts";
import { type BodyHead, startBody } from "./partial-body.ts";

/** Reads the request and resets the connection (RST) instead of answering. */
export function resetBeforeHeaders(): Behaviour {
  return ({ reset }) => reset();
}

export interface BrokenBodyOptions extends BodyHead {
  /** How much of the body is sent before the connection breaks. Default: 16. */
  readonly bytes?: number;
}

/** The head and a part of the body, then RST. */
export function resetInBody(options: BrokenBodyOptions = {}): Behaviour {
  const sendPart = partOfBody(options);
  return async (exchange) => {
    await sendPart(exchange);
    exchange.reset();
  };
}

/**
 * The head and a part of the body, then FIN: without `contentLength` the last chunk is missing, with it the rest of the
 * promised bytes.
 */
export function closeInBody(options: BrokenBodyOptions = {}): Behaviour {
  const sendPart = partOfBody(options);
  return async (exchange) => {
    await sendPart(exchange);
    exchange.socket.end();
  };
}

/** Something that is not HTTP, and the end of the connection. */
export function garbage(): Behaviour {
  return rawBytes("SSH-2.0-NotHTTP\r\n\u0000\u0001\u0002\r\n\r\n");
}

/** Exactly these bytes in place of an answer, and the end of the connection: for heads that no HTTP library would write. */
export function rawBytes(bytes: string | Uint8Array): Behaviour {
  return ({ socket }) => void socket.end(bytes);
}

function partOfBody({ bytes = 16, ...head }: BrokenBodyOptions): (exchange: Exchange) => Promise<void> {
  if (head.contentLength !== undefined && head.contentLength <= bytes) {
    throw new RangeError(
      `A body of ${bytes} bytes is not broken off with a contentLength of ${head.contentLength}: raise it above ${bytes}.`,
    );
  }
  return async (exchange) => {
    startBody(exchange, head);
    await exchange.writeBody(Buffer.alloc(bytes, "."));
  };
}
