import { createReceiver, status } from "@jackfield/testkit";
import { expect, test } from "vitest";
import { startJackfield } from "./child.ts";
import { channelId, createFaultDeployment } from "./deployment.ts";
import { createGate } from "./gate.ts";
import { deliveriesIn } from "./stored.ts";

/** Between two looks of a process that stands by are 500 ms; the rest is for a busy machine. */
const takeoverMs = 2000;

test("a process that stands by takes over at once when the one that dispatches is killed", {
  timeout: 30_000,
}, async () => {
  await using receiver = await createReceiver({ script: [createGate().behaviour], afterScript: status(200) });
  using deployment = createFaultDeployment(receiver.url);
  await using first = startJackfield(["run"], { deployment, life: 1 });
  await first.said("dispatching");
  await using second = startJackfield(["run"], { deployment, life: 2 });
  await second.said("standing by");
  await startJackfield(["send", channelId, "Hello"], { deployment, life: 3 }).ended;
  const interrupted = await receiver.nextRequest();

  const killedAt = performance.now();
  first.signal("SIGKILL");
  const repeated = await receiver.nextRequest();
  const tookMs = performance.now() - killedAt;

  expect(interrupted.headers).toMatchObject({ "x-life": "1" });
  expect(repeated.headers).toMatchObject({
    "x-life": "2",
    "idempotency-key": interrupted.headers["idempotency-key"],
  });
  expect(tookMs).toBeLessThan(takeoverMs);
  second.signal("SIGTERM");
  expect(await second.ended).toEqual({ code: 0, signal: null });
  const [delivery] = (await deliveriesIn(deployment.storeFile)).values();
  expect(delivery).toMatchObject({ state: "delivered", attempts: [{ number: 1 }] });
});
