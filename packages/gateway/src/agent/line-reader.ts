import type { Readable } from "node:stream";

/**
 * Splits a stream into lines, at LF and nothing else, and holds at most one line of `maxBytes` in memory. The beginning of a longer one
 * is told, and the rest of it is thrown away.
 */
export function readLines(
  stream: Readable,
  maxBytes: number,
  { onLine, onTooLong }: { onLine(line: string): void; onTooLong(beginning: string): void },
): void {
  let parts: Buffer[] = [];
  let length = 0;
  let isSkipping = false;
  const end = () => {
    if (!isSkipping && length > 0) onLine(Buffer.concat(parts).toString());
    parts = [];
    length = 0;
    isSkipping = false;
  };
  stream.on("data", (chunk: Buffer) => {
    let from = 0;
    for (;;) {
      const newline = chunk.indexOf(0x0a, from);
      const part = chunk.subarray(from, newline === -1 ? chunk.length : newline);
      if (!isSkipping && length + part.length > maxBytes) {
        onTooLong(Buffer.concat([...parts, part.subarray(0, maxBytes - length)]).toString());
        parts = [];
        length = 0;
        isSkipping = true;
      } else if (!isSkipping) {
        parts.push(part);
        length += part.length;
      }
      if (newline === -1) return;
      end();
      from = newline + 1;
    }
  });
  stream.on("end", end);
  // Its process has ended, which is told by that.
  stream.on("error", () => undefined);
}
