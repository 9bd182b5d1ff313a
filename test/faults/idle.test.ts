import { createReceiver } from "@jackfield/testkit";
import { expect, test } from "vitest";
import { startDispatching, startJackfield } from "./child.ts";
import { channelId, createFaultDeployment } from "./deployment.ts";

test("a dispatcher with nothing to do stays, and sends what another process accepts later", {
  timeout: 30_000,
}, async () => {
  await using receiver = await createReceiver();
  using deployment = createFaultDeployment(receiver.url);
  // With so short a lease its last timer is over long before the message comes.
  await using dispatcher = startDispatching({ leaseMs: 30 }, { deployment, life: 1 });
  await dispatcher.said("dispatching");

  await startJackfield(["send", channelId, "Hello"], { deployment, life: 2 }).ended;

  const { headers } = await receiver.nextRequest();
  expect(headers).toMatchObject({ "x-life": "1" });
  dispatcher.signal("SIGTERM");
  expect(await dispatcher.ended).toEqual({ code: 0, signal: null });
});
