import { Socket } from "node:net";
import type { buildConnector } from "undici";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createPunctualConnector } from "./punctual-connector.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const target = { hostname: "receiver.example", protocol: "https:", port: "443" };

/** A connector that connects when it is told to, behind a punctual one of 100 ms. */
function connecting() {
  const slow = Promise.withResolvers<buildConnector.Callback>();
  const outcomes: Parameters<buildConnector.Callback>[] = [];
  const connect = createPunctualConnector((_target, callback) => slow.resolve(callback), 100);
  connect(target, (...outcome) => void outcomes.push(outcome));
  return { outcomes, connected: slow.promise };
}

test("a connection in time is handed on, and its timer is given back", async () => {
  const { outcomes, connected } = connecting();
  const socket = new Socket();
  (await connected)(null, socket);
  expect(outcomes).toEqual([[null, socket]]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a failure in time is handed on", async () => {
  const { outcomes, connected } = connecting();
  const failure = new Error("refused");
  (await connected)(failure, null);
  vi.advanceTimersByTime(1000);
  expect(outcomes).toEqual([[failure, null]]);
});

test("the wait is over after its time and not before", () => {
  const { outcomes } = connecting();
  vi.advanceTimersByTime(99);
  expect(outcomes).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(outcomes).toEqual([[expect.objectContaining({ code: "UND_ERR_CONNECT_TIMEOUT" }), null]]);
});

test("a connection that comes too late is closed", async () => {
  const { outcomes, connected } = connecting();
  vi.advanceTimersByTime(100);
  const socket = new Socket();
  (await connected)(null, socket);
  expect(socket.destroyed).toBe(true);
  expect(outcomes).toHaveLength(1);
});
