import { createReceiver, delay, retryAfter, status } from "@jackfield/testkit";
import { expect, test } from "vitest";
import { startJackfield } from "./child.ts";
import { channelId, createFaultDeployment } from "./deployment.ts";
import type { KillAt } from "./kill-points.ts";
import { deliveriesIn } from "./stored.ts";

// What `npm start` does: a receiver that fails twice, one `send`, and a `run --until-idle`. The `send` is killed in the middle.
const fields = ["retryBaseDelayMs = 50"];
const struck: readonly (readonly [when: string, at: KillAt, requests: number])[] = [
  ["while the first request is unanswered", { point: "request-sent", time: 1 }, 4],
  ["with the first answer not recorded", { point: "answer-ended", time: 1 }, 4],
];

test.each(struck)(
  "a start that is killed %s is finished by the next one",
  { timeout: 30_000 },
  async (_, killAt, count) => {
    // The killed request takes the first answer with it, so that the message needs one more.
    await using receiver = await createReceiver({
      script: [delay(20, retryAfter(503, 0)), retryAfter(503, 0), status(500), status(200)],
    });
    using deployment = createFaultDeployment(receiver.url, fields);
    const sender = startJackfield(["send", channelId, "Hello"], { deployment, life: 1, killAt });
    expect(await sender.ended).toEqual({ code: null, signal: "SIGKILL" });

    const next = startJackfield(["run", "--until-idle"], { deployment, life: 2 });
    expect(await next.ended).toEqual({ code: 0, signal: null });

    const ids = receiver.requests.map(({ headers }) => headers["idempotency-key"]);
    expect(ids).toEqual(Array(count).fill(sender.out[0]));
    const [delivery] = (await deliveriesIn(deployment.storeFile)).values();
    expect(delivery).toMatchObject({ id: sender.out[0], state: "delivered" });
    expect(delivery?.attempts).toHaveLength(3);
  },
);

test("a start that is killed between two attempts is finished by the next one, with no request twice", {
  timeout: 30_000,
}, async () => {
  await using receiver = await createReceiver({ script: [retryAfter(503, 1), status(500), status(200)] });
  using deployment = createFaultDeployment(receiver.url, fields);
  const sender = startJackfield(["send", channelId, "Hello", "--wait"], { deployment, life: 1 });
  await sender.said("next attempt after");
  await expect.poll(() => attemptsIn(deployment.storeFile)).toBe(1);
  sender.signal("SIGKILL");
  await sender.ended;

  const next = startJackfield(["run", "--until-idle"], { deployment, life: 2 });
  expect(await next.ended).toEqual({ code: 0, signal: null });

  const ids = receiver.requests.map(({ headers }) => headers["idempotency-key"]);
  expect(ids).toEqual(Array(3).fill(sender.out[0]));
});

async function attemptsIn(storeFile: string): Promise<number> {
  const [delivery] = (await deliveriesIn(storeFile)).values();
  return delivery?.attempts.length ?? 0;
}
