import { request } from "undici";
import { expect, test } from "vitest";
import { closedPort } from "./closed-port.ts";
import { withAgent } from "./with-agent.ts";

test("a closed port refuses every connection", async () => {
  await using port = await closedPort();
  await using agent = withAgent();
  for (let i = 0; i < 3; i += 1) {
    await expect(request(port.url, { dispatcher: agent.dispatcher })).rejects.toMatchObject({
      code: "ECONNREFUSED",
    });
  }
});

test("closed ports held at once differ", async () => {
  await using first = await closedPort();
  await using second = await closedPort();
  expect(first.url).not.toBe(second.url);
});
