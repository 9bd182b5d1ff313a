import { expect, test } from "vitest";
import type { Exchange } from "./exchange.ts";
import { converse } from "./raw-client.ts";
import { createReceiver } from "./receiver.ts";

type Act = (exchange: Exchange) => Promise<void>;

/** Lets the receiver do this once, and closes it. */
async function afterActing(act: Act): Promise<void> {
  const receiver = await createReceiver({ script: [act] });
  await converse(receiver.url);
  await receiver.close();
}

const acts: [string, Act][] = [
  ["a body", (exchange) => exchange.writeBody(Buffer.from("late"))],
  ["raw bytes", (exchange) => exchange.writeRaw("late")],
  ["a wait", (exchange) => exchange.sleep(60_000)],
];

test.for(acts)("%s ends at once on a connection that is being closed", async ([, act]) => {
  let ended = 0;
  await afterActing(async (exchange) => {
    exchange.socket.destroy();
    await act(exchange).catch((error) => {
      ended += 1;
      throw error;
    });
  });
  expect(ended).toBe(1);
});

test.for(acts)("%s ends at once on a connection that is closed", async ([, act]) => {
  let ended = 0;
  await afterActing(async (exchange) => {
    exchange.socket.destroy();
    await new Promise((resolve) => exchange.signal.addEventListener("abort", resolve));
    await act(exchange).catch((error) => {
      ended += 1;
      throw error;
    });
  });
  expect(ended).toBe(1);
});

test("a body after the end of the answer is a mistake that close reports", async () => {
  const answer = afterActing(async (exchange) => {
    exchange.response.end();
    await exchange.writeBody(Buffer.from("late"));
  });
  await expect(answer).rejects.toThrow(
    "The receiver was told to write after the end of its answer: write first, then end it.",
  );
});

test("a failure of the sleep that was handed in is reported by close", async () => {
  const broken = new Error("the clock has stopped");
  const receiver = await createReceiver({
    script: [(exchange) => exchange.sleep(1)],
    sleep: () => Promise.reject(broken),
  });
  await converse(receiver.url);
  await expect(receiver.close()).rejects.toBe(broken);
});

test("an answered connection can still be reset while it idles", async () => {
  await using receiver = await createReceiver({
    script: [
      async ({ response, sleep, reset }) => {
        response.end("done");
        await sleep(1);
        reset();
      },
    ],
  });
  const keptAlive = "POST /hook HTTP/1.1\r\nhost: test\r\ncontent-length: 0\r\n\r\n";
  const { text, ending } = await converse(receiver.url, keptAlive);
  expect(text.endsWith("\r\n\r\ndone")).toBe(true);
  expect(ending).toBe("reset");
});
