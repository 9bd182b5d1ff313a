import type { Exchange } from "./exchange.ts";

/** The head of an answer whose body is written by hand. */
export interface BodyHead {
  /** Default: 200. */
  readonly status?: number;
  /** The length that the head promises, whatever follows; without it the body is chunked. */
  readonly contentLength?: number | undefined;
}

/** Sends the head at once; throws where HTTP has no body, because the bytes to come would be dropped in silence. */
export function startBody({ request, response }: Exchange, { status = 200, contentLength }: BodyHead): void {
  if (request.method === "HEAD" || status < 200 || status === 204 || status === 304) {
    throw new Error(
      `The receiver was told to send a body with status ${status} in answer to ${request.method}, and HTTP has none there. Use status() instead.`,
    );
  }
  response.writeHead(status, contentLength === undefined ? {} : { "content-length": contentLength });
  response.flushHeaders();
}
