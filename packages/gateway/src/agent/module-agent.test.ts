import { writeFileSync } from "node:fs";
import { mkdtemp, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@jackfield/core";
import { expect, test } from "vitest";
import { openAgent } from "./open-agent.ts";
import { createContext, openTestAgent, question } from "./test-support.ts";

test("a module that exports agent answers", async () => {
  const files = { "agent.mjs": 'export const agent = ({ content }) => "You said: " + content;' };
  await using opened = await openTestAgent(files, { module: "./agent.mjs" });
  expect(await opened.ask()).toBe("You said: hello");
});

test.each([
  ["a file that is not there", {}, "there is no such file"],
  ["a file that is wrong", { "agent.mjs": "export const = 1" }, "it cannot be loaded"],
  [
    "a file without agent",
    { "agent.mjs": "export const answer = 1" },
    "no export named `agent` (it exports answer)",
  ],
  [
    "an agent that is no function",
    { "agent.mjs": "export const agent = 1" },
    "its export `agent` is no function",
  ],
])("%s is told in words", async (_name, files, words) => {
  await expect(openTestAgent(files, { module: "./agent.mjs" })).rejects.toMatchObject({
    code: "AGENT_INVALID",
    message: expect.stringContaining(words),
  });
});

test("a file that was mended is loaded anew, after one that could not be", async () => {
  const directory = await mkdtemp(join(tmpdir(), "jackfield-agent-"));
  const path = join(directory, "agent.mjs");
  const open = () =>
    openAgent({
      config: { module: "./agent.mjs" },
      directory,
      clock: systemClock,
      random: Math.random,
      onEvent: () => undefined,
    });
  writeFileSync(path, "export const = 1");
  await expect(open()).rejects.toMatchObject({ code: "AGENT_INVALID" });
  writeFileSync(path, 'export const agent = () => "mended";');
  await utimes(path, 1, 1);
  expect(await (await open()).run(question, createContext().context)).toBe("mended");
  await rm(directory, { recursive: true });
});
