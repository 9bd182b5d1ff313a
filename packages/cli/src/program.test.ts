import type { Command } from "commander";
import { expect, test } from "vitest";
import { createProgram } from "./program.ts";

const lines: string[] = [];
const terminal = {
  out: (text: string) => void lines.push(...text.split("\n")),
  err: () => undefined,
  style: (_format: string, text: string) => text,
  styleOut: (_format: string, text: string) => text,
};

test("no line of any verb's help is wider than 100 columns, and each verb has a description", () => {
  const undescribed: string[] = [];
  const visit = (command: Command) => {
    if (command.name() !== "complete") {
      command.outputHelp();
      if (command.description() === "") undescribed.push(command.name());
    }
    for (const verb of command.commands) visit(verb);
  };

  visit(createProgram(terminal, () => undefined));

  expect(lines.filter((line) => line.length > 100)).toEqual([]);
  expect(undescribed).toEqual([]);
  expect(lines.filter((line) => line.startsWith("Usage: jackfield"))).toHaveLength(31);
});
