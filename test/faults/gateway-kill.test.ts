import { expect, test } from "vitest";
import { type GatewayKill, runGatewayTrial } from "./gateway-trial.ts";

const timeout = 90_000;
const at = (point: GatewayKill["point"], ...times: readonly number[]) =>
  times.map((time): GatewayKill => ({ point, time }));

test("every message is answered exactly once when the gateway is killed around its commits", {
  timeout,
}, async () => {
  const kills = [...at("before-commit", 2, 3, 5), ...at("after-commit", 2, 3, 4)];
  const report = await runGatewayTrial({ kills, threads: 4, messagesPerThread: 12 });

  expect(report.problems).toEqual([]);
  expect(report.accepted).toBe(48);
  expect(report.kills).toBe(6);
});

test("every message is answered exactly once when the gateway is killed in a turn, and while it answers", {
  timeout,
}, async () => {
  const kills = [...at("in-turn", 1, 3), ...at("request-sent", 1), ...at("answer-begun", 2)];
  const report = await runGatewayTrial({ kills, threads: 4, messagesPerThread: 12 });

  expect(report.problems).toEqual([]);
  expect(report.accepted).toBe(48);
  expect(report.kills).toBe(4);
});
