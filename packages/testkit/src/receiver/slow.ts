import type { Behaviour } from "./exchange.ts";
import { type BodyHead, startBody } from "./partial-body.ts";

/** Reads the request and never answers; the connection stays open until the client gives up. */
export function silence(): Behaviour {
  return () => undefined;
}

export interface DripOptions extends BodyHead {
  /** Length of the body; `Infinity` drips until the client gives up. */
  readonly bytes: number;
  /** The wait before each byte. */
  readonly intervalMs: number;
}

/**
 * The head at once, then the body byte by byte. Chunked without `contentLength`; with it, the body is complete when
 * `contentLength` equals `bytes`, and when it promises more, the connection stays open and silent after the last byte.
 */
export function drip({ bytes, intervalMs, ...head }: DripOptions): Behaviour {
  if (head.contentLength !== undefined && head.contentLength < bytes) {
    throw new RangeError(
      `A drip of ${bytes} bytes does not fit a contentLength of ${head.contentLength}: raise it, or leave it out for a chunked body.`,
    );
  }
  return async (exchange) => {
    startBody(exchange, head);
    for (let sent = 0; sent < bytes; sent += 1) {
      await exchange.sleep(intervalMs);
      await exchange.writeBody(oneByte);
    }
    if (head.contentLength === undefined || head.contentLength === bytes) exchange.response.end();
  };
}

export interface SlowHeadersOptions {
  /** Length of the value that drips; `Infinity`, the default, never ends the head. */
  readonly bytes?: number;
  /** The wait before each byte. */
  readonly intervalMs: number;
  /** Default: 200. */
  readonly status?: number;
}

/** The status line at once, then one header byte by byte; after the last of them an empty body, and the end. */
export function slowHeaders({ bytes = Infinity, intervalMs, status = 200 }: SlowHeadersOptions): Behaviour {
  return async ({ socket, sleep, writeRaw }) => {
    await writeRaw(`HTTP/1.1 ${status} Slow\r\nconnection: close\r\ncontent-length: 0\r\nx-drip: `);
    for (let sent = 0; sent < bytes; sent += 1) {
      await sleep(intervalMs);
      await writeRaw(oneByte);
    }
    socket.end("\r\n\r\n");
  };
}

const oneByte = Buffer.from(".");
