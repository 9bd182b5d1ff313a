import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readLines } from "./line-reader.ts";

/** The lines in a stream of these chunks; one that is too long is marked. */
async function linesOf(chunks: readonly Buffer[], maxBytes: number): Promise<string[]> {
  const lines: string[] = [];
  const stream = Readable.from(chunks, { objectMode: false });
  readLines(stream, maxBytes, {
    onLine: (line) => lines.push(line),
    onTooLong: (beginning) => lines.push(`${beginning}…`),
  });
  await finished(stream);
  return lines;
}

test("lines are the same, however they are cut into chunks", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ minLength: 1, unit: "binary" }).map((line) => line.replaceAll("\n", "\u2028"))),
      fc.integer({ min: 1, max: 7 }),
      async (lines, size) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );
        expect(await linesOf(chunks, 1000)).toEqual(lines.map((line) => Buffer.from(line).toString()));
      },
    ),
    { numRuns: 50 },
  );
});

test("a line over the limit is told by its beginning, once, and the next one is whole", async () => {
  const chunks = ["12", "34567", "89\n", "abc\n12345", "\n"].map((text) => Buffer.from(text));
  expect(await linesOf(chunks, 4)).toEqual(["1234…", "abc", "1234…"]);
});

test("a line of exactly the limit is whole, and so is a last one without an end", async () => {
  expect(await linesOf([Buffer.from("1234\nab")], 4)).toEqual(["1234", "ab"]);
});
