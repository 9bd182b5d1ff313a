import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { bodyOf, type ClientTarget, type CreateClient, requestHeaders } from "./clients/client.ts";
import { contenders } from "./contenders.ts";

// The comparison is fair only if all send the same request, and if those that are said to retry do.

interface Seen {
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Has the client send one message to a server that gives these answers, one after the other. */
async function sendOnce(
  name: string,
  statuses: readonly number[],
): Promise<{ seen: Seen[]; target: ClientTarget }> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const { method, headers } = request;
    seen.push({ method, headers, body: await text(request) });
    response
      .writeHead(statuses[seen.length - 1] ?? 200, { "content-type": "application/json" })
      .end('{"ok":true}');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const target = { url: `http://127.0.0.1:${port}/hook`, connections: 1, content: "hello", retryDelayMs: 1 };
  const { createClient } = (await import(`./clients/${name}.ts`)) as { createClient: CreateClient };
  const client = await createClient(target);
  try {
    await client.send();
  } finally {
    await client.close();
    server.closeAllConnections();
    server.close();
  }
  return { seen, target };
}

describe.each(contenders)("$name", ({ name, role }) => {
  test("sends the same request as the others, once", async () => {
    const { seen, target } = await sendOnce(name, [200]);
    expect(seen.map(({ method, body }) => ({ method, body }))).toEqual([
      { method: "POST", body: bodyOf(target) },
    ]);
    const names = Object.keys(requestHeaders);
    const headers = names.filter(
      (header) => seen[0]?.headers[header]?.length === requestHeaders[header]?.length,
    );
    expect(headers).toEqual(names);
  });

  // The yardstick and the bounds are there to show what sending costs without retries.
  test.skipIf(role === "yardstick" || role === "bound")("sends again after a 503", async () => {
    const { seen } = await sendOnce(name, [503, 200]);
    expect(seen).toHaveLength(2);
  });

  // Bare sockets do not look at the answer.
  test.skipIf(name === "raw-socket")("rejects what is refused for good", async () => {
    await expect(sendOnce(name, [400])).rejects.toThrow();
  });
});
