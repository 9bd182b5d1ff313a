import { openChannel, send } from "@jackfield/core";
import { describeChannelContract } from "@jackfield/testkit";
import { expect, test, vi } from "vitest";
import { consoleChannel } from "./console-channel.ts";

/** Takes what is written to stderr instead of the terminal. */
function captureStderr() {
  const written: string[] = [];
  const spy = vi.spyOn(process.stderr, "write").mockImplementation((text, ...rest) => {
    written.push(String(text));
    const done = rest.find((argument) => typeof argument === "function");
    done?.();
    return true;
  });
  return { written, [Symbol.dispose]: () => spy.mockRestore() };
}

describeChannelContract({
  type: consoleChannel,
  remote: {
    async start() {
      const captured = captureStderr();
      return { config: {}, received: () => captured.written, close: async () => captured[Symbol.dispose]() };
    },
  },
});

test("escape sequences in a message do not reach the terminal", async () => {
  using captured = captureStderr();
  await send(await openChannel(consoleChannel, "here", {}), "red \u001b[31malert\u0007");
  expect(captured.written).toEqual(["[console.here] red \u{fffd}[31malert\u{fffd}\n"]);
});
