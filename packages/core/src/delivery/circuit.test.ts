import { expect, test } from "vitest";
import { Circuit } from "./circuit.ts";

const open = { count: 0 };
const closed = { count: Number.POSITIVE_INFINITY };

function tripped(): Circuit {
  const circuit = new Circuit({ circuitFailures: 3, circuitResetMs: 1000 });
  for (let i = 0; i < 3; i++) circuit.record("network", 0);
  return circuit;
}

test("it opens with the last of so many failures in a row that are the endpoint's own", () => {
  const circuit = new Circuit({ circuitFailures: 3, circuitResetMs: 1000 });
  expect(["network", "timeout", "server_error"].map((kind) => circuit.record(kind as "network", 0))).toEqual([
    undefined,
    undefined,
    "opened",
  ]);
  expect(circuit.admits(0, 999)).toEqual({ ...open, inMs: 1 });
});

test("an answer that is not the endpoint's failure begins the count anew", () => {
  const circuit = new Circuit({ circuitFailures: 2, circuitResetMs: 1000 });
  circuit.record("network", 0);
  circuit.record("rejected", 0);
  circuit.record("network", 0);
  expect(circuit.admits(0, 0)).toEqual(closed);
});

test("what says nothing about the endpoint neither closes it nor begins the count anew", () => {
  const circuit = tripped();
  expect(circuit.record("blocked", 1000)).toBeUndefined();
  expect(circuit.record("unknown", 1000)).toBeUndefined();
  expect(circuit.admits(0, 500)).toEqual({ ...open, inMs: 500 });
});

test("one probe goes when the time has come, and none beside it", () => {
  const circuit = tripped();
  expect(circuit.admits(0, 1000)).toEqual({ count: 1 });
  expect(circuit.admits(1, 1000)).toEqual(open);
});

test("a probe that is answered closes it, one that fails opens it for as long again", () => {
  const circuit = tripped();
  expect(circuit.record("timeout", 1000)).toBeUndefined();
  expect(circuit.admits(0, 1999)).toEqual({ ...open, inMs: 1 });
  expect(circuit.record(undefined, 2000)).toBe("closed");
  expect(circuit.admits(0, 2000)).toEqual(closed);
});

test("0 never opens it", () => {
  const circuit = new Circuit({ circuitFailures: 0, circuitResetMs: 1000 });
  for (let i = 0; i < 100; i++) circuit.record("network", 0);
  expect(circuit.admits(0, 0)).toEqual(closed);
});
