import { setTimeout as sleep } from "node:timers/promises";
import { createReceiver } from "@jackfield/testkit";
import { expect, test } from "vitest";
import { startDispatching, startJackfield } from "./child.ts";
import { channelId, createFaultDeployment } from "./deployment.ts";
import { createGate } from "./gate.ts";
import { deliveriesIn } from "./stored.ts";

const leaseMs = 300;

test("a dispatcher that is stopped for longer than its lease goes on where it was, and sends nothing twice", {
  timeout: 30_000,
}, async () => {
  const gate = createGate();
  await using receiver = await createReceiver({ afterScript: gate.behaviour });
  using deployment = createFaultDeployment(receiver.url);
  await using dispatcher = startDispatching({ leaseMs }, { deployment, life: 1 });
  await dispatcher.said("dispatching");
  for (const life of [2, 3, 4]) {
    await startJackfield(["send", channelId, `message ${life}`], { deployment, life }).ended;
    await receiver.nextRequest();
  }

  dispatcher.signal("SIGSTOP");
  await using standby = startJackfield(["run"], { deployment, life: 5 });
  await standby.said("standing by");
  gate.open();
  // A process that is stopped has no clock that could be moved.
  await sleep(3 * leaseMs);
  dispatcher.signal("SIGCONT");
  await expect.poll(() => dispatcher.err.filter((line) => line === "attempt").length).toBe(3);
  dispatcher.signal("SIGTERM");

  expect(await dispatcher.ended).toEqual({ code: 0, signal: null });
  expect(dispatcher.err).not.toContain("fenced");
  standby.signal("SIGTERM");
  await standby.ended;
  expect(receiver.requests.map(({ headers }) => headers["x-life"])).toEqual(["1", "1", "1"]);
  const deliveries = [...(await deliveriesIn(deployment.storeFile)).values()];
  expect(deliveries.map(({ state, attempts }) => `${state} ${attempts.length}`)).toEqual([
    "delivered 1",
    "delivered 1",
    "delivered 1",
  ]);
});
