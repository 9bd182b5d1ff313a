import { createReceiver, status } from "@jackfield/testkit";
import { expect, test } from "vitest";
import { startDispatching, startJackfield } from "./child.ts";
import { channelId, createFaultDeployment, type FaultDeployment } from "./deployment.ts";
import { createGate } from "./gate.ts";
import { deliveriesIn } from "./stored.ts";

test("SIGTERM lets what is in flight finish, begins nothing more, and ends with 0", {
  timeout: 30_000,
}, async () => {
  const gate = createGate();
  await using receiver = await createReceiver({ afterScript: gate.behaviour });
  using deployment = createFaultDeployment(receiver.url, ["maxConcurrency = 2"]);
  await using running = startJackfield(["run"], { deployment, life: 1 });
  await running.said("dispatching");
  for (const life of [2, 3, 4]) await accept(deployment, life);
  await receiver.nextRequest();
  await receiver.nextRequest();

  running.signal("SIGTERM");
  // Accepted while the other process drains: stored, and left to the next one.
  await accept(deployment, 5);
  gate.open();

  expect(await running.ended).toEqual({ code: 0, signal: null });
  expect(receiver.requests).toHaveLength(2);
  const deliveries = [...(await deliveriesIn(deployment.storeFile)).values()];
  expect(deliveries.map(({ state, attempts }) => `${state} ${attempts.length}`).toSorted()).toEqual([
    "delivered 1",
    "delivered 1",
    "queued 0",
    "queued 0",
  ]);
});

test("what is still in flight at the end of the drain time is given back, and no attempt is spent", {
  timeout: 30_000,
}, async () => {
  await using receiver = await createReceiver({ script: [createGate().behaviour], afterScript: status(200) });
  using deployment = createFaultDeployment(receiver.url);
  await using dispatcher = startDispatching({ drainTimeoutMs: 50 }, { deployment, life: 1 });
  await dispatcher.said("dispatching");
  await accept(deployment, 2);
  await receiver.nextRequest();

  dispatcher.signal("SIGTERM");

  expect(await dispatcher.ended).toEqual({ code: 0, signal: null });
  const [given] = (await deliveriesIn(deployment.storeFile)).values();
  expect(given).toMatchObject({ state: "queued", attempts: [] });
  const next = startJackfield(["run", "--until-idle"], { deployment, life: 3 });
  expect(await next.ended).toEqual({ code: 0, signal: null });
  const ids = receiver.requests.map(({ headers }) => headers["idempotency-key"]);
  expect(ids).toEqual([given?.id, given?.id]);
});

async function accept(deployment: FaultDeployment, life: number): Promise<void> {
  const sender = startJackfield(["send", channelId, `message ${life}`], { deployment, life });
  expect(await sender.ended).toEqual({ code: 0, signal: null });
}
