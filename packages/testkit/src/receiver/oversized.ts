import { setImmediate as nextTurn } from "node:timers/promises";
import { status } from "./answers.ts";
import type { Behaviour } from "./exchange.ts";
import { gzipOfZeros } from "./gzip-of-zeros.ts";
import { startBody } from "./partial-body.ts";

/** A chunked body without end. It waits for the client to read, and stops when the connection closes. */
export function endlessBody(options: { readonly status?: number } = {}): Behaviour {
  const chunk = Buffer.alloc(64 * 1024, ".");
  return async (exchange) => {
    startBody(exchange, options);
    for (;;) {
      await exchange.writeBody(chunk);
      // Loopback takes a chunk at once; without this a fast reader would keep the receiver from all its other work.
      await nextTurn();
    }
  };
}

/**
 * A body of `megabytes` MiB of zeros with `content-encoding: gzip`: about a kilobyte on the wire for each of them. The
 * body is made here and not when the request comes, so that the answer is quick.
 */
export function gzipBomb(options: { readonly megabytes: number; readonly status?: number }): Behaviour {
  const body = gzipOfZeros(options.megabytes);
  return status(options.status ?? 200, { headers: { "content-encoding": "gzip" }, body });
}

/** A proper answer behind `bytes` bytes of header values, 1024 to a field. Default: 1 MiB. */
export function hugeHeaders(options: { readonly bytes?: number; readonly status?: number } = {}): Behaviour {
  const { bytes = 1024 * 1024 } = options;
  const values = Array<string>(Math.floor(bytes / 1024)).fill(".".repeat(1024));
  if (bytes % 1024 > 0) values.push(".".repeat(bytes % 1024));
  return status(options.status ?? 200, { headers: { "x-filler": values } });
}
