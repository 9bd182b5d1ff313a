import { expect, test } from "vitest";
import { allowedCores } from "./machine.ts";

test("the allowed cores are read as ranges and single numbers", () => {
  expect(allowedCores("Name:\tnode\nCpus_allowed:\t13\nCpus_allowed_list:\t0-1,4\n")).toEqual([0, 1, 4]);
});

test("a status without the list allows no core", () => {
  expect(allowedCores("Name:\tnode\n")).toEqual([]);
});
