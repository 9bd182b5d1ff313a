/**
 * The raw bytes of a request's body; undefined where there are more than `maxBytes`, and then the rest is not read.
 *
 * A body whose length is announced is read at once: HTTP's parser sees to it that no more come. One that comes in chunks is counted.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  const announced = request.headers.get("content-length");
  if (announced !== null) {
    if (!(Number(announced) <= maxBytes)) return undefined;
    const bytes = new Uint8Array(await request.arrayBuffer());
    return bytes.length <= maxBytes ? bytes : undefined;
  }
  if (!request.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop cancels the stream.
  for await (const chunk of request.body) {
    length += chunk.length;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
