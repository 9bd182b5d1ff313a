import { createManualClock } from "@jackfield/testkit";
import { expect, test } from "vitest";
import { LineLimit } from "./line-limit.ts";

function createLimit() {
  const clock = createManualClock();
  const told: (string | number)[] = [];
  const tell = (item: string | number) => void told.push(item);
  const limit = new LineLimit({ clock, linesPerSecond: 2, onLine: tell, onDropped: tell });
  return { clock, told, limit };
}

test("as many lines as a second bears are passed on, and the rest is told when it is over", async () => {
  const { clock, told, limit } = createLimit();
  for (const line of ["a", "b", "c", "d"]) limit.line(line);
  expect(told).toEqual(["a", "b"]);
  await clock.advance(1000);
  expect(told).toEqual(["a", "b", 2]);
  limit.line("e");
  expect(told).toEqual(["a", "b", 2, "e"]);
});

test("the end tells what is left at once, and leaves no timer behind", () => {
  const { clock, told, limit } = createLimit();
  for (const line of ["a", "b", "c"]) limit.line(line);
  limit.end();
  expect(told).toEqual(["a", "b", 1]);
  expect(clock.pending).toBe(0);
});

test("where nothing was left out, nothing is told", async () => {
  const { clock, told, limit } = createLimit();
  limit.line("a");
  await clock.advance(1000);
  limit.end();
  expect(told).toEqual(["a"]);
});
